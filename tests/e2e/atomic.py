"""A deployment that fails goes back by itself: of a first install only the data stays, else the last good revision."""
from orchestrator import BROKER, INSTALL, NAME, UPGRADE, VALUES, broker, pods, purged
from world import check

# Long enough for the broker to make its volume, and for the way back.
PATIENCE = ['--timeout', '30s']
IMAGE = ['--set', 'image.repository=nope']
NO_IMAGE = f'`Deployment/{NAME}` is not ready: image `nope:1.0` of container `{NAME}` can\'t be pulled: ' \
           'there is no such image or tag'
NEVER = ['--set-json', 'readinessProbe={"exec": {"command": ["test", "-e", "/nowhere"]}, "periodSeconds": 1}']
NOT_READY = f'`Deployment/{NAME}` is not ready: container `{NAME}` runs but does not pass its readiness probe'


def atomic(world):
    """after a failure the last good revision is in force again; of a first install the data stay for the retry"""
    failed(world, [*INSTALL, '--create-namespace', '--rollback-on-failure', *IMAGE], NO_IMAGE)
    check(world.names('deployments,statefulsets,pods,services') == [], 'the workloads are gone', world.names('all'))
    claims, login = world.uids('pvc'), world.secret(BROKER)
    check(len(claims) == 2 and login.keys() == {'username', 'password'}, 'both claims and the login stay', claims)
    check(f'kchart.{NAME}.ledger' in world.names('secrets'), 'the ledger stays', world.names('secrets'))

    world.kchart('deploy', NAME, *VALUES, '--timeout', '3m')
    check(world.uids('pvc') == claims, 'with the mistake mended, deploy uses the claims again', world.uids('pvc'))
    check(world.secret(BROKER) == login, 'and the login')
    broker(world).holds(0)
    broker(world).put(5)

    runs = world.uids('pods')[f'{BROKER}-0']
    for command, mistake, why in ((UPGRADE + ['--rollback-on-failure'], IMAGE, NO_IMAGE),
                                  (['deploy', NAME, *VALUES], NEVER, NOT_READY)):
        before = world.revisions(NAME)
        failed(world, [*command, *mistake], why)
        good, bad, back = world.revisions(NAME)[-3:]
        check([one['status'] for one in (good, bad, back)] == ['superseded', 'failed', 'deployed']
              and good['revision'] == before[-1]['revision'], 'the last good revision is in force again', back)
        world.kchart('diff', NAME, *VALUES, '--detailed-exitcode')
        check(len(pods(world)) == 1, 'the service runs', world.names('pods'))
    check(world.uids('pods')[f'{BROKER}-0'] == runs, 'nobody touched the broker')
    check((world.uids('pvc'), world.secret(BROKER)) == (claims, login), 'claims and login are the same')
    broker(world).holds(5)
    purged(world)


def failed(world, command, why):
    """It says why, and who asks later is told the same, with what was seen."""
    _, err = world.kchart(*command, *PATIENCE, expect=4)
    check(any(line.startswith(f'error: {why}') for line in err.splitlines()), f'the error names the root: {why}', err)
    out, _ = world.kchart('status', NAME)
    check(why in out and f'Pod/{NAME}-' in out, 'status shows it afterwards, with the Pods that were seen', out)
