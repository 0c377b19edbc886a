"""A real broker for tests: Debian's rabbitmq-server in a folder of its own, on free ports of loopback."""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SERVER = shutil.which('rabbitmq-server', path='/usr/lib/rabbitmq/bin:' + os.environ.get('PATH', ''))


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


class Broker:
    """Start and stop it as often as you like: its data stays until `remove`."""

    def __init__(self, user='app', password='first'):
        self.user, self.password = user, password
        self.folder = tempfile.mkdtemp(prefix='rabbitmq-test-')
        os.chmod(self.folder, 0o755)
        self.port, self.distribution, self.mapper = free_port(), free_port(), free_port()
        self.process = None

    def start(self):
        self.write('rabbitmq.conf', f'listeners.tcp.1 = 127.0.0.1:{self.port}\n'
                                    f'default_user = {self.user}\ndefault_pass = {self.password}\n')
        self.write('enabled_plugins', '[].')
        environment = {
            'PATH': os.environ['PATH'], 'HOME': self.folder, 'LANG': 'C.UTF-8',
            'RABBITMQ_NODENAME': f'test{self.port}@localhost', 'RABBITMQ_CONF_ENV_FILE': '/dev/null',
            'RABBITMQ_CONFIG_FILE': f'{self.folder}/rabbitmq.conf', 'RABBITMQ_LOGS': '-',
            'RABBITMQ_MNESIA_BASE': f'{self.folder}/data', 'RABBITMQ_LOG_BASE': f'{self.folder}/log',
            'RABBITMQ_ENABLED_PLUGINS_FILE': f'{self.folder}/enabled_plugins',
            # Erlang's own ports: never the machine's, never its daemon.
            'RABBITMQ_DIST_PORT': str(self.distribution), 'ERL_EPMD_PORT': str(self.mapper),
            'ERL_EPMD_ADDRESS': '127.0.0.1', 'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS': '+S 1:1 +sbwt none',
        }
        self.log = open(f'{self.folder}/log.txt', 'ab')
        # A session of its own, so that all that it starts can be ended with it.
        self.process = subprocess.Popen([SERVER], env=environment, stdout=self.log, stderr=self.log,
                                        cwd=self.folder, start_new_session=True)
        until(self.listens, 'the broker listens', 60, self.told)

    def write(self, name, text):
        with open(f'{self.folder}/{name}', 'w', encoding='utf-8') as file:
            file.write(text)

    def listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f'the broker ended with {self.process.returncode}: {self.told()}')
        with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', self.port), 1):
            return True
        return False

    def told(self):
        with open(f'{self.folder}/log.txt', encoding='utf-8', errors='replace') as log:
            return log.read()[-2000:]

    def stop(self):
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.log.close()
            self.process = None

    def remove(self):
        self.stop()
        # The port mapper is a daemon that outlives the server; it is ours alone by its port.
        subprocess.run(['epmd', '-port', str(self.mapper), '-kill'], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def until(check, what, seconds=20, told=lambda: ''):
    """Waits for something to be true, not longer than it may take."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            raise AssertionError(f'not so after {seconds} s: {what}\n{told()}')
        time.sleep(0.05)
