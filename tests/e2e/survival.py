"""Stories of runs that die, meet each other, or wake up too late, on a release of thirty objects."""
import concurrent.futures
import json
import os
import signal
import subprocess
import threading

from gate import Dropped, Gate
from world import HERE, ROOT, Failed, Namespace, check

CHART = f'{HERE}/charts/survivor'
DEPLOY = ('upgrade', 'survivor', CHART, '--install', '--timeout', '2m')
# In the order in which one release goes through them.
VERBS = {
    'install': DEPLOY,
    'upgrade': (*DEPLOY, '--set', 'edition=second'),
    'uninstall': ('uninstall', 'survivor', '--ignore-not-found', '--timeout', '2m'),
    'purge': ('uninstall', 'survivor', '--purge-volumes', '--ignore-not-found', '--timeout', '2m'),
}
KINDS = ('configmaps,secrets,services,serviceaccounts,roles.rbac.authorization.k8s.io,'
         'rolebindings.rbac.authorization.k8s.io,jobs,cronjobs,poddisruptionbudgets,statefulsets,pvc')
RELEASES = 10


# ---- killed

def killed(world):
    """killed with SIGKILL at forty points, a run is finished by the next one, and nothing is lost"""
    counts, reached = undisturbed(Namespace(world.rig, world.binary, f'{world.name}-calm'))
    check(min(counts.values()) > 20, f'requests of a run: {counts}')
    with concurrent.futures.ThreadPoolExecutor(RELEASES) as pool:
        lives = [pool.submit(life, Namespace(world.rig, world.binary, f'{world.name}-{number}'), number, counts, reached)
                 for number in range(RELEASES)]
        points = [point for life in concurrent.futures.as_completed(lives) for point in life.result()]
    check(len(points) >= 4 * RELEASES - 4, f'killed at {len(points)} points: no volume lost, no Secret lost, no object left '
          'over, no lock stuck', points)


def undisturbed(world):
    """How many requests each verb sends, and what is there after it."""
    counts, reached = {}, {}
    world.kubectl('create', 'namespace', world.name)
    for verb, args in VERBS.items():
        with Gate(world.rig.kubeconfig()) as gate:
            finish(world, start(world, args, gate.kubeconfig), verb)
            counts[verb] = len(gate.requests)
        reached[verb] = objects(world)
    return counts, reached


def life(world, number, counts, reached):
    """One release, killed once in each verb; at which points."""
    points = []
    world.kubectl('create', 'namespace', world.name)
    for verb, args in VERBS.items():
        if verb == 'purge':
            finish(world, start(world, VERBS['install']), 'install again')
        at, moment = 1 + number * counts[verb] // RELEASES, ('before', 'after')[number % 2]
        where = f'{world.name}: {verb} killed {moment} request {at} of {counts[verb]}'
        before = data(world)
        if die(world, args, at, moment):
            points.append(f'{verb} {moment} {at}')
        kept(where, before, data(world), verb)
        between = data(world)
        finish(world, start(world, args), where)
        kept(where, between, data(world), verb)
        now = objects(world)
        if now != reached[verb]:
            raise Failed(f'{where}: left over {sorted(now - reached[verb])}, missing {sorted(reached[verb] - now)}')
        if world.names('leases'):
            raise Failed(f'{where}: the lock is stuck')
        if verb == 'purge' and (world.volumes() or world.folders()):
            raise Failed(f'{where}: volumes {world.volumes()}, folders {world.folders()}')
    return points


def die(world, args, at, moment):
    """Runs kchart until its request of that number; whether it came that far."""
    begun, dead = threading.Event(), threading.Event()

    def end(here):
        def watch(number, *_):
            begun.wait()
            if number == at and here == moment and not dead.is_set():
                dead.set()
                run.kill()
                run.wait()
            if dead.is_set():
                raise Dropped
        return watch
    with Gate(world.rig.kubeconfig(), end('before'), end('after')) as gate:
        run = start(world, args, gate.kubeconfig)
        begun.set()
        run.communicate()
    return dead.is_set()


def data(world):
    """Uids of claims, and what opens them."""
    login = world.secret('login') if 'login' in world.names('secrets') else {}
    return world.uids('pvc'), login


def kept(where, before, now, verb):
    (claims, login), (claims_now, login_now) = before, now
    stays = claims.items() & claims_now.items()
    if verb != 'purge' and len(stays) < len(claims):
        raise Failed(f'{where}: a claim is lost')
    if (stays or verb != 'purge') and not login.items() <= login_now.items():
        raise Failed(f'{where}: what opens the claim is another one, or gone')


# ---- raced

