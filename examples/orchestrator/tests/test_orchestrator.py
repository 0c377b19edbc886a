"""The service against a real broker, as Kubernetes runs it: a process with an environment that gets SIGTERM.

    python3 -m unittest discover -s tests      (needs rabbitmq-server and pika)
"""
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import pika

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(os.path.dirname(HERE), 'orchestrator.py')
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from rabbitmq import SERVER, Broker, until  # noqa: E402
import settings  # noqa: E402


class Process:
    """The program, with its output in a file that can be read while it runs."""

    def __init__(self, environment, *arguments):
        self.output = tempfile.NamedTemporaryFile('w+', suffix='.log')
        self.process = subprocess.Popen([sys.executable, '-u', PROGRAM, *arguments], stdout=self.output,
                                        stderr=self.output, env={'PATH': os.environ['PATH'], **environment})

    def text(self):
        with open(self.output.name, encoding='utf-8') as output:
            return output.read()

    def says(self, what, seconds=20):
        until(lambda: what in self.text(), f'the program says {what!r}', seconds, self.text)

    def end(self, seconds=5):
        """Sends SIGTERM; the answer is the exit code and how long it took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds), time.monotonic() - begun

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.output.close()


class Settings(unittest.TestCase):
    def test_what_is_missing_is_named_and_no_value_is(self):
        with self.assertRaisesRegex(settings.WrongSettings, '^not set: RABBITMQ_HOST, RABBITMQ_PASSWORD$'):
            settings.read({'RABBITMQ_USER': 'app'})

    def test_a_service_link_is_no_port(self):
        login = {'RABBITMQ_HOST': 'h', 'RABBITMQ_USER': 'u', 'RABBITMQ_PASSWORD': 'secret'}
        with self.assertRaisesRegex(settings.WrongSettings, '^RABBITMQ_PORT is no port number$'):
            settings.read({**login, 'RABBITMQ_PORT': 'tcp://10.0.0.1:5672'})
        self.assertNotIn('secret', repr(settings.read(login)))


@unittest.skipUnless(SERVER, 'needs rabbitmq-server')
class Orchestrator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker()
        cls.addClassCleanup(cls.broker.remove)
        cls.broker.start()

    def environment(self, **more):
        return {'RABBITMQ_HOST': '127.0.0.1', 'RABBITMQ_PORT': str(self.broker.port), 'RABBITMQ_USER': 'app',
                'RABBITMQ_PASSWORD': 'first', 'QUEUE': self.id(), **more}

    def run_program(self, *arguments, **more):
        process = Process(self.environment(**more), *arguments)
        self.addCleanup(process.close)
        return process

    def waiting(self):
        """Messages in this test's queue that nobody has begun."""
        login = pika.PlainCredentials('app', 'first')
        connection = pika.BlockingConnection(pika.ConnectionParameters('127.0.0.1', self.broker.port, '/', login))
        try:
            return connection.channel().queue_declare(self.id(), durable=True).method.message_count
        finally:
            connection.close()

    def test_the_consumer_receives_what_the_producer_sent(self):
        with tempfile.TemporaryDirectory() as folder:
            consumer = self.run_program(DATA_FOLDER=folder)
            self.assertEqual(self.run_program('produce', '3').process.wait(20), 0)
            consumer.says('received: job 3')
            self.assertEqual(consumer.end()[0], 0)
            with open(f'{folder}/done.log', encoding='utf-8') as done:
                self.assertEqual(done.read(), 'job 1\njob 2\njob 3\n')
        self.assertEqual(self.waiting(), 0)

    def test_messages_outlive_the_broker_and_the_consumer_comes_back(self):
        with tempfile.TemporaryDirectory() as folder:
            self.outlive(os.path.join(folder, 'ready'))

    def outlive(self, ready):
        consumer = self.run_program(READY_FILE=ready)
        consumer.says('connected to')
        until(lambda: os.path.exists(ready), 'a file says that it is ready', 20, consumer.text)
        self.broker.stop()
        consumer.says('waiting for 127.0.0.1')
        self.assertFalse(os.path.exists(ready), 'nor is it ready while the broker is away')
        producer = self.run_program('produce', '1')
        producer.says('waiting for 127.0.0.1')
        self.broker.start()
        consumer.says('received: job 1', 60)
        self.assertEqual(producer.process.wait(20), 0)
        self.assertEqual(consumer.end()[0], 0)

        self.assertEqual(self.run_program('produce', '2').process.wait(20), 0)
        self.broker.stop()
        self.broker.start()
        self.assertEqual(self.waiting(), 2)

    def test_a_job_that_fails_goes_back_to_the_queue(self):
        self.assertEqual(self.run_program('produce').process.wait(20), 0)
        consumer = self.run_program(DATA_FOLDER='/nowhere')
        self.assertNotEqual(consumer.process.wait(20), 0)
        until(lambda: self.waiting() == 1, 'the message is there again')

    def test_a_refused_login_ends_it_at_once(self):
        consumer = self.run_program(RABBITMQ_PASSWORD='another')
        self.assertEqual(consumer.process.wait(10), 77)
        self.assertIn("error: 127.0.0.1 refuses user 'app': ProbableAuthenticationError\n", consumer.text())
        self.assertNotIn('another', consumer.text())

    def test_it_ends_on_sigterm_while_it_waits_for_a_broker(self):
        consumer = self.run_program(RABBITMQ_PORT='1')
        consumer.says('waiting for 127.0.0.1:1')
        code, seconds = consumer.end()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 2)

    def test_wrong_use_is_told(self):
        self.assertEqual(self.run_program('dance').process.wait(10), 64)
        self.assertEqual(self.run_program(RABBITMQ_HOST='').process.wait(10), 78)


if __name__ == '__main__':
    unittest.main()
