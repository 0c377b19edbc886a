"""What the environment says. The chart sets RABBITMQ_*; all else has a default."""
import os
from dataclasses import dataclass, field


class WrongSettings(Exception):
    """A variable is missing or is not what it should be. Its text never holds a value."""


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    virtual_host: str
    queue: str
    data_folder: str
    ready_file: str


def read(environment=os.environ):
    """The settings of an environment."""
    missing = [name for name in ('RABBITMQ_HOST', 'RABBITMQ_USER', 'RABBITMQ_PASSWORD') if not environment.get(name)]
    if missing:
        raise WrongSettings(f'not set: {", ".join(missing)}')
    port = environment.get('RABBITMQ_PORT', '5672')
    # Kubernetes' service links would put tcp://ADDRESS:PORT there.
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise WrongSettings('RABBITMQ_PORT is no port number')
    return Settings(
        host=environment['RABBITMQ_HOST'],
        port=int(port),
        user=environment['RABBITMQ_USER'],
        password=environment['RABBITMQ_PASSWORD'],
        virtual_host=environment.get('RABBITMQ_VHOST', '/'),
        queue=environment.get('QUEUE', 'jobs'),
        data_folder=environment.get('DATA_FOLDER', ''),
        ready_file=environment.get('READY_FILE', ''),
    )
