"""What keeps data on a volume behind a password: a broker and a database, of the bundled charts, asked in the same words.

Whoever asks comes over the Service, as any client does, where passwords count.
"""
import os
import subprocess
import time

import pika
from world import Failed, check


class Service:
    """A release of a bundled chart."""

    chart = release = ''
    # What the data are counted in; a tag of the image that does not start on the data of the chart's own.
    unit = other_major = ''
    # How long it takes at most until its login check fails for the first time.
    patience = ''

    def __init__(self, world, release=''):
        self.world = world
        self.release = release or self.release
        self.secret = f'{self.release}-{self.chart}'
        self.pod = f'{self.secret}-0'
        self.claim = f'data-{self.pod}'

    def login(self, password=None):
        """User and password that the Secret holds now; or another password."""
        login = self.world.secret(self.secret)
        return login['username'], password or login['password']

    def install(self, *flags, verb='install', timeout='3m', expect=0):
        return self.world.kchart(verb, self.release, self.chart, *flags, '--timeout', timeout, expect=expect)

    def upgrade(self, *flags, **more):
        return self.install(*flags, verb='upgrade', **more)

    def uninstall(self, *flags, **more):
        return self.world.kchart('uninstall', self.release, *flags, **more)

    def rotate(self):
        return self.world.kchart('credentials', 'rotate', self.release, '--timeout', '3m')

    def fill(self):
        self.put(5)
        self.holds(5)

    def holds(self, count):
        """Who logs in as the Secret says finds the data of before."""
        found = self.count()
        check(found == count, f'login works, {count or "no"} {self.unit}{"s" * (count != 1)}', found)

    def lets_in(self, login):
        """Whether it takes a user and a password. Waits until something answers."""
        end = time.monotonic() + 30
        while True:
            answer = self.knock(*login)
            if answer is not None:
                return answer
            if time.monotonic() > end:
                raise Failed(f'nobody answers at Service {self.secret}\n{self.world.picture()}')
            # Ready, but the relay of the Service does not know it yet.
            time.sleep(0.2)

    def address(self):
        return self.world.get('service', self.secret)['spec']['clusterIP']

    def refused(self, what, words, *command):
        """Refused with exit code 5, by a message that names the volume and the ways out; nothing is another than before."""
        def picture():
            return [(item['metadata']['uid'], item['metadata']['resourceVersion'])
                    for item in self.world.items('statefulsets,services,secrets,pvc,pods')]
        before = picture()
        _, err = self.world.kchart(*command, expect=5)
        check(self.claim in err and all(word in err for word in words) and 'hint: ' in err,
              f'{what} is refused, with the volume and the ways out', err)
        check(picture() == before, 'and nothing is changed')
        return err


class Broker(Service):
    """A RabbitMQ; its data are messages in a queue, kept on disk, that nobody consumes."""

    chart, release, unit, other_major, patience = 'rabbitmq', 'mq', 'message', '3.13-management', '45s'
    queue = 'keep'

    def connection(self, user, password):
        return pika.BlockingConnection(pika.ConnectionParameters(
            self.address(), 5672, '/', pika.PlainCredentials(user, password)))

    def knock(self, user, password):
        try:
            self.connection(user, password).close()
        except pika.exceptions.ProbableAuthenticationError:
            return False
        except pika.exceptions.AMQPConnectionError:
            return None
        return True

    def connect(self):
        login = self.login()
        if not self.lets_in(login):
            raise Failed(f'the broker refuses the login of Secret {self.secret}')
        return self.connection(*login)

    def put(self, count):
        """Sends messages, each confirmed by the broker."""
        connection = self.connect()
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare(self.queue, durable=True)
        for number in range(count):
            channel.basic_publish('', self.queue, b'message %d' % number, pika.BasicProperties(delivery_mode=2))
        connection.close()

    def count(self):
        connection = self.connect()
        count = connection.channel().queue_declare(self.queue, durable=True).method.message_count
        connection.close()
        return count


class Database(Service):
    """A PostgreSQL; its data are rows of a table."""

    chart, release, unit, other_major, patience = 'postgresql', 'db', 'row', '18.1-trixie', '20s'

    def ask(self, user, password, text):
        command = ['psql', '-h', self.address(), '-U', user, '-d', 'app', '-w', '-qAtc', text]
        env = {'PATH': os.environ['PATH'], 'PGPASSWORD': password, 'PGCONNECT_TIMEOUT': '5'}
        return subprocess.run(command, text=True, capture_output=True, env=env)

    def knock(self, user, password):
        done = self.ask(user, password, 'SELECT 1')
        if 'password authentication failed' in done.stderr:
            return False
        no_answer = ('refused', 'closed the connection', 'starting up', 'shutting down', 'timeout expired')
        early = any(word in done.stderr for word in no_answer)
        if done.returncode and not early:
            raise Failed(f'the database does not answer: {done.stderr}')
        return None if early else True

    def sql(self, text):
        login = self.login()
        if not self.lets_in(login):
            raise Failed(f'the database refuses the login of Secret {self.secret}')
        done = self.ask(*login, text)
        if done.returncode:
            raise Failed(f'{text}: {done.stderr}')
        return done.stdout.strip()

    def put(self, count):
        self.sql(f'CREATE TABLE IF NOT EXISTS kept (number int); INSERT INTO kept SELECT generate_series(1, {count})')

    def count(self):
        there = self.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'kept'")
        return int(self.sql('SELECT count(*) FROM kept')) if there == '1' else 0
