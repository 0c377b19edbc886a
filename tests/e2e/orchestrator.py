"""The release of the example, orchestrator and broker: how stories install it, and sentences that several share."""
import json

from services import Broker
from world import check

NAME = 'orchestrator'
# The broker that comes with it: its Secret and its Service.
BROKER = f'{NAME}-rabbitmq'
VALUES = ['-f', 'values.example.yaml']
# The rig's own broker and images start fast; the defaults of the chart are for real nodes.
INSTALL = ['install', NAME, *VALUES, '--timeout', '3m']
UPGRADE = ['upgrade', NAME, NAME, *VALUES, '--timeout', '3m']
BROKERS_CLAIM = f'data-{BROKER}-0'


def broker(world):
    return Broker(world, NAME)


def pods(world):
    """Pods of the service, those of the broker aside."""
    return {uid for pod, uid in world.uids('pods').items()
            if pod.startswith(f'{NAME}-') and not pod.startswith(BROKER)}


def received(world):
    """The consumer, which is the orchestrator itself, gets what a producer sends; both log in as the Secret says."""
    def login(variable, key):
        return {'name': variable, 'valueFrom': {'secretKeyRef': {'name': BROKER, 'key': key}}}
    world.kubectl('apply', '-f', '-', stdin=json.dumps({
        'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'producer'}, 'spec': {
            'restartPolicy': 'Never', 'enableServiceLinks': False, 'containers': [{
                'name': 'producer', 'image': 'orchestrator:1.0',
                'command': ['python', '-u', 'orchestrator.py', 'produce', '3'],
                'env': [{'name': 'RABBITMQ_HOST', 'value': BROKER},
                        login('RABBITMQ_USER', 'username'), login('RABBITMQ_PASSWORD', 'password')]}]}}))
    world.wait('the producer has sent its jobs',
               lambda: world.get('pod', 'producer')['status']['phase'] == 'Succeeded')
    world.wait('the consumer has received them', lambda: all(
        f'received: job {number}' in world.kubectl('logs', f'deployment/{NAME}') for number in (1, 2, 3)))
    world.kubectl('delete', 'pod', 'producer')
    check(True, 'the consumer receives what the producer sent, with credentials from the Secret')


def names_volume_and_purge(said, sentence):
    """A refusal, or the list of what was kept: which volume is meant, and the way to destroy it."""
    check(BROKERS_CLAIM in said and '--purge-volumes' in said, sentence, said)


def purged(world):
    """A purge leaves nothing of the release in the namespace, on the cluster or on the node's disk."""
    world.kchart('uninstall', '--purge-volumes')
    check(world.names('pvc') == [], 'no claim')
    check(world.volumes() == {}, 'no volume', world.volumes())
    check(world.names('secrets') == [], 'no Secret', world.names('secrets'))
    check(world.folders() == [], "no folder of the volume", world.folders())
    check(world.names('all') == [], 'nothing else', world.names('all'))
