"""A revision comes back as it was, and the data stays as it is."""
import json
import signal
import threading

from gate import Dropped, Gate
from orchestrator import BROKER, BROKERS_CLAIM, INSTALL, NAME, UPGRADE, VALUES, broker, purged
from survival import start
from world import check

# What the second and the third revision have that the first has not.
SECOND = ['--set', 'extraEnv.LOG_LEVEL=debug,replicas=2']
THIRD = [*SECOND, '--set', 'files.greeting=hello,persistence.size=2Gi']
# Claims do not become smaller: who goes on from the values of the first revision has to say so.
GROWN = ['--set', 'persistence.size=2Gi']


def rollback(world):
    """rollback brings back what was deployed, also when it is killed on the way; data, sizes and logins stay"""
    world.kubectl('create', 'namespace', world.name)
    world.wait('the namespace is complete', lambda: 'kube-root-ca.crt' in world.names('configmaps'))
    empty = everything(world)
    world.kchart(*INSTALL)
    unchanged(world)
    broker(world).put(5)
    login, claims = world.secret(BROKER), world.uids('pvc')
    first = deployed(world)
    world.kchart(*UPGRADE, *SECOND)
    second = deployed(world)
    world.kchart(*UPGRADE, *THIRD)
    third = deployed(world)
    check(first != second != third, 'each upgrade changes the service', third)
    check(sizes(world)[NAME] == '2Gi', 'the claim of the service has grown', sizes(world))

    world.kchart('rollback', NAME)
    check(deployed(world) == second, 'rollback goes back by one revision', deployed(world))
    unchanged(world, *SECOND, *GROWN)
    killed(world, 'rollback', NAME, '1')
    world.kchart('rollback', NAME, '1')
    check(deployed(world) == first, 'a rollback that was killed is finished by the next one', deployed(world))
    unchanged(world, *GROWN)
    out, _ = world.kchart('rollback', NAME, '1', '-o', 'json')
    check(json.loads(out)['outcome'] == 'unchanged', 'nothing is left to go back to', out)
    history = [(one['revision'], one['status']) for one in world.revisions(NAME)]
    check(history == [(1, 'superseded'), (2, 'superseded'), (3, 'superseded'), (4, 'superseded'), (5, 'failed'),
                      (6, 'deployed')], 'the history tells all of it', history)

    check(sizes(world) == {NAME: '2Gi', BROKERS_CLAIM: '2Gi'}, 'claims keep their size', sizes(world))
    check((world.uids('pvc'), world.secret(BROKER)) == (claims, login), 'claims and login are the same')
    broker(world).holds(5)
    purged(world)
    world.wait('the namespace has the objects that it had before the install', lambda: everything(world) == empty)
    check(True, 'after a purge the namespace has the objects that it had before the install, of whatever kind')


def unchanged(world, *flags):
    world.kchart('diff', NAME, *VALUES, *flags, '--detailed-exitcode')
    check(True, 'diff has nothing to tell')


def deployed(world):
    """What of the service the revisions differ in."""
    spec = world.get('deployment', NAME)['spec']
    environment = {one['name']: one.get('value') for one in spec['template']['spec']['containers'][0]['env']}
    return {'replicas': spec['replicas'], 'level': environment['LOG_LEVEL'],
            'files': NAME in world.names('configmaps')}


def sizes(world):
    return {claim['metadata']['name']: claim['status']['capacity']['storage'] for claim in world.items('pvc')}


def killed(world, *args):
    """Kills it when it is about to write to the service."""
    begun = threading.Event()

    def die(_, method, path):
        begun.wait()
        if method == 'PATCH' and path.split('?')[0].endswith(f'/deployments/{NAME}'):
            run.kill()
            run.wait()
            raise Dropped
    with Gate(world.rig.kubeconfig(), die) as gate:
        run = start(world, args, gate.kubeconfig)
        begun.set()
        run.communicate(timeout=60)
    check(run.returncode == -signal.SIGKILL, f'kchart {" ".join(args)} is killed in the middle', run.returncode)


def everything(world):
    """Kind and name of all that is in the namespace; events, which tell of the past, aside."""
    kinds = world.kubectl('api-resources', '--namespaced', '--verbs=list', '-o', 'name').split()
    listed = world.kubectl('get', ','.join(kind for kind in kinds if not kind.startswith('events')), '-o', 'name')
    return sorted(listed.split())
