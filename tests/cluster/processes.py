"""Processes that outlive the program that started them: named for good by pid and start time."""
import os
import signal
import time


def start_time(pid):
    """When the process started, in clock ticks since boot: with the pid, it names a process for good."""
    with open(f'/proc/{pid}/stat') as f:
        return f.read().rsplit(')', 1)[1].split()[19]


def alive(pid, started):
    """Whether this is still the process that was started then."""
    try:
        with open(f'/proc/{pid}/stat') as f:
            fields = f.read().rsplit(')', 1)[1].split()
        return fields[19] == started and fields[0] != 'Z'
    except OSError:
        return False


def stop(name, pid, started):
    """Ends a component of the rig, if it is still the one that was started."""
    if not alive(pid, started):
        return
    # The kubelet's `unshare` takes the whole PID namespace down, with all Pods, but only on SIGKILL.
    os.kill(pid, signal.SIGKILL if name in ('kubelet', 'etcd') else signal.SIGTERM)
    end = time.monotonic() + 3
    while alive(pid, started):
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            end += 3
        time.sleep(0.02)
