"""The wish to end: SIGTERM (Kubernetes) and SIGINT (Ctrl-C).

Python as process 1 ignores SIGTERM unless somebody listens; Kubernetes would then wait out the grace period.
"""
import contextlib
import select
import signal
import socket


class Stopped(Exception):
    """Raised inside `interruptible` when the wish to end comes."""


class Stop:
    """Listens from its making on. One a process, made in the main thread."""

    def __init__(self):
        self.asked = False
        self._interruptible = False
        # A signal makes the first end readable: a sleep ends at once, without a lock in the handler.
        self._wakes, self._woken = socket.socketpair()
        for end in (self._wakes, self._woken):
            end.setblocking(False)
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *_):
        self.asked = True
        if self._interruptible:
            self._interruptible = False
            raise Stopped

    def sleep(self, seconds):
        """Sleeps, or returns early when the wish to end comes."""
        if not self.asked:
            select.select([self._wakes], [], [], seconds)

    @contextlib.contextmanager
    def interruptible(self):
        """For what may take long and has nothing to lose: the wish to end raises `Stopped`."""
        self._interruptible = True
        try:
            if self.asked:
                raise Stopped
            yield
        finally:
            self._interruptible = False
