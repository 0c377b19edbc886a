"""A release that has its database in another namespace than its own records."""
from services import Database
from world import Namespace, check

INSTALL = ('install', 'db', '--manifest', '-', '--timeout', '3m')


def elsewhere(world):
    """the volume and the password of a release stay together in another namespace, too"""
    beside = Namespace(world.rig, world.binary, f'{world.name}-data')
    world.kubectl('create', 'namespace', beside.name)
    database = Database(beside)
    world.kchart(*INSTALL, '--create-namespace', stdin=manifest(world, beside, 'first-password'))
    database.fill()
    login, claims = beside.secret(database.secret), beside.uids('pvc')

    world.kchart('uninstall', 'db')
    out, _ = beside.kchart('volumes')
    check(f'{world.name}/db' in out and f'{database.secret}/password' in out and 'spent' not in out and 'lost' not in out,
          'after an uninstall, the volume is listed where it is, with whose it is and what opens it', out)
    _, err = world.kchart(*INSTALL, expect=5, stdin=manifest(world, beside, 'second-password'))
    check(database.claim in err and f'another `password` of Secret `{database.secret}`' in err,
          'another password is refused', err)
    world.kchart(*INSTALL, stdin=manifest(world, beside, 'first-password'))
    check((beside.secret(database.secret), beside.uids('pvc')) == (login, claims), 'the same login on the same claim')
    database.holds(5)

    world.kchart('uninstall', 'db', '--purge-volumes')
    check(beside.names('pvc,secrets') == [] and beside.volumes() == {} and beside.folders() == [],
          'a purge leaves no claim, no Secret, no volume and no folder')
    world.kubectl('delete', 'namespace', beside.name)


def manifest(world, beside, password):
    """The bundled chart, rendered for another namespace than that of its release."""
    out, _ = world.kchart('template', 'db', 'postgresql', '--set', f'auth.password={password}')
    return out.replace(f'namespace: {world.name}\n', f'namespace: {beside.name}\n')
