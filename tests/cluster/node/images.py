"""Which local program stands for which image. All else does not exist: ErrImagePull."""
import glob
import os
import re
import signal
from dataclasses import dataclass, field

PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


@dataclass
class Image:
    pattern: str                 # matches the name without the registry and folders, with the tag
    argv: list = field(default_factory=list)   # entry point; with arguments where the manifest gives none
    env: dict = field(default_factory=dict)    # {ip} stands for the Pod's address
    prepare: str = ''            # run as root in the container's root before the volumes are mounted
    user: int = 0
    cwd: str = '/'               # where the command starts, when the manifest says nothing
    stop: int = signal.SIGTERM   # what asks it to end (STOPSIGNAL)


# Debian's broker with the folders of the official image. The broker runs in its Pod's own network
# namespace, so it may listen on all addresses, and epmd too.
RABBITMQ_PREPARE = '''
rm -rf /var/lib/rabbitmq /etc/rabbitmq
mkdir -p /var/lib/rabbitmq/mnesia /etc/rabbitmq/conf.d /var/log/rabbitmq
chmod 777 /var/lib/rabbitmq/mnesia
chown -R "$UID:$GID" /var/lib/rabbitmq /etc/rabbitmq /var/log/rabbitmq
'''
RABBITMQ_ENV = {
    'PATH': '/usr/lib/rabbitmq/bin:' + PATH,
    'HOME': '/var/lib/rabbitmq',
    'RABBITMQ_MNESIA_BASE': '/var/lib/rabbitmq/mnesia',
    'RABBITMQ_LOGS': '-',
    'RABBITMQ_CONF_ENV_FILE': '/dev/null',
    'RABBITMQ_ENABLED_PLUGINS_FILE': '/etc/rabbitmq/enabled_plugins',
}
PAUSE = 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done'
# Debian's server with the official image's user: initdb wants its own one to have a name.
POSTGRES_ENTRY = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'postgres-entrypoint')
POSTGRES_ENV = {
    'PATH': ':'.join([*sorted(glob.glob('/usr/lib/postgresql/*/bin'), reverse=True), PATH]),
    'PGDATA': '/var/lib/postgresql/data',
}
POSTGRES_PREPARE = '''
rm -rf /var/lib/postgresql
mkdir -p /var/lib/postgresql/data /run/postgresql
chmod 3777 /run/postgresql
if [ "$UID" = 0 ]; then
  chown -R postgres:postgres /var/lib/postgresql /run/postgresql
else
  sed -i '/^postgres:/d' /etc/passwd
  echo "postgres:x:$UID:$GID::/var/lib/postgresql:/bin/bash" >> /etc/passwd
  chown -R "$UID:$GID" /var/lib/postgresql /run/postgresql
fi
'''
EXAMPLE = os.path.realpath(f'{__file__}/../../../../examples/orchestrator')
# The official image says `python`, Debian says `python3`.
PYTHON_PREPARE = 'ln -sf /usr/bin/python3 /usr/local/bin/python; ln -sf /usr/bin/python3 /usr/local/bin/python3'

IMAGES = [
    Image(r'rabbitmq:.*-management', ['rabbitmq-server'], RABBITMQ_ENV, RABBITMQ_PREPARE
          + 'echo "[rabbitmq_management]." > /etc/rabbitmq/enabled_plugins'),
    Image(r'rabbitmq(:.*)?', ['rabbitmq-server'], RABBITMQ_ENV, RABBITMQ_PREPARE),
    Image(r'python(:.*)?', ['python3'], {'PATH': PATH}, PYTHON_PREPARE),
    # What examples/orchestrator/Dockerfile makes.
    Image(r'orchestrator(:.*)?', ['python', '-u', 'orchestrator.py'], {'PATH': PATH},
          f'{PYTHON_PREPARE}; mkdir -p /app; cp {EXAMPLE}/*.py /app', cwd='/app'),
    Image(r'postgres(:.*)?', [POSTGRES_ENTRY], POSTGRES_ENV, POSTGRES_PREPARE, stop=signal.SIGINT),
    Image(r'pause(:.*)?', ['sh', '-c', PAUSE], {'PATH': PATH}),
    Image(r'(busybox|alpine|debian|ubuntu)(:.*)?', ['sh'], {'PATH': PATH}),
]


def find(name):
    """The image of that name, or None."""
    last = name.split('@')[0].rsplit('/', 1)[-1]
    return next((image for image in IMAGES if re.fullmatch(image.pattern, last)), None)
