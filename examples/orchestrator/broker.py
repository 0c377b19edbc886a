"""Connections to RabbitMQ that outlive restarts of the broker, but not a refused login."""
import contextlib
import logging
import os

import pika
from pika import exceptions

from stop import Stopped

log = logging.getLogger('broker')

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
# Not a mistake of the network: trying again would only fill the log, and lock accounts.
REFUSED = (exceptions.ProbableAuthenticationError, exceptions.ProbableAccessDeniedError,
           exceptions.AuthenticationError)


class LoginRefused(Exception):
    """The broker answers, but not to these credentials."""


def parameters(settings):
    return pika.ConnectionParameters(
        settings.host, settings.port, settings.virtual_host,
        pika.PlainCredentials(settings.user, settings.password),
        heartbeat=30, blocked_connection_timeout=60, socket_timeout=5, connection_attempts=1)


def connect(settings, stop):
    """A connection; waits while the broker starts, longer each time."""
    pause = FIRST_PAUSE
    while True:
        try:
            with stop.interruptible():
                return pika.BlockingConnection(parameters(settings))
        except REFUSED as error:
            raise LoginRefused(f'{settings.host} refuses user {settings.user!r}: {type(error).__name__}') from None
        except (exceptions.AMQPConnectionError, OSError) as error:
            log.info('waiting for %s:%s (%s)', settings.host, settings.port, type(error).__name__)
        stop.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def keep_connected(settings, stop, work):
    """Runs `work(channel)` until it returns, with a new connection whenever one breaks."""
    while not stop.asked:
        try:
            connection = connect(settings, stop)
        except Stopped:
            return
        log.info('connected to %s:%s', settings.host, settings.port)
        try:
            channel = connection.channel()
            # Durable: it is there again after a restart of the broker. The newest brokers refuse any other.
            channel.queue_declare(settings.queue, durable=True)
            with ready(settings):
                work(channel)
            return
        except exceptions.AMQPConnectionError as error:
            log.warning('the connection broke (%s)', type(error).__name__)
        finally:
            close(connection)


@contextlib.contextmanager
def ready(settings):
    """While it is connected, a file says so, for a readiness probe."""
    if not settings.ready_file:
        yield
        return
    with open(settings.ready_file, 'w', encoding='utf-8'):
        pass
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(settings.ready_file)


def close(connection):
    try:
        if connection.is_open:
            connection.close()
    except exceptions.AMQPError:
        pass  # it broke by itself
