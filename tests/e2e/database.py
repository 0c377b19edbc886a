"""The story of the bundled PostgreSQL, with the real server: logins over the network, rows counted."""
from world import check

INSTALL = ('install', 'db', 'postgresql', '--timeout', '1m')
SECRET = 'db-postgresql'
CLAIM = 'data-db-postgresql-0'


def postgres(world):
    """rows and the password of a real PostgreSQL stay together on every path"""
    world.kchart(*INSTALL, '--create-namespace')
    first, claims = world.secret(SECRET), world.uids('pvc')
    fill(world)
    world.kchart('uninstall', 'db')
    check(world.uids('pvc') == claims and world.secret(SECRET) == first, 'uninstall keeps the claim and its login')
    world.kchart(*INSTALL)
    check(world.uids('pvc') == claims and world.secret(SECRET) == first, 'install again finds both')
    check(rows(world) == 5, 'login works, five rows')

    refused(world, 'another major version', ('does not start on it', 'dump and restore'),
            'upgrade', 'db', 'postgresql', '--set', 'image.tag=18.1-trixie')
    behind_its_back(world, first)
    purge(world)

    given = (*INSTALL, '--set', 'auth.password=first-password')
    world.kchart(*given)
    check(world.secret(SECRET) != first, 'after a purge, the login is another one')
    check(world.sql(SECRET, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == '0', 'and the database is empty')
    fill(world)
    refused(world, 'another password', ('another `password` of Secret `db-postgresql`',),
            'upgrade', 'db', 'postgresql', '--set', 'auth.password=second-password')
    world.kchart('uninstall', 'db')
    world.kchart(*given)
    check(rows(world) == 5, 'the same password given again: login works, five rows')

    world.kchart('uninstall', 'db')
    world.kubectl('delete', 'secret', SECRET)
    refused(world, 'a lost Secret', ('which the cluster no longer has',), *INSTALL)
    refused(world, 'a wrong password for it', ('another `password` of Secret `db-postgresql`',),
            *INSTALL, '--set', 'auth.password=second-password')
    world.kchart(*given)
    check(rows(world) == 5, 'healed by the old password: login works, five rows')
    purge(world)


def behind_its_back(world, first):
    """Somebody writes another password into the Secret; the probe is the only one to see that it opens nothing."""
    patch = '{"stringData":{"password":"%s"}}'
    world.kubectl('patch', 'secret', SECRET, '-p', patch % 'somebody-knew-better')
    world.kubectl('delete', 'pod', 'db-postgresql-0')
    _, err = world.kchart('upgrade', 'db', 'postgresql', '--set', 'podAnnotations.try=again', '--timeout', '15s', expect=4)
    check(f'is not what volume claim `{CLAIM}` was initialised with' in err
          and 'password authentication failed for user "app"' in err and 'somebody-knew-better' not in err,
          'a password changed behind its back is explained as what it is', err)
    world.kubectl('patch', 'secret', SECRET, '-p', patch % first['password'])
    world.kchart('upgrade', 'db', 'postgresql')
    check(rows(world) == 5, 'with the old one back, login works, five rows')


def refused(world, what, words, *command):
    """Refused with exit code 5, and nothing in the cluster is another than before."""
    def picture():
        return [(item['metadata']['uid'], item['metadata']['resourceVersion'])
                for item in world.items('statefulsets,services,secrets,pvc,pods')]
    before = picture()
    _, err = world.kchart(*command, expect=5)
    check(CLAIM in err and all(word in err for word in words) and 'hint: ' in err,
          f'{what} is refused, with the volume and the ways out', err)
    check(picture() == before, 'and nothing is changed')


def fill(world):
    world.sql(SECRET, 'CREATE TABLE kept (number int); INSERT INTO kept SELECT generate_series(1, 5)')
    check(rows(world) == 5, 'login works, five rows')


def rows(world):
    return int(world.sql(SECRET, 'SELECT count(*) FROM kept'))


def purge(world):
    world.kchart('uninstall', 'db', '--purge-volumes')
    check(world.names('pvc,secrets') == [] and world.volumes() == {} and world.folders() == [],
          'a purge leaves no claim, no Secret, no volume and no folder')
