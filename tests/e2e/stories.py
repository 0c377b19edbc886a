"""The stories. Each sentence is a check; the first that is not true ends the run."""
import json

import autoscaler
import causes
import database
import rotation
import survival
from world import check

VALUES = ['-f', 'values.example.yaml']
# The rig's own broker and images start fast; the defaults of the chart are for real nodes.
INSTALL = ['install', 'orchestrator', *VALUES, '--timeout', '3m']


def origin(world):
    """what kchart is for: the volume and its password stay together"""
    world.kchart(*INSTALL, '--create-namespace')
    check(world.uids('statefulsets').keys() == {'orchestrator-rabbitmq'}, 'the broker is there')
    first = world.secret('orchestrator-rabbitmq')
    received(world)
    world.publish(5, **BROKER)
    check(world.messages(**BROKER) == 5, 'five persistent messages stay in a queue')
    claims = world.uids('pvc')

    out, err = world.kchart('uninstall', 'orchestrator')
    check(world.names('pods') == [], 'uninstall takes the Pods away')
    check(world.uids('pvc') == claims, 'uninstall keeps the claims', world.uids('pvc'))
    check(world.secret('orchestrator-rabbitmq') == first, 'uninstall keeps the credentials')
    check('data-orchestrator-rabbitmq-0' in out + err and '--purge-volumes' in out + err,
          'uninstall says what it kept, and how to remove it', out + err)

    world.kchart(*INSTALL)
    check(world.uids('pvc') == claims, 'install again finds the claims')
    check(world.secret('orchestrator-rabbitmq') == first, 'install again finds the credentials')
    check(world.messages(**BROKER) == 5, 'login works, five messages')
    received(world)

    broker, service = world.uids('pods')['orchestrator-rabbitmq-0'], pods(world, 'orchestrator')
    world.kchart('upgrade', 'orchestrator', 'orchestrator', *VALUES, '--set', 'extraEnv.LOG_LEVEL=debug')
    check(world.uids('pods')['orchestrator-rabbitmq-0'] == broker, 'an upgrade of the service leaves the broker alone')
    check(not pods(world, 'orchestrator') & service, 'an upgrade of its environment restarts the service')

    world.kchart('uninstall', '--purge-volumes')
    nothing_left(world)

    world.kchart(*INSTALL)
    check(world.messages(**BROKER) == 0, 'after a purge, login works, no messages')
    check(world.secret('orchestrator-rabbitmq') != first, 'after a purge, the credentials are new')
    world.kchart('uninstall', '--purge-volumes')
    nothing_left(world)


def retain(world):
    """the same with volumes that outlive their claims"""
    kept = [*INSTALL, '--set', 'rabbitmq.persistence.storageClass=standard-retain']
    world.kchart(*kept, '--create-namespace')
    world.publish(5, **BROKER)
    world.kchart('uninstall', 'orchestrator')
    world.kchart(*kept)
    check(world.messages(**BROKER) == 5, 'login works, five messages')
    world.kchart('uninstall', '--purge-volumes')
    nothing_left(world)
    world.kchart(*kept)
    check(world.messages(**BROKER) == 0, 'after a purge, login works, no messages')

    # Somebody deletes the claim by hand: its volume is Released, and only the ledger knows whose it was.
    world.kchart('uninstall', 'orchestrator')
    world.kubectl('delete', 'pvc', 'data-orchestrator-rabbitmq-0')
    world.wait('the volume is Released', lambda: 'Released' in world.volumes().values())
    world.kchart(*kept)
    check(world.messages(**BROKER) == 0, 'a new claim gets a new volume')
    world.kchart('uninstall', '--purge-volumes')
    nothing_left(world)


def lost_secret(world):
    """a volume whose password is gone is never opened with a new one"""
    world.kchart(*INSTALL, '--create-namespace')
    password = world.secret('orchestrator-rabbitmq')['password']
    world.publish(5, **BROKER)
    world.kchart('uninstall', 'orchestrator')
    world.kubectl('delete', 'secret', 'orchestrator-rabbitmq')
    before = json.loads(world.kubectl('get', 'all,secrets,pvc', '-o', 'json'))
    out, err = world.kchart(*INSTALL, expect=5)
    check('data-orchestrator-rabbitmq-0' in err and '--purge-volumes' in err,
          'install refuses, names the volume and says what to choose from', err)
    after = json.loads(world.kubectl('get', 'all,secrets,pvc', '-o', 'json'))
    check(before['items'] == after['items'], 'a refusal changes nothing')
    world.kchart(*INSTALL, '--set', f'rabbitmq.auth.password={password}')
    check(world.messages(**BROKER) == 5, 'with the old password given, login works, five messages')
    world.kchart('uninstall', '--purge-volumes')
    nothing_left(world)


