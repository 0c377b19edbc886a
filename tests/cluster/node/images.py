"""Which local program stands for which image. All else does not exist: ErrImagePull."""
import os
import re
from dataclasses import dataclass, field

PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


@dataclass
class Image:
    pattern: str                 # matches the name without the registry and folders, with the tag
    argv: list = field(default_factory=list)   # entry point and arguments, when the manifest gives none
    env: dict = field(default_factory=dict)    # {ip} stands for the Pod's address
    prepare: str = ''            # run as root in the container's root before the volumes are mounted
    user: int = 0
    cwd: str = '/'               # where the command starts, when the manifest says nothing


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
POSTGRES_ENTRY = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'postgres-entrypoint')
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
    Image(r'postgres(:.*)?', [POSTGRES_ENTRY], {'PATH': PATH, 'PGDATA': '/var/lib/postgresql/data'}),
    Image(r'pause(:.*)?', ['sh', '-c', PAUSE], {'PATH': PATH}),
    Image(r'(busybox|alpine|debian|ubuntu)(:.*)?', ['sh'], {'PATH': PATH}),
]


def find(name):
    """The image of that name, or None."""
    last = name.split('@')[0].rsplit('/', 1)[-1]
    return next((image for image in IMAGES if re.fullmatch(image.pattern, last)), None)
