"""What the stories act on: a rig, kchart, kubectl, helm. Every wait has a deadline and says what it misses."""
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(f'{HERE}/../..')


class Failed(Exception):
    """A sentence of a story is not true."""


class Rig:
    """A control plane of its own, in a folder of its own; ends with the `with` block."""

    def __init__(self, controlplane=None, helm=None, full=False, show=False):
        self.folder = tempfile.mkdtemp(prefix='kchart-e2e-')
        self.binary = ['--binary', controlplane] if controlplane else []
        self.helm, self.full, self.show = helm and os.path.abspath(helm), full, show

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
        say(f'  $ kchart {shown}   # exit {done.returncode}, {time.monotonic() - begun:.1f} s')
        if self.rig.show:
            say(done.stdout + done.stderr)
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

    def helm(self, *args):
        """Runs the real Helm in this namespace."""
        env = {'PATH': os.environ['PATH'], 'HOME': self.rig.folder, 'KUBECONFIG': self.rig.kubeconfig()}
        done = subprocess.run([self.rig.helm, *args, '-n', self.name], text=True, capture_output=True, env=env)
        say(f'  $ helm {" ".join(args)}   # exit {done.returncode}')
        if done.returncode:
            raise Failed(f'helm {" ".join(args)}: {done.stdout}{done.stderr}\n{self.picture()}')

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


def check(truth, sentence, found=None):
    """A sentence of the story."""
    if not truth:
        raise Failed(f'not true: {sentence}' + ('' if found is None else f'; found: {found}'))
    say(f'✓ {sentence}')


def say(text):
    """Tells what was done or found, after the name of the story: several are told at once."""
    print(f'{threading.current_thread().name:<18} {text}', flush=True)
