"""The rows of the decision table with a generated password, played with a PostgreSQL, and two that are its own."""
import json

from services import Database
from world import check

# Beside a server that makes its volume, a container whose image does not exist.
BROKEN = json.dumps({'spec': {'template': {'spec': {'containers': [{'name': 'broken', 'image': 'nope:1'}]}}}})


def postgres(world):
    """rows and the generated password of a real PostgreSQL stay together on every path"""
    database = Database(world)
    failed_first(database)
    first, claims = world.secret(database.secret), world.uids('pvc')
    database.fill()
    database.uninstall()
    check(world.uids('pvc') == claims and world.secret(database.secret) == first, 'uninstall keeps the claim and its login')
    database.install()
    check(world.uids('pvc') == claims and world.secret(database.secret) == first, 'install again finds both')
    database.holds(5)
    database.upgrade('--set', 'settings.work_mem=8MB')
    world.kchart('rollback', 'db')
    check(world.secret(database.secret) == first, 'a rollback keeps the login')
    database.holds(5)
    behind_its_back(world, database, first)

    database.uninstall()
    world.kubectl('delete', 'secret', database.secret)
    database.refused('a lost Secret', ('which the cluster no longer has',), 'install', 'db', 'postgresql')
    database.install('--set', f'auth.password={first["password"]}')
    database.holds(5)
    purge(world, database)
    database.install()
    check(world.secret(database.secret) != first, 'after a purge, the login is another one')
    database.holds(0)
    purge(world, database)


def failed_first(database):
    """A first install that fails takes its workloads away; what the volume was initialised with stays for the retry."""
    world = database.world
    _, err = database.install('--create-namespace', '--rollback-on-failure', '--set-json', f'extra={BROKEN}', timeout=database.patience,
                              expect=4)
    check('image `nope:1` of container `broken`' in err, 'a first install that fails says why', err)
    check(world.names('statefulsets,pods,services') == [], 'its workloads are gone', world.names('all'))
    claims, login = world.uids('pvc'), world.secret(database.secret)
    check(list(claims) == [database.claim] and len(world.folders()) == 1, 'its claim and its login stay', claims)
    database.install()
    check(world.uids('pvc') == claims and world.secret(database.secret) == login, 'the retry finds both')


def behind_its_back(world, database, first):
    """Somebody writes another password into the Secret; the probe is the only one to see that it opens nothing."""
    patch = '{"stringData":{"password":"%s"}}'
    world.kubectl('patch', 'secret', database.secret, '-p', patch % 'somebody-knew-better')
    world.kubectl('delete', 'pod', database.pod)
    _, err = database.upgrade('--set', 'podAnnotations.try=again', timeout=database.patience, expect=4)
    check(f'is not what volume claim `{database.claim}` was initialised with' in err
          and 'password authentication failed for user "app"' in err and 'somebody-knew-better' not in err,
          'a password changed behind its back is explained as what it is', err)
    world.kubectl('patch', 'secret', database.secret, '-p', patch % first['password'])
    database.upgrade()
    database.holds(5)


def purge(world, database):
    database.uninstall('--purge-volumes')
    check(world.names('pvc,secrets') == [] and world.volumes() == {} and world.folders() == [],
          'a purge leaves no claim, no Secret, no volume and no folder')
