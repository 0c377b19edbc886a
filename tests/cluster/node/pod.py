"""One Pod on the node: its containers, probes, status and events, in the kubelet's words.

A Pod is a network + UTS namespace held by a process that sleeps, as with the pause container. A container
joins it with mount and PID namespaces of its own; see container.py.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback

import images
from environment import environment, expand
from kubeapi import STRATEGIC, ApiError, key, now
from names import service_names
from probes import Prober
from runtime import BackOff, Blocked, Container
from volumes import volume

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'}


class Pod(threading.Thread):
    """One Pod on this node, from its binding to its end."""

    def __init__(self, kubelet, obj):
        super().__init__(daemon=True, name='pod ' + '/'.join(key(obj)))
        self.kubelet, self.client, self.obj = kubelet, kubelet.client, obj
        self.namespace, self.name = key(obj)
        self.uid, self.spec = obj['metadata']['uid'], obj['spec']
        self.path = f'/api/v1/namespaces/{self.namespace}/pods/{self.name}'
        self.folder = f'{kubelet.folder}/pods/{self.namespace}_{self.name}_{self.uid[:8]}'
        self.wake = threading.Event()
        self.init = [Container(c, f'spec.initContainers{{{c["name"]}}}', kubelet.options)
                     for c in self.spec.get('initContainers', [])]
        self.containers = [Container(c, f'spec.containers{{{c["name"]}}}', kubelet.options)
                           for c in self.spec['containers']]
        self.started_at = now()
        self.sandbox = self.ip = self.volumes = None
        self.phase = 'Pending'
        self.deleting = self.vanished = False
        self.conditions = {}   # type -> condition, to keep lastTransitionTime
        self.reported = None
        self.mount_retry = BackOff(0.5, 5)  # the real kubelet goes up to two minutes

    # ---- life

    def update(self, obj):
        """A new version of the object; None when it is gone from the API server."""
        if obj is None or obj['metadata']['uid'] != self.uid:
            self.vanished = True
        else:
            self.obj = obj
        self.wake.set()

    def run(self):
        os.makedirs(self.folder, exist_ok=True)
        while True:
            self.wake.clear()
            try:
                if self.vanished:
                    self.kill()
                    break
                if self.obj['metadata'].get('deletionTimestamp'):
                    self.terminate()
                    break
                if self.phase not in ('Succeeded', 'Failed'):
                    self.step()
                self.report()
            except (ApiError, OSError) as error:
                print(f'{self.name}: {error}', flush=True)
                self.wake.wait(1)
            except Exception:  # a manifest that this program does not understand: the Pod stays as it is
                traceback.print_exc()
                self.wake.wait(5)
            self.wake.wait(0.2 if self.phase not in ('Succeeded', 'Failed') else 60)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.kubelet.forget(self)

    def step(self):
        """Brings the Pod one step nearer to what its spec says."""
        if self.volumes is None:
            if not self.mount_retry.over():
                return
            try:
                self.volumes = {v['name']: volume(self, v) for v in self.spec.get('volumes', [])}
            except Blocked as blocked:
                self.mount_retry.failed()
                self.kubelet.recorder.event(self.obj, 'Warning', blocked.event, blocked.event_message)
                return
        if self.sandbox is None:
            self.ip = self.kubelet.addresses.take(self.uid)
            self.sandbox = self.start_sandbox()
        for container in self.init + self.containers:
            self.reap(container)
        for container in self.init:
            if container.terminated and container.terminated['exitCode'] == 0 and not container.waiting:
                continue
            if container.terminated and self.spec.get('restartPolicy') == 'Never':
                self.phase = 'Failed'
                return
            for later in self.containers:
                later.waiting = {'reason': 'PodInitializing'}
            self.ensure(container)
            return
        for container in self.containers:
            self.ensure(container)
        self.phase = self.next_phase()

    def next_phase(self):
        policy = self.spec.get('restartPolicy', 'Always')
        ended = [c.terminated for c in self.containers if c.terminated and not c.running and not c.waiting]
        if policy != 'Always' and len(ended) == len(self.containers):
            return 'Succeeded' if all(t['exitCode'] == 0 for t in ended) else 'Failed'
        started = any(c.running or c.terminated for c in self.containers)
        return 'Running' if started else 'Pending'

    def ensure(self, container):
        """Starts the container if it is not running, may run again, and has waited long enough."""
        if container.running:
            if container.unhealthy:
                self.kill_unhealthy(container)
            return
        if container.terminated:
            policy = self.spec.get('restartPolicy', 'Always')
            if policy == 'Never' or policy == 'OnFailure' and container.terminated['exitCode'] == 0:
                return
            if not container.crash.over():
                if not container.waiting:
                    pod = f'{self.name}_{self.namespace}({self.uid})'
                    message = f'back-off {duration(container.crash.wait)} restarting failed ' \
                              f'container={container.name} pod={pod}'
                    container.waiting = {'reason': 'CrashLoopBackOff', 'message': message}
                    self.event(container, 'Warning', 'BackOff',
                               f'Back-off restarting failed container {container.name} in pod {pod}')
                return
        if time.monotonic() < container.retry_at:
            return
        try:
            self.start_container(container)
        except Blocked as blocked:
            container.waiting = {'reason': blocked.reason, 'message': blocked.message}
            container.retry_at = time.monotonic() + 2
            if blocked.event:
                self.event(container, 'Warning', blocked.event, blocked.event_message)

    def reap(self, container):
        """Turns a process that has ended into state.terminated."""
        if container.process is None or container.process.poll() is None:
            return
        code, run = container.process.returncode, f'process://{container.process.pid}'
        code = 128 - code if code < 0 else code
        container.process, container.ready, container.started, container.kill_at = None, False, False, None
        container.terminated = {'exitCode': code, 'reason': 'Completed' if code == 0 else 'Error',
                                'startedAt': container.started_at, 'finishedAt': now(), 'containerID': run}
        container.unhealthy = None
        try:
            with open(f'{self.folder}/{container.name}.failure') as f:
                failure = f.read()
        except OSError:
            failure = ''
        if code == 128 and failure:
            container.terminated.update(reason='StartError', message=failure)
            self.event(container, 'Warning', 'Failed', f'Error: {failure}')
        if time.monotonic() - container.begun > 600:
            container.crash.wait = 0
        if container.restarts:  # the first restart is immediate
            container.crash.failed()

    def terminate(self):
        """Graceful deletion: the signal that asks to end, the grace period, SIGKILL; then the object is removed."""
        self.deleting = True
        grace = self.obj['metadata'].get('deletionGracePeriodSeconds', 30)
        running = [c for c in self.init + self.containers if c.running]
        for container in running:
            self.event(container, 'Normal', 'Killing', f'Stopping container {container.name}')
            container.signal(container.stop)
        end = time.monotonic() + grace
        while any(c.running for c in running) and time.monotonic() < end and not self.vanished:
            time.sleep(0.05)
            grace = self.obj['metadata'].get('deletionGracePeriodSeconds', 30)  # may be shortened
            end = min(end, time.monotonic() + grace)
        self.kill()
        for container in self.init + self.containers:
            self.reap(container)
            container.waiting = container.waiting if container.terminated is None else None
        if not self.vanished:
            self.phase = self.phase if self.phase != 'Running' else 'Succeeded' \
                if all(c.terminated and c.terminated['exitCode'] == 0 for c in self.containers) else 'Failed'
            self.report()
            self.client.delete(self.path, self.uid, grace=0)

    def kill(self):
        """Ends all processes of the Pod at once."""
        self.deleting = True
        for container in self.init + self.containers:
            if container.process:
                container.process.kill()  # --kill-child takes the container's PID namespace down
                container.process.wait()
        if self.sandbox:
            self.sandbox.kill()
            self.sandbox.wait()
        self.kubelet.addresses.give_back(self.uid)

    def kill_unhealthy(self, container):
        if container.kill_at is None:
            self.event(container, 'Normal', 'Killing',
                       f'Container {container.name} {container.unhealthy}, will be restarted')
            container.kill_at = time.monotonic() + self.spec.get('terminationGracePeriodSeconds', 30)
            container.signal(container.stop)
        elif time.monotonic() > container.kill_at:
            container.signal(signal.SIGKILL)

    # ---- status and events

    def event(self, container, kind, reason, message):
        self.kubelet.recorder.event(self.obj, kind, reason, message, container.field_path)

    def condition(self, kind, good, reason=None, message=None):
        old = self.conditions.get(kind)
        status = 'True' if good else 'False'
        since = old['lastTransitionTime'] if old and old['status'] == status else now()
        self.conditions[kind] = {'type': kind, 'status': status, 'reason': reason, 'message': message,
                                 'lastTransitionTime': since,
                                 'observedGeneration': self.obj['metadata'].get('generation')}

    def report(self):
        """Writes the Pod's status if it has changed."""
        incomplete = [c.name for c in self.init if not c.status(init=True)['ready']]
        unready = [c.name for c in self.containers if not (c.ready and c.running)]
        end = {'Succeeded': 'PodCompleted', 'Failed': 'PodFailed'}.get(self.phase)
        self.condition('PodReadyToStartContainers', self.sandbox is not None and not self.deleting)
        if incomplete and not any(c.running or c.terminated for c in self.containers):
            names = ' '.join(incomplete)
            self.condition('Initialized', False, 'ContainersNotInitialized',
                           f'containers with incomplete status: [{names}]')
        else:
            self.condition('Initialized', True, end if end == 'PodCompleted' else None)
        for kind in ('ContainersReady', 'Ready'):
            if end:
                self.condition(kind, False, end)
            elif unready:
                names = ' '.join(unready)
                self.condition(kind, False, 'ContainersNotReady', f'containers with unready status: [{names}]')
            else:
                self.condition(kind, True)
        status = {
            'phase': self.phase, 'startTime': self.started_at, 'hostIP': self.kubelet.options.ip,
            'hostIPs': [{'ip': self.kubelet.options.ip}],
            'observedGeneration': self.obj['metadata'].get('generation'),
            'conditions': list(self.conditions.values()),
            'containerStatuses': [c.status(init=False) for c in self.containers]}
        if self.init:
            status['initContainerStatuses'] = [c.status(init=True) for c in self.init]
        if self.ip:
            status.update(podIP=self.ip, podIPs=[{'ip': self.ip}])
        if status == self.reported:
            return
        try:
            self.client.patch(self.path + '/status', {'metadata': {'uid': self.uid}, 'status': status}, STRATEGIC)
            self.reported = status
        except ApiError as error:
            if error.status not in (404, 409):  # gone, or another Pod of that name by now
                raise

    # ---- starting

    def start_sandbox(self):
        """The process that holds the Pod's network and host name."""
        host = self.spec.get('hostname', self.name)[:63]
        script = 'hostname "$1" && ip link set lo up && echo && exec sleep infinity'
        sandbox = subprocess.Popen(['unshare', '--net', '--uts', 'sh', '-c', script, 'sandbox', host], env=TOOLS,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
        sandbox.stdout.readline()  # the namespaces are there now
        options = self.kubelet.options
        link, prefix = f'{options.bridge}-{sandbox.pid:x}'[:15], options.pods.prefixlen
        run_ip(f'link add {link} type veth peer name eth0 netns {sandbox.pid}\n'
               f'link set {link} master {options.bridge}\nlink set {link} up\n')
        run_ip(f'addr add {self.ip}/{prefix} dev eth0\nlink set eth0 up\n'
               f'route add default via {options.ip}\n', ['nsenter', '-t', str(sandbox.pid), '-n'])
        self.write_hosts()
        return sandbox

    def write_hosts(self):
        """(Re)writes the Pod's /etc/hosts in place: it is bind-mounted into running containers."""
        if not self.ip or self.deleting:
            return
        host, domain = self.spec.get('hostname', self.name), self.spec.get('subdomain')
        own = f'{host}.{domain}.{self.namespace}.svc.cluster.local {host}' if domain else host
        text = f'127.0.0.1 localhost\n{self.ip} {own}\n' + service_names(self.kubelet, self.namespace)
        path = f'{self.folder}/hosts'
        with open(path, 'r+' if os.path.exists(path) else 'w+') as f:
            if f.read() != text:
                f.seek(0)
                f.truncate()
                f.write(text)

    def start_container(self, container):
        spec = container.spec
        image = self.pull(container)
        container.stop = image.stop
        env = {name: value.format(ip=self.ip) for name, value in image.env.items()}
        env['HOSTNAME'] = self.spec.get('hostname', self.name)
        env.update(environment(self, spec))
        argv = spec.get('command', image.argv) + spec.get('args', [])
        argv = [expand(word, env) for word in argv]
        if not argv:
            raise Blocked('CreateContainerError', 'no command specified')
        security = {**self.spec.get('securityContext', {}), **spec.get('securityContext', {})}
        uid = security.get('runAsUser', image.user)
        if security.get('runAsNonRoot') and uid == 0:
            raise Blocked('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root '
                          f'(pod: "{self.name}_{self.namespace}({self.uid})", container: {container.name})')
        mounts = []
        for item in spec.get('volumeMounts', []):
            source = self.volumes[item['name']]
            if item.get('subPath') or item.get('subPathExpr'):
                source += '/' + (item.get('subPath') or expand(item['subPathExpr'], env))
                if not os.path.exists(source):
                    os.makedirs(source)
            mounts.append([source, item['mountPath'], item.get('readOnly', False)])
        base = f'{self.folder}/{container.name}'
        os.makedirs(base + '.root', exist_ok=True)
        groups = [g for g in [security.get('fsGroup'), *security.get('supplementalGroups', [])] if g is not None]
        with open(base + '.json', 'w', opener=private) as f:
            json.dump({'scratch': base + '.root', 'prepare': image.prepare, 'mounts': mounts, 'argv': argv,
                       'hosts': f'{self.folder}/hosts', 'env': env, 'cwd': spec.get('workingDir', image.cwd),
                       'uid': uid, 'gid': security.get('runAsGroup', 0), 'groups': groups, 'ip': self.ip,
                       'failure': base + '.failure'}, f)
        if container.terminated:
            container.previous = container.terminated
            container.restarts += 1
            container.terminated = None
        log = self.log_file(container, container.restarts)
        self.event(container, 'Normal', 'Created', 'Container created')
        with open(log, 'wb') as output:
            container.process = subprocess.Popen(
                ['nsenter', '-t', str(self.sandbox.pid), '-n', '-u', 'unshare', '--mount', '--pid', '--fork',
                 '--kill-child', sys.executable, '-I', f'{HERE}/container.py', base + '.json'],
                env=TOOLS, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True)
        container.entered()  # from now on its own command runs, not the preparation
        container.started_at, container.begun = now(), time.monotonic()
        container.waiting = None
        self.event(container, 'Normal', 'Started', 'Container started')
        probes = {kind: spec.get(kind.lower() + 'Probe') for kind in ('Startup', 'Readiness', 'Liveness')}
        container.started = probes['Startup'] is None
        container.ready = container.started and probes['Readiness'] is None
        for kind, probe in probes.items():
            if probe and container.field_path.startswith('spec.containers'):
                Prober(self, container, kind, probe).start()

    def log_file(self, container, restart):
        return f'{self.folder}/{container.name}.{restart}.log'

    def pull(self, container):
        """The image, or Blocked in the kubelet's and containerd's words."""
        name = container.spec['image']
        image = images.find(name)
        if image:
            if container.terminated is None or container.restarts == 0:
                self.event(container, 'Normal', 'Pulled',
                           f'Container image "{name}" already present on machine and can be accessed by the pod')
            return image
        if container.spec.get('imagePullPolicy') == 'Never':
            raise Blocked('ErrImageNeverPull', f'Container image "{name}" is not present with pull policy of Never',
                          'ErrImageNeverPull', f'Container image "{name}" is not present with pull policy of Never')
        if not container.pull.over():
            message = f'Back-off pulling image "{name}"'
            if container.waiting.get('reason') != 'ImagePullBackOff':
                self.event(container, 'Normal', 'BackOff', message)
                self.event(container, 'Warning', 'Failed', 'Error: ImagePullBackOff')
            raise Blocked('ImagePullBackOff', f'{message}: ErrImagePull: {container.pull_failed}', None)
        container.pull.failed()
        container.pull_failed = (
            f'rpc error: code = NotFound desc = failed to pull and unpack image "{name}": '
            f'failed to resolve reference "{name}": {name}: not found')
        self.event(container, 'Normal', 'Pulling', f'Pulling image "{name}"')
        self.event(container, 'Warning', 'Failed', f'Failed to pull image "{name}": {container.pull_failed}')
        raise Blocked('ErrImagePull', container.pull_failed, 'Failed', 'Error: ErrImagePull')

    def execute(self, container, command, timeout):
        """Runs a command in a running container: (exit status is 0, output)."""
        pid = container.entered()
        if pid is None:
            return False, 'container not running'
        with open(f'{self.folder}/{container.name}.json') as f:
            spec = json.load(f)
        enter = ['nsenter', '-t', str(pid), '-m', '-u', '-n', '-p', '-r', '-w',
                 '-S', str(spec['uid']), '-G', str(spec['gid'])]
        process = subprocess.Popen([shutil.which('nsenter'), *enter[1:], *command], env=spec['env'],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return False, f'command timed out: "{" ".join(command)}" timed out after {timeout}s'
        return process.returncode == 0, output.decode(errors='replace')[:10240]


def run_ip(batch, prefix=()):
    """Runs a batch of `ip` commands."""
    done = subprocess.run([*prefix, 'ip', '-batch', '-'], input=batch, text=True, env=TOOLS,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise OSError(f'ip: {done.stdout.strip()}')


def duration(seconds):
    """Go's way to write it: 10s, 1m20s."""
    minutes, rest = divmod(int(seconds), 60)
    return f'{minutes}m{rest}s' if minutes else f'{rest}s'


def private(path, flags):
    return os.open(path, flags, 0o600)