def raced(world):
    """two runs at once on one release, fifty times: one wins, one says why"""
    world.kubectl('create', 'namespace', world.name)
    finish(world, start(world, VERBS['install']), 'install')
    for number in range(50):
        race(world, number)
    check(world.names('leases') == [], 'fifty rounds: each time one won, and one said who had the lock (exit code 6)')
    statuses = [revision['status'] for revision in world.revisions('survivor')]
    check(statuses[-1] == 'deployed' and set(statuses[:-1]) == {'superseded'}, 'no revision is unfinished', statuses)


def race(world, number):
    """Both ask for the lock at the same moment; who has it works on when the other has ended."""
    both, ended = threading.Barrier(2, timeout=60), threading.Event()

    def hold(_, method, path):
        if 'leases' in path and method == 'POST':
            both.wait()
        elif 'leases' not in path and method != 'GET':
            ended.wait(60)
    names = [f'round-{number}-{runner}' for runner in 'ab']
    gates = [Gate(world.rig.kubeconfig(), hold) for _ in names]
    runs = [start(world, (*DEPLOY, '--set', f'edition={name}', '--lock-timeout', '0s'), gate.kubeconfig)
            for name, gate in zip(names, gates)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(runs[0].communicate), pool.submit(runs[1].communicate)
        concurrent.futures.wait([first, second], return_when=concurrent.futures.FIRST_COMPLETED)
        ended.set()
        outputs = [first.result(), second.result()]
    for gate in gates:
        gate.close()
    codes = [run.returncode for run in runs]
    if sorted(codes) != [0, 6]:
        raise Failed(f'round {number}: exit codes {codes}: {outputs}')
    loser = outputs[codes.index(6)][1]
    if f'process {runs[codes.index(0)].pid}' not in loser:
        raise Failed(f'round {number}: it does not say who has the lock: {loser}')
    editions = {item['data']['edition'] for item in world.items('configmaps') if 'edition' in item.get('data', {})}
    if editions != {names[codes.index(0)]}:
        raise Failed(f'round {number}: the state is mixed: {editions}')


def stopped(world):
    """a run that was stopped past its lock, and replaced, changes nothing more when it wakes up"""
    world.kubectl('create', 'namespace', world.name)
    finish(world, start(world, VERBS['install']), 'install')
    begun, asleep, late = threading.Event(), threading.Event(), []

    def sleep(_, method, path):
        begun.wait()
        if asleep.is_set():
            return
        if method == 'PATCH' and '/configmaps/' in path:
            # Its answer is on the way when it is stopped.
            asleep.set()
            first.send_signal(signal.SIGSTOP)

    def count(_, method, path):
        # The Lease it may ask for: with the version that it knew, which is another one now.
        if awake.is_set() and method != 'GET' and '/leases/' not in path:
            late.append(f'{method} {path}')
    awake = threading.Event()
    with Gate(world.rig.kubeconfig(), count, sleep) as gate:
        first = start(world, (*DEPLOY, '--set', 'edition=slow'), gate.kubeconfig)
        begun.set()
        world.wait('the first run is stopped at work', asleep.is_set)
        second = start(world, (*DEPLOY, '--set', 'edition=fast'))
        out, err = finish(world, second, 'the second run')
        check('took over the lock' in err and f'process {first.pid}' in err,
              'another run waits, takes the lock over, says so, and finishes', err)
        before = json.loads(world.kubectl('get', KINDS, '-o', 'json'))['items']
        awake.set()
        first.send_signal(signal.SIGCONT)
        out, err = first.communicate(timeout=60)
        check(first.returncode == 6, 'the first one ends with exit code 6', (first.returncode, err))
        check('the lock of release `survivor` was lost' in err, 'and says that it lost the lock', err)
        check(late == [], 'it sent no write any more', late)
        after = json.loads(world.kubectl('get', KINDS, '-o', 'json'))['items']
        check(before == after, 'nothing was changed')


# ---- what they share

def start(world, args, kubeconfig=None):
    environment = {'PATH': os.environ['PATH'], 'HOME': world.rig.folder,
                   'KUBECONFIG': kubeconfig or world.rig.kubeconfig()}
    return subprocess.Popen([world.binary, *args, '-n', world.name], text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=ROOT)


def finish(world, run, what):
    out, err = run.communicate(timeout=300)
    if run.returncode:
        raise Failed(f'{what}: ended with {run.returncode}:\n{out}{err}\n{world.picture()}')
    return out, err


def objects(world):
    """Everything of the release, by kind and name; records and what Kubernetes makes itself aside."""
    return {f"{item['kind']}/{item['metadata']['name']}" for item in world.items(KINDS)
            if not item.get('type', '').startswith('kchart.dev/')
            and not item['metadata']['name'].startswith('sweep-')}
