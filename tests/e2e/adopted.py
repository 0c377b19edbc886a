"""`kchart volumes`, typed as it says itself: a volume whose claim and Secret somebody deleted is brought back."""
import os
import re
import shlex

from world import check

RETAIN = ('--set', 'persistence.storageClass=standard-retain')


def adopted(world, service):
    """a volume whose claim and Secret were deleted comes back with `volumes adopt`; `volumes purge` takes what it names"""
    service.install(*RETAIN, '--create-namespace')
    service.fill()
    (user, old), volume = service.login(), one_volume(world)
    out, _ = world.kchart('volumes')
    check(f'in use by {service.pod}' in out and volume in out, 'the list says what mounts it', out)
    _, err = world.kchart('volumes', 'purge', service.claim, expect=5)
    check(f'`{service.pod}` mounts it' in err and '--purge-volumes' in err, 'what is in use is not destroyed by name', err)

    service.uninstall()
    out, _ = world.kchart('volumes', 'explain', service.claim)
    check('used again' in out and f'opens `{service.claim}`' in out, 'explain says what an install would do', out)
    world.kubectl('delete', 'pvc', service.claim)
    world.kubectl('delete', 'secret', service.secret)
    world.wait('the volume is Released', lambda: world.volumes() == {volume: 'Released'})
    out, _ = world.kchart('volumes')
    adopt = commands(out, f'volumes adopt pv/{volume}')
    check(len(adopt) == 1 and commands(out, f'volumes purge pv/{volume}'), 'the list says how it comes back, or goes', out)

    adopt = adopt[0]
    _, err = world.kchart(*adopt, expect=5)
    check(f'--credential-from-file {service.secret}/password=FILE' in err, 'without what opens it, it is refused', err)
    bring_back(world, service, adopt, user, old)
    check(one_volume(world) == volume, 'on the same volume')
    service.holds(5)

    service.uninstall()
    out, _ = world.kchart('volumes', 'purge', service.claim, '--dry-run')
    check('switched to Delete, then erased' in out and world.volumes() == {volume: 'Bound'}, 'its fate is told before', out)
    world.kchart('volumes', 'purge', service.claim)
    check(world.names('pvc,secrets') == [] and world.volumes() == {} and world.folders() == [],
          'purged by its name: no claim, no Secret, no volume and no folder', world.names('pvc,secrets'))


def bring_back(world, service, adopt, user, password):
    """Adopts the volume, with a mistake at first where that does not take long, and installs."""
    if service.chart == 'rabbitmq':
        adopting(world, service, adopt, user, password)
        service.install(*RETAIN)
        return
    _, err = adopting(world, service, adopt, user, 'a-guess')
    check('nothing tells whether `password`' in err and 'a-guess' not in err, 'that nobody knows if it is right is said', err)
    _, err = service.install(*RETAIN, timeout=service.patience, expect=4)
    check(f'is not what volume claim `{service.claim}` was initialised with' in err and 'a-guess' not in err,
          'a wrong password is explained as what it is', err)
    service.install(*RETAIN, '--set', f'auth.password={password}')
    service.refused('once one has logged in, another one', ('was initialised with another `password`',),
                    'upgrade', service.release, service.chart, *RETAIN, '--set', 'auth.password=a-guess')


def adopting(world, service, adopt, user, password):
    """The command that was printed, with files that hold the login."""
    files = []
    for key, value in (('username', user), ('password', password)):
        path = f'{world.rig.folder}/{world.name}-{key}'
        with open(path, 'w', opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(value + '\n')
        files += ['--credential-from-file', f'{service.secret}/{key}={path}']
    out, err = world.kchart(*adopt, *files)
    check(service.claim in world.names('pvc') and service.secret in world.names('secrets'),
          'adopt makes the claim and its Secret', out)
    return out, out + err


def one_volume(world):
    volumes = world.volumes()
    check(list(volumes.values()) == ['Bound'], 'one volume, bound', volumes)
    return list(volumes)[0]


def commands(told, start):
    """Commands in a text that begin so, as they are to be typed."""
    found = re.findall(rf'kchart ({re.escape(start)}[^`\n]*)', told)
    return [shlex.split(line) for line in found]