def developer(world):
    """all of it with the rights of a namespace's edit role"""
    world.kchart(*INSTALL)
    world.publish(1, **BROKER)
    world.kchart('uninstall', 'orchestrator')
    world.kchart(*INSTALL)
    check(world.messages(**BROKER) == 1, 'login works, one message')
    out, err = world.kchart('uninstall', '--purge-volumes')
    check(world.names('pvc') == [], 'the claims are gone')
    check('persistentvolumes' in (out + err).lower(), 'what could not be verified is said', out + err)


def rendered(world):
    """what kubectl reads of a rendered manifest is what kchart meant"""
    world.kubectl('create', 'namespace', world.name)
    strings = {'YES': 'yes', 'ZERO': '0123', 'EXP': '1e3', 'ON': 'on', 'TIME': '12:30', 'HUGE': '9007199254740993',
               'EVIL': 'x"\n  injected: true # '}
    values = {'image': {'repository': 'orchestrator'}, 'extraEnv': strings}
    out, _ = world.kchart('template', 'orchestrator', *VALUES, '--set-json', json.dumps(values),
                          '--set', 'image.tag=1.10')
    world.kubectl('apply', '--dry-run=server', '-f', '-', stdin=out)
    check(True, 'the API server takes every document')
    items = json.loads(world.kubectl('apply', '--dry-run=client', '-o', 'json', '-f', '-', stdin=out))['items']
    deployment = next(item for item in items if item['kind'] == 'Deployment')
    container = deployment['spec']['template']['spec']['containers'][0]
    read = {item['name']: item.get('value') for item in container['env']}
    for name, text in strings.items():
        check(read[name] == text, f'{text!r} stays that string', read[name])
    check(container['image'] == 'orchestrator:1.10', 'tag: 1.10 gives :1.10', container['image'])
    check(read['RABBITMQ_PORT'] == '5672', 'a port in the environment is the string "5672"')


def conformance(world):
    """this server and the sandbox give the answers that the scripts of tests/fixtures/conformance hold"""
    out = world.cargo('test', '--quiet', '--test', 'suite', 'conformance::', KCHART_REAL=world.rig.kubeconfig())
    check(' passed' in out and '0 failed' in out, 'both answer as it is written', out)


# ---- sentences that several stories share

BROKER = {'secret': 'orchestrator-rabbitmq', 'service': 'orchestrator-rabbitmq'}


def pods(world, name):
    return {uid for pod, uid in world.uids('pods').items()
            if pod.startswith(name + '-') and not pod.startswith('orchestrator-rabbitmq')}


def received(world):
    """The consumer, which is the orchestrator itself, gets what a producer sends; both log in as the Secret says."""
    def login(variable, key):
        return {'name': variable, 'valueFrom': {'secretKeyRef': {'name': BROKER['secret'], 'key': key}}}
    world.kubectl('apply', '-f', '-', stdin=json.dumps({
        'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'producer'}, 'spec': {
            'restartPolicy': 'Never', 'enableServiceLinks': False, 'containers': [{
                'name': 'producer', 'image': 'orchestrator:1.0',
                'command': ['python', '-u', 'orchestrator.py', 'produce', '3'],
                'env': [{'name': 'RABBITMQ_HOST', 'value': BROKER['service']},
                        login('RABBITMQ_USER', 'username'), login('RABBITMQ_PASSWORD', 'password')]}]}}))
    world.wait('the producer has sent its jobs',
               lambda: world.get('pod', 'producer')['status']['phase'] == 'Succeeded')
    world.wait('the consumer has received them', lambda: all(
        f'received: job {number}' in world.kubectl('logs', 'deployment/orchestrator') for number in (1, 2, 3)))
    world.kubectl('delete', 'pod', 'producer')
    check(True, 'the consumer receives what the producer sent, with credentials from the Secret')


def nothing_left(world):
    """Nothing of the release is in the namespace, on the cluster or on the node's disk."""
    check(world.names('pvc') == [], 'no claim')
    check(world.volumes() == {}, 'no volume', world.volumes())
    check(world.names('secrets') == [], 'no Secret', world.names('secrets'))
    check(world.folders() == [], "no folder of the volume", world.folders())
    check(world.names('all') == [], 'nothing else', world.names('all'))


# name: story, user ('' is the administrator), namespace (its own if '')
ALL = {
    'origin': (origin, '', ''),
    'retain': (retain, '', ''),
    'lost-secret': (lost_secret, '', ''),
    'developer': (developer, 'developer', 'team'),
    'postgres': (database.postgres, '', ''),
    'rendered': (rendered, '', ''),
    'conformance': (conformance, '', ''),
    'causes': (causes.causes, '', ''),
    'rotate': (rotation.rotate, '', ''),
    'autoscaler': (autoscaler.autoscaler, '', ''),
    'killed': (survival.killed, '', ''),
    'raced': (survival.raced, '', ''),
    'stopped': (survival.stopped, '', ''),
}
