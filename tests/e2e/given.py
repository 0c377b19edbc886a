"""Rows of the decision table with a password that is given: the same, another one, lost; and a set that is renamed."""
from world import check

FIRST = ('--set', 'auth.password=first-password')
SECOND = ('--set', 'auth.password=second-password')
RENAMED = ('--set', 'extra.metadata.name=renamed')


def given(world, service):
    """a given password and its volume stay together; a renamed set does not begin anew without being asked to"""
    service.install(*FIRST, '--create-namespace')
    service.fill()
    login, claims = world.secret(service.secret), world.uids('pvc')
    refused(service, 'upgrade', SECOND)
    service.refused('another major version', ('does not start on it',), 'upgrade', service.release, service.chart, *FIRST,
                    '--set', f'image.tag={service.other_major}')
    renamed(world, service)

    service.uninstall()
    refused(service, 'install', SECOND)
    service.install(*FIRST)
    same(world, service, login, claims, 'the same password given again')

    service.uninstall()
    world.kubectl('delete', 'secret', service.secret)
    service.refused('a lost Secret', ('which the cluster no longer has',), 'install', service.release, service.chart)
    refused(service, 'install', SECOND)
    service.install(*FIRST)
    same(world, service, login, claims, 'its Secret was deleted, and the old password is given')
    rotate = ('upgrade', service.release, service.chart, *SECOND, '--rotate-credentials', '--timeout', '3m')
    _, err = world.kchart(*rotate, expect=5)
    check('data-renamed-0' in err, 'a rotation that would lock the volume of the renamed set is refused', err)
    world.kchart('volumes', 'purge', 'data-renamed-0')
    world.kchart(*rotate)
    check(service.lets_in(service.login('second-password')) and not service.lets_in(service.login('first-password')),
          'another one, changed inside the service too as the refusal says: the new password logs in, the old one does not')
    service.holds(5)
    purged(world, service)


def refused(service, verb, password):
    service.refused(f'{verb} with another password', (f'another `password` of Secret `{service.secret}`',),
                    verb, service.release, service.chart, *password)


def renamed(world, service):
    """A set of another name makes claims of another name: empty ones."""
    words = ('data-renamed-0', '--accept-new-volume', service.claim)
    service.refused('a renamed set', words, 'upgrade', service.release, service.chart, *FIRST, *RENAMED)
    out, err = world.kchart('diff', service.release, service.chart, *FIRST, *RENAMED, expect=5)
    check(all(word in out + err for word in words), 'the diff shows it', out + err)
    service.upgrade(*FIRST, *RENAMED, '--accept-new-volume')
    check(world.names('statefulsets') == ['renamed'], 'with the flag, the set has its new name')
    service.holds(0)
    out, _ = world.kchart('volumes')
    check(service.claim in out and 'data-renamed-0' in out, 'both claims are listed', out)
    service.upgrade(*FIRST)
    service.holds(5)


def same(world, service, login, claims, when):
    check(world.secret(service.secret) == login and claims.items() <= world.uids('pvc').items(),
          f'{when}: the same login on the same claim')
    service.holds(5)


def purged(world, service):
    service.uninstall('--purge-volumes')
    check(world.names('pvc,secrets') == [] and world.volumes() == {} and world.folders() == [],
          'a purge leaves no claim, no Secret, no volume and no folder')
