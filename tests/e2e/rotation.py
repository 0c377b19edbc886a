"""Stories of a password that is changed while the service runs on: undisturbed, and killed at its steps."""
import itertools
import threading

from gate import Dropped, Gate
from orchestrator import BROKER, NAME, VALUES, broker, pods
from survival import start
from world import Failed, check


def rotate(world):
    """a password is changed inside the broker and in its Secret, and all that read it start again"""
    world.kchart('install', NAME, *VALUES, '--timeout', '3m', '--create-namespace')
    broker(world).put(5)
    claims, first, service = world.uids('pvc'), world.secret(BROKER), pods(world)
    out, err = world.kchart('credentials', 'rotate', NAME, '--timeout', '3m')
    second = world.secret(BROKER)
    changed(broker(world), first['password'])
    over(broker(world))
    check(first['password'] not in out + err and second['password'] not in out + err, 'no password is shown')
    check(world.uids('pvc') == claims, 'on the same volume')
    check(not pods(world) & service, 'what reads the Secret was started again')
    world.kchart('uninstall', '--purge-volumes')
    check(world.names('secrets') == [], 'a purge leaves no Secret', world.names('secrets'))


def rotation_killed(world, service):
    """killed with SIGKILL before a write of a rotation (with --full before each), and ended by the next run"""
    service.install('--create-namespace')
    service.fill()
    claims = world.uids('pvc')
    writes = undisturbed(service)
    steps = range(len(writes)) if world.rig.full else samples(service, writes)
    for step, end in zip(steps, itertools.cycle((service.rotate, service.upgrade))):
        old = service.login()[1]
        cut(service, step)
        begun = held(service)
        one_logs_in(service, f'killed before {writes[step]}', {old, service.login()[1], *begun.values()})
        end()
        if begun:
            check(service.login()[1] == begun['new'], f'`{end.__name__}` ended it, with the password it was begun with')
            changed(service, old)
        else:
            service.holds(5)
        over(service)
    check(world.uids('pvc') == claims, 'on the same volume all the time')
    service.uninstall('--purge-volumes')
    check(world.names('secrets,pvc') == [], 'a purge leaves nothing', world.names('secrets,pvc'))


def undisturbed(service):
    """A rotation that nobody kills; what it wrote, in order."""
    old = service.login()[1]
    with Gate(service.world.rig.kubeconfig()) as gate:
        run(service, gate).communicate(timeout=300)
        writes = [describe(method, path) for method, path in gate.requests if is_write(method, path)]
    changed(service, old)
    over(service)
    check(len(writes) > 8, f'a rotation, in {len(writes)} writes', writes)
    return writes


def samples(service, writes):
    """Both passwords are held, and nothing is done; the service knows the new one, the Secret does not; the Secret has
    it, and nobody was started again."""
    return [writes.index(one) for one in (f'PATCH jobs/{service.secret}-rotate', f'PATCH secrets/{service.secret}',
                                          f'PATCH statefulsets/{service.secret}')]


def cut(service, step):
    """Runs a rotation until it sends its write of that number, which does not arrive."""
    begun, dead, lock, sent = threading.Event(), threading.Event(), threading.Lock(), []

    def end(_, method, path):
        begun.wait()
        with lock:
            sent.extend([path] * is_write(method, path))
            if len(sent) > step and not dead.is_set():
                rotating.kill()
                rotating.wait()
                dead.set()
            if dead.is_set():
                raise Dropped
    with Gate(service.world.rig.kubeconfig(), end) as gate:
        rotating = run(service, gate)
        begun.set()
        out, err = rotating.communicate(timeout=300)
    if not dead.is_set():
        raise Failed(f'it was to be killed before write {step}, and ended with {rotating.returncode}: {out}{err}')


def run(service, gate):
    return start(service.world, ('credentials', 'rotate', service.release, '--timeout', '3m'), gate.kubeconfig)


def is_write(method, path):
    return method != 'GET' and '/leases' not in path and '/events' not in path


def describe(method, path):
    """`PATCH secrets/mq-rabbitmq`, `POST jobs`."""
    parts = path.split('?')[0].split('/')
    return f'{method} {"/".join(parts[parts.index("namespaces") + 2:])}' if 'namespaces' in parts else f'{method} {path}'


def held(service):
    """What the Secret with both passwords holds; nothing if it is not there."""
    name = f'{service.secret}-rotation'
    return service.world.secret(name) if name in service.world.names('secrets') else {}


def one_logs_in(service, when, passwords):
    opens = [password for password in passwords if service.lets_in(service.login(password))]
    check(len(opens) == 1, f'{when}: one of the passwords that the cluster holds logs in', len(opens))


def changed(service, old):
    user, new = service.login()
    check(new != old and service.lets_in((user, new)) and not service.lets_in((user, old)),
          'the new password logs in, and the old one is refused')
    service.holds(5)


def over(service):
    world = service.world
    check(not held(service) and world.names('jobs') == [] and world.names('leases') == [], 'nothing is left over')
