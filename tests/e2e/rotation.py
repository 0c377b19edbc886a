"""The story of a password that is changed while the broker runs on."""
import threading

import pika
from gate import Dropped, Gate
from orchestrator import VALUES
from survival import start
from world import BROKER as SECRET
from world import Failed, check

ROTATE = ('credentials', 'rotate', 'orchestrator', '--timeout', '2m')


def rotate(world):
    """a password is changed inside the broker, in its Secret and for those that read it; also after a SIGKILL"""
    world.kchart('install', 'orchestrator', *VALUES, '--timeout', '3m', '--create-namespace')
    world.publish(5)
    claims, first, service = world.uids('pvc'), world.secret(SECRET), pods(world)
    out, err = world.kchart(*ROTATE)
    second = world.secret(SECRET)
    changed(world, first, second)
    check(first['password'] not in out + err and second['password'] not in out + err, 'no password is shown')
    check(world.uids('pvc') == claims, 'on the same volume')
    check(not pods(world) & service, 'what reads the Secret was started again')
    over(world)

    killed_after_the_job(world)
    both = world.secret(f'{SECRET}-rotation')
    check(world.secret(SECRET) == second and both['old'] == second['password'],
          'killed after the Job: the Secret has the old password, a second one has both')
    check(refused(world, second) and not refused(world, second | {'password': both['new']}),
          'and the broker knows the new one')
    out, err = world.kchart(*ROTATE)
    check(f'ending the rotation of {SECRET}/password' in err, 'the next run says that it ends it', err)
    third = world.secret(SECRET)
    check(third['password'] == both['new'], 'with the password that was made before')
    changed(world, second, third)
    over(world)
    world.kchart('uninstall', '--purge-volumes')
    check(world.names('secrets') == [], 'a purge leaves no Secret', world.names('secrets'))


def changed(world, old, new):
    check(old['password'] != new['password'] and old['username'] == new['username'], 'the password is another one')
    check(world.messages() == 5, 'login with it works, five messages')
    check(refused(world, old), 'the old one is refused')


def over(world):
    check(f'{SECRET}-rotation' not in world.names('secrets') and world.names('jobs') == [], 'nothing is left over')


def pods(world):
    return set(world.uids('pods').values())


def refused(world, login):
    """Whether the broker refuses a login."""
    address = world.get('service', SECRET)['spec']['clusterIP']
    credentials = pika.PlainCredentials(login['username'], login['password'])
    try:
        pika.BlockingConnection(pika.ConnectionParameters(address, 5672, '/', credentials)).close()
    except pika.exceptions.ProbableAuthenticationError:
        return True
    return False


def killed_after_the_job(world):
    """Ends a rotation before the request that gives the Secret the new password."""
    begun, dead = threading.Event(), threading.Event()

    def end(_, method, path):
        begun.wait()
        if method == 'PATCH' and path.split('?')[0].endswith(f'/secrets/{SECRET}') and not dead.is_set():
            dead.set()
            run.kill()
            run.wait()
        if dead.is_set():
            raise Dropped
    with Gate(world.rig.kubeconfig(), end) as gate:
        run = start(world, ROTATE, gate.kubeconfig)
        begun.set()
        out, err = run.communicate(timeout=180)
    if not dead.is_set():
        raise Failed(f'it was to be killed before it changes the Secret, and ended with {run.returncode}: {out}{err}')
