"""What the stories act on: a rig, kchart, kubectl, the broker, the database. Every wait has a deadline and says what it misses."""
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

import pika

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(f'{HERE}/../..')
QUEUE = 'keep'
# The broker that comes with the orchestrator: its Secret and its Service.
BROKER = 'orchestrator-rabbitmq'


class Failed(Exception):
    """A sentence of a story is not true."""


class Rig:
    """A control plane of its own, in a folder of its own; ends with the `with` block."""

    def __init__(self, controlplane=None):
        self.folder = tempfile.mkdtemp(prefix='kchart-e2e-')
        self.binary = ['--binary', controlplane] if controlplane else []

    def __enter__(self):
        done = subprocess.run([f'{ROOT}/tests/cluster/up', '--dir', f'{self.folder}/rig', '--backoff', '1', *self.binary],
                              text=True, capture_output=True)
        if done.returncode:
            raise Failed(f'the rig does not start: {done.stdout}{done.stderr}')
        return self

    def __exit__(self, *_):
        subprocess.run([f'{ROOT}/tests/cluster/down', f'{self.folder}/rig'])
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def volumes(self):
        """The folders that hold volumes' data."""
        return sorted(os.listdir(f'{self.folder}/rig/node/volumes'))

    def kubeconfig(self, user=''):
        return f'{self.folder}/rig/kubeconfig' + (f'-{user}' if user else '')


class Namespace:
    """A namespace of a rig as a user sees it."""

    def __init__(self, rig, kchart, name, user=''):
        self.rig, self.binary, self.name, self.user = rig, kchart, name, user

    # ---- programs

    def kchart(self, *args, expect=0, stdin=None):
        """Runs kchart in this namespace; the answer is (stdout, stderr)."""
        env = {'PATH': os.environ['PATH'], 'HOME': self.rig.folder, 'KUBECONFIG': self.rig.kubeconfig(self.user)}
        begun = time.monotonic()
        done = subprocess.run([self.binary, *args, '-n', self.name], text=True, capture_output=True, env=env,
                              cwd=ROOT, input=stdin)
        shown = re.sub(r'(assword=)\S+', r'\1…', ' '.join(args))
        print(f'    $ kchart {shown}   # exit {done.returncode}, {time.monotonic() - begun:.1f} s', flush=True)
        if done.returncode != expect:
            raise Failed(f'kchart {shown} ended with {done.returncode}, not {expect}:\n'
                         f'{done.stdout}{done.stderr}\n{self.picture()}')
        return done.stdout, done.stderr

    def kubectl(self, *args, check=True, stdin=None):
        done = subprocess.run([f'{self.rig.folder}/rig/kubectl', '-n', self.name, *args], text=True,
                              capture_output=True, input=stdin)
        if check and done.returncode:
            raise Failed(f'kubectl {" ".join(args)}: {done.stderr}')
        return done.stdout

    def cargo(self, *args, **more):
        """Runs cargo in the repository; the answer is all that it printed."""
        done = subprocess.run(['cargo', *args], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT,
                              env=os.environ | more)
        if done.returncode:
            raise Failed(f'cargo {" ".join(args)}:\n{done.stdout}')
        return done.stdout

    def picture(self):
        """What a person would look at after a failure."""
        parts = [self.kubectl('get', 'pods,pvc,statefulsets,deployments', '-o', 'wide', check=False),
                 self.kubectl('get', 'events', check=False)[-3000:]]
        for pod in self.names('pods'):
            parts.append(f'--- log of {pod}\n' + self.kubectl('logs', pod, '--tail=15', check=False))
        return '\n'.join(parts)

    def revisions(self, release):
        """The history of a release, oldest first."""
        out, _ = self.kchart('history', release, '-o', 'json')
        return json.loads(out)

    # ---- objects

    def items(self, kind):
        return json.loads(self.kubectl('get', kind, '-o', 'json'))['items']

    def names(self, kind):
        return sorted(item['metadata']['name'] for item in self.items(kind))

    def get(self, kind, name):
        return json.loads(self.kubectl('get', kind, name, '-o', 'json'))

    def uids(self, kind):
        return {item['metadata']['name']: item['metadata']['uid'] for item in self.items(kind)}

    def volumes(self):
        """Volumes whose claim is or was in this namespace: name to phase."""
        return {item['metadata']['name']: item['status']['phase'] for item in self.items('pv')
                if item['spec'].get('claimRef', {}).get('namespace') == self.name}

    def secret(self, name):
        data = self.get('secret', name).get('data') or {}
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def folders(self):
        """Folders of volumes of this namespace."""
        return [folder for folder in self.rig.volumes if f'_{self.name}_' in folder]

    def wait(self, what, check, seconds=120):
        end = time.monotonic() + seconds
        while not check():
            if time.monotonic() > end:
                raise Failed(f'not so after {seconds} s: {what}\n{self.picture()}')
            time.sleep(0.2)

    # ---- the broker

    def broker(self):
        """A connection with the credentials that the Secret holds now."""
        login = self.secret(BROKER)
        address = self.get('service', BROKER)['spec']['clusterIP']
        parameters = pika.ConnectionParameters(address, 5672, '/', pika.PlainCredentials(
            login['username'], login['password']))
        end = time.monotonic() + 20
        while True:
            try:
                return pika.BlockingConnection(parameters)
            except pika.exceptions.ProbableAuthenticationError as error:
                raise Failed(f'the broker refuses the login of Secret {BROKER}: {error}') from None
            except pika.exceptions.AMQPConnectionError:
                # Ready, but the relay of the Service does not know it yet.
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)

    def publish(self, count):
        """Sends persistent messages, confirmed by the broker, that nobody consumes."""
        connection = self.broker()
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare(QUEUE, durable=True)
        for number in range(count):
            channel.basic_publish('', QUEUE, b'message %d' % number, pika.BasicProperties(delivery_mode=2))
        connection.close()

    def messages(self):
        """How many of them are there."""
        connection = self.broker()
        count = connection.channel().queue_declare(QUEUE, durable=True).method.message_count
        connection.close()
        return count

    # ---- the database

    def sql(self, secret, text, database='app'):
        """The answer of a PostgreSQL to somebody who comes over its Service with the credentials of the Secret."""
        login = self.secret(secret)
        address = self.get('service', secret)['spec']['clusterIP']
        command = ['psql', '-h', address, '-U', login['username'], '-d', database, '-w', '-qAtc', text]
        env = {'PATH': os.environ['PATH'], 'PGPASSWORD': login['password'], 'PGCONNECT_TIMEOUT': '5'}
        end = time.monotonic() + 20
        while True:
            done = subprocess.run(command, text=True, capture_output=True, env=env)
            if done.returncode == 0:
                return done.stdout.strip()
            # Ready, but the relay of the Service does not know it yet.
            early = 'refused' in done.stderr or 'closed the connection' in done.stderr
            if not early or time.monotonic() > end:
                raise Failed(f'the database, asked with the login of Secret {secret}: {done.stderr}\n{self.picture()}')
            time.sleep(0.3)


def check(truth, sentence, found=None):
    """A sentence of the story."""
    if not truth:
        raise Failed(f'not true: {sentence}' + ('' if found is None else f'; found: {found}'))
    print(f'  ✓ {sentence}', flush=True)
