"""Sends jobs that survive a restart of the broker, and knows that they have arrived."""
import logging
import uuid

import pika

import broker

log = logging.getLogger('producer')


def produce(settings, stop, texts):
    """Sends the texts in order. A job whose confirmation was lost with its connection is sent again."""
    waiting = [(str(uuid.uuid4()), text) for text in texts]

    def work(channel):
        channel.confirm_delivery()
        while waiting and not stop.asked:
            identity, text = waiting[0]
            # Returns when the broker has it on disk; raises when no queue takes it.
            channel.basic_publish(
                '', settings.queue, text.encode(), mandatory=True,
                properties=pika.BasicProperties(delivery_mode=2, message_id=identity, content_type='text/plain'))
            log.info('sent: %s', text)
            waiting.pop(0)

    broker.keep_connected(settings, stop, work)
    return not waiting
