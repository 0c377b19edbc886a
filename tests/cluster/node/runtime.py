"""One container over all its restarts, and why it can't run: state that the kubelet would report."""
import os
import signal
import time


class Blocked(Exception):
    """A container cannot start for now: becomes its waiting state, and a Warning event."""

    def __init__(self, reason, message, event='Failed', event_message=None):
        super().__init__(message)
        self.reason, self.message = reason, message
        self.event, self.event_message = event, event_message or 'Error: ' + message


class BackOff:
    """Doubling waits, as the kubelet has them for image pulls and crash loops."""

    def __init__(self, first, limit):
        self.first, self.limit = first, limit
        self.wait, self.until = 0, 0.0

    def failed(self):
        self.wait = min(self.wait * 2 or self.first, self.limit)
        self.until = time.monotonic() + self.wait

    def over(self):
        return time.monotonic() >= self.until


class Container:
    """One container of a Pod, over all its restarts."""

    def __init__(self, spec, field_path, options):
        self.spec, self.field_path = spec, field_path
        self.name = spec['name']
        self.process = None        # the `unshare` whose only child is the container's PID 1
        self.started_at = None     # of the last run, for the status
        self.begun = 0.0           # the same on the monotonic clock
        self.terminated = None     # state.terminated of the last run
        self.previous = None       # lastState.terminated
        self.waiting = {'reason': 'ContainerCreating'}
        self.restarts = 0
        self.started = False       # the startup probe has succeeded, or there is none
        self.ready = False
        self.unhealthy = None      # why the container is to be killed: a failed probe
        self.stop = signal.SIGTERM  # what asks it to end
        self.kill_at = None        # when that turns into SIGKILL
        self.pull = BackOff(options.backoff, options.backoff_max)
        self.crash = BackOff(options.backoff, options.backoff_max)
        self.retry_at = 0.0
        self.pull_failed = None

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def pid(self):
        """The container's PID 1, as seen from here."""
        try:
            with open(f'/proc/{self.process.pid}/task/{self.process.pid}/children') as f:
                return int(f.read().split()[0])
        except (OSError, IndexError, ValueError):
            return None

    def entered(self):
        """Its PID 1 once that has its own root, which takes a moment; None if it has ended."""
        while self.running:
            pid = self.pid()
            try:
                if pid and os.readlink(f'/proc/{pid}/root') != '/':
                    return pid
            except OSError:
                pass
            time.sleep(0.02)
        return None

    def signal(self, number):
        pid = self.pid()
        if pid:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def status(self, init):
        if self.running:
            state = {'running': {'startedAt': self.started_at}}
        elif self.terminated and not self.waiting:
            state = {'terminated': self.terminated}
        else:
            state = {'waiting': self.waiting or {}}
        done = self.terminated is not None and self.terminated['exitCode'] == 0 and not self.running
        last = self.previous if self.running or not self.waiting else self.terminated
        run = self.terminated or self.previous
        return {'name': self.name, 'image': self.spec['image'], 'imageID': self.image_id(),
                'containerID': f'process://{self.process.pid}' if self.running
                else run['containerID'] if run else '',
                'ready': done if init else self.ready and self.running, 'started': self.started and self.running,
                'restartCount': self.restarts, 'state': state,
                'lastState': {'terminated': last} if last else {}}

    def image_id(self):
        return 'local/' + self.spec['image'] if self.process or self.terminated else ''
