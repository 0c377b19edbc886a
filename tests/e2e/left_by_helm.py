"""The row of the decision table that users of Helm know: `helm uninstall` left the claim and took the Secret."""
from world import HERE, check

CHART = f'{HERE}/charts/left-by-helm'


def left_by_helm(world, service):
    """what `helm uninstall` left is never opened with a new password, and comes back with the old one"""
    world.helm('install', service.release, CHART, '-f', f'{CHART}/{service.chart}.yaml', '--create-namespace', '--wait',
               '--timeout', '3m')
    service.fill()
    old, claims = service.login()[1], world.uids('pvc')
    world.helm('uninstall', service.release, '--wait')
    world.wait('its Pod is gone', lambda: world.names('pods') == [])
    check(world.uids('pvc') == claims and world.names('secrets,statefulsets') == [],
          'helm uninstall leaves the claim, and nothing that opens it', world.names('secrets,statefulsets'))
    out, _ = world.kchart('volumes')
    check(f'claim `{service.claim}` is of no release' in out, 'it is listed as what nobody has', out)

    install = ('install', service.release, service.chart)
    right, wrong = (f'auth.password={password}' for password in (old, 'a-guess'))
    service.refused('a generated password', ('would be generated', '--adopt-volumes'), *install)
    service.refused('a generated password, even with the flag', ('would be generated',), *install, '--adopt-volumes')
    service.refused('a given one without the flag', ('--adopt-volumes',), *install, '--set', right)

    _, err = service.install('--adopt-volumes', '--set', wrong, timeout=service.patience, expect=4)
    check(f'is not what volume claim `{service.claim}` was initialised with' in err and 'a-guess' not in err,
          'a wrong password is explained as what it is', err)
    check(world.uids('pvc') == claims, 'and nothing is lost')
    service.install('--adopt-volumes', '--set', right)
    check(world.uids('pvc') == claims, 'with the right one it works, on the same claim')
    service.holds(5)
    service.refused('another password, now that one is known to open it', ('was initialised with another `password`',),
                    'upgrade', *install[1:], '--set', wrong)
    service.uninstall()
    service.install('--set', right)
    service.holds(5)
    service.uninstall('--purge-volumes')
    check(world.names('pvc,secrets') == [] and world.volumes() == {} and world.folders() == [],
          'a purge leaves no claim, no Secret, no volume and no folder')
