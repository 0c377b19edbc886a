"""Takes jobs from the queue, one at a time, and says when each is done."""
import logging
import os

import broker

log = logging.getLogger('consumer')

# How long an idle consumer may take to see that it shall end.
IDLE_SECONDS = 0.5


def consume(settings, stop, job=None):
    """Consumes until it shall end. `job(text)` does the work; when it raises, the message goes back to the queue."""
    job = job or (lambda text: keep(settings, text))

    def work(channel):
        # One at a time: what a slow consumer has not begun is free for others.
        channel.basic_qos(prefetch_count=1)
        for method, _, body in channel.consume(settings.queue, inactivity_timeout=IDLE_SECONDS):
            if method is not None:
                text = body.decode(errors='replace')
                log.info('received: %s', text)
                job(text)
                # Only now may the broker forget it.
                channel.basic_ack(method.delivery_tag)
            if stop.asked:
                break
        channel.cancel()

    broker.keep_connected(settings, stop, work)


def keep(settings, text):
    """Remembers a job on the volume, where there is one."""
    if settings.data_folder:
        with open(os.path.join(settings.data_folder, 'done.log'), 'a', encoding='utf-8') as done:
            done.write(text.replace('\n', ' ') + '\n')
