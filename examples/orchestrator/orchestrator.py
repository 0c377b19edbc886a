"""usage: orchestrator.py [consume | produce [COUNT]]

Without a word it consumes. Ends with 0 when all is done or on SIGTERM, 1 on an error, 64 on a wrong command line,
77 when the broker refuses the login, 78 on wrong settings.
"""
import logging
import os
import sys

import pika.exceptions

import settings
from broker import LoginRefused
from consumer import consume
from producer import produce
from stop import Stop

# Names of sysexits.h.
USAGE, NO_PERMISSION, CONFIGURATION = 64, 77, 78


def main(arguments):
    # The level is a name of Python's logging: debug, info, warning.
    logging.basicConfig(stream=sys.stdout, format='%(asctime)s %(name)s: %(message)s',
                        level=os.environ.get('LOG_LEVEL', 'info').upper())
    # pika writes the whole story of each failed attempt; ours is one line.
    logging.getLogger('pika').setLevel(logging.CRITICAL)
    stop = Stop()
    try:
        match arguments:
            case [] | ['consume']:
                consume(settings.read(), stop)
            case ['produce']:
                return produced(stop, 1)
            case ['produce', count] if count.isdecimal():
                return produced(stop, int(count))
            case _:
                print(__doc__, file=sys.stderr)
                return USAGE
    except settings.WrongSettings as error:
        print(f'error: {error}', file=sys.stderr)
        return CONFIGURATION
    except LoginRefused as error:
        print(f'error: {error}', file=sys.stderr)
        return NO_PERMISSION
    except pika.exceptions.AMQPError as error:
        print(f'error: the broker says {error!r}', file=sys.stderr)
        return 1
    return 0


def produced(stop, count):
    return 0 if produce(settings.read(), stop, [f'job {number}' for number in range(1, count + 1)]) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
