"""The stories. Each sentence is a check; the first that is not true ends its story.

Which story plays which row of the decision table (docs/volumes.md) with the real broker and the real database; each ends
with a login and a count of messages or rows:

  install, upgrade or uninstall of                           RabbitMQ            PostgreSQL
  a fresh volume; again with a generated password, kept      origin, retain      postgres
  generated, its Secret deleted by hand                      lost-secret         postgres
  given: the same, another one, its Secret deleted, rotated  given-rabbitmq      given-postgresql
  a claim that Helm left: generated, given right and wrong   helm-rabbitmq       helm-postgresql
  in another namespace than its release: the same, another   -                   elsewhere
  a renamed set; another major version of the image          given-rabbitmq      given-postgresql
  a failed first install, taken back, and its retry          atomic              postgres
  rollback                                                   rollback            postgres
  purge of Delete                                            origin              postgres
  purge of Retain                                            retain              adopted-postgresql
  purge with the provisioner down; that forgets a volume     -                   provisioner-down, stale
  purge without rights on claims, on volumes                 rights, developer   -
  a Released volume, adopted; purge by name                  adopted-rabbitmq    adopted-postgresql
  rotation                                                   rotate              rotate-postgresql
  rotation, killed at its steps and ended by the next run    rotate-rabbitmq     rotate-postgresql

Rotations are killed at three steps, with `--full` at each: before every write that one sends.
"""
import json

import adopted
import atomic
import autoscaler
import causes
import database
import elsewhere
import given
import left_by_helm
import purged as purges
import rights
import rollback
import rotation
import survival
from orchestrator import (BROKER, BROKERS_CLAIM, INSTALL, UPGRADE, VALUES, broker, names_volume_and_purge, pods, purged,
                          received)
from services import Broker, Database
from world import check


def origin(world):
    """what kchart is for: the volume and its password stay together"""
    world.kchart(*INSTALL, '--create-namespace')
    check(world.uids('statefulsets').keys() == {BROKER}, 'the broker is there')
    first = world.secret(BROKER)
    received(world)
    broker(world).put(5)
    broker(world).holds(5)
    claims = world.uids('pvc')

    out, err = world.kchart('uninstall', 'orchestrator')
    check(world.names('pods') == [], 'uninstall takes the Pods away')
    check(world.uids('pvc') == claims, 'uninstall keeps the claims', world.uids('pvc'))
    check(world.secret(BROKER) == first, 'uninstall keeps the credentials')
    names_volume_and_purge(out + err, 'uninstall says what it kept, and how to remove it')

    world.kchart(*INSTALL)
    check(world.uids('pvc') == claims, 'install again finds the claims')
    check(world.secret(BROKER) == first, 'install again finds the credentials')
    broker(world).holds(5)
    received(world)

    runs, service = world.uids('pods')[f'{BROKER}-0'], pods(world)
    world.kchart(*UPGRADE, '--set', 'extraEnv.LOG_LEVEL=debug')
    check(world.uids('pods')[f'{BROKER}-0'] == runs, 'an upgrade of the service leaves the broker alone')
    check(not pods(world) & service, 'an upgrade of its environment restarts the service')

    purged(world)

    world.kchart(*INSTALL)
    broker(world).holds(0)
    check(world.secret(BROKER) != first, 'after a purge, the credentials are new')
    purged(world)


def retain(world):
    """the same with volumes that outlive their claims"""
    kept = [*INSTALL, '--set', 'rabbitmq.persistence.storageClass=standard-retain']
    world.kchart(*kept, '--create-namespace')
    broker(world).put(5)
    world.kchart('uninstall', 'orchestrator')
    world.kchart(*kept)
    broker(world).holds(5)
    purged(world)
    world.kchart(*kept)
    broker(world).holds(0)

    # Somebody deletes the claim by hand: its volume is Released, and only the ledger knows whose it was.
    world.kchart('uninstall', 'orchestrator')
    world.kubectl('delete', 'pvc', BROKERS_CLAIM)
    world.wait('the volume is Released', lambda: 'Released' in world.volumes().values())
    world.kchart(*kept)
    broker(world).holds(0)
    purged(world)


def lost_secret(world):
    """a volume whose password is gone is never opened with a new one"""
    world.kchart(*INSTALL, '--create-namespace')
    password = world.secret(BROKER)['password']
    broker(world).put(5)
    world.kchart('uninstall', 'orchestrator')
    world.kubectl('delete', 'secret', BROKER)
    before = json.loads(world.kubectl('get', 'all,secrets,pvc', '-o', 'json'))
    out, err = world.kchart(*INSTALL, expect=5)
    names_volume_and_purge(err, 'install refuses, names the volume and says what to choose from')
    after = json.loads(world.kubectl('get', 'all,secrets,pvc', '-o', 'json'))
    check(before['items'] == after['items'], 'a refusal changes nothing')
    world.kchart(*INSTALL, '--set', f'rabbitmq.auth.password={password}')
    broker(world).holds(5)
    purged(world)


def developer(world):
    """all of it with the rights of a namespace's edit role"""
    world.kchart(*INSTALL)
    broker(world).put(1)
    world.kchart('uninstall', 'orchestrator')
    out, err = world.kchart('volumes')
    rows = [line.split() for line in out.splitlines() if line.startswith('orchestrator ')]
    check(len(rows) == 2 and all(row[2].startswith('pvc-') and row[7] == '?' for row in rows)
          and 'PersistentVolumes may not be read' in out,
          'what only volumes know is shown as unknown, and why', out + err)
    world.kchart(*INSTALL)
    broker(world).holds(1)
    out, err = world.kchart('uninstall', '--purge-volumes')
    check(world.names('pvc') == [], 'the claims are gone')
    check('persistentvolumes' in (out + err).lower(), 'what could not be verified is said', out + err)


def rendered(world):
    """what kubectl reads of a rendered manifest is what kchart meant"""
    world.kubectl('create', 'namespace', world.name)
    strings = {'YES': 'yes', 'ZERO': '0123', 'EXP': '1e3', 'ON': 'on', 'TIME': '12:30', 'HUGE': '9007199254740993',
               'EVIL': 'x"\n  injected: true # '}
    values = {'image': {'repository': 'orchestrator'}, 'extraEnv': strings}
    out, _ = world.kchart('template', 'orchestrator', *VALUES, '--set-json', json.dumps(values),
                          '--set', 'image.tag=1.10')
    world.kubectl('apply', '--dry-run=server', '-f', '-', stdin=out)
    check(True, 'the API server takes every document')
    items = json.loads(world.kubectl('apply', '--dry-run=client', '-o', 'json', '-f', '-', stdin=out))['items']
    deployment = next(item for item in items if item['kind'] == 'Deployment')
    container = deployment['spec']['template']['spec']['containers'][0]
    read = {item['name']: item.get('value') for item in container['env']}
    for name, text in strings.items():
        check(read[name] == text, f'{text!r} stays that string', read[name])
    check(container['image'] == 'orchestrator:1.10', 'tag: 1.10 gives :1.10', container['image'])
    check(read['RABBITMQ_PORT'] == '5672', 'a port in the environment is the string "5672"')


def conformance(world):
    """this server and the sandbox give the same answers: to scripts, and to kchart in the life of a release"""
    real = world.rig.kubeconfig()
    out = world.cargo('test', '--quiet', '--test', 'suite', 'conformance::', KCHART_REAL=real)
    check(' passed' in out and '0 failed' in out, 'both answer the scripts of tests/fixtures/conformance as written', out)
    out = world.cargo('test', '--quiet', '--lib', 'conversation::a_real_cluster', KCHART_REAL=real)
    check('1 passed' in out and '0 failed' in out, 'kchart hears the same from both, and leaves the same behind', out)


def of(story, service):
    """A story of one that keeps data."""
    def told(world):
        story(world, service(world))
    told.__doc__ = f'{service.chart}: {story.__doc__}'
    return told


# name: story, user ('' is the administrator), namespace (its own if ''); the long ones first, as several are played at once
ALL = {
    'origin': (origin, '', ''),
    'rotate-rabbitmq': (of(rotation.rotation_killed, Broker), '', ''),
    'raced': (survival.raced, '', ''),
    'killed': (survival.killed, '', ''),
    'helm-rabbitmq': (of(left_by_helm.left_by_helm, Broker), '', ''),
    'given-rabbitmq': (of(given.given, Broker), '', ''),
    'atomic': (atomic.atomic, '', ''),
    'rotate-postgresql': (of(rotation.rotation_killed, Database), '', ''),
    'retain': (retain, '', ''),
    'rights': (rights.rights, '', ''),
    'postgres': (database.postgres, '', ''),
    'rollback': (rollback.rollback, '', ''),
    'given-postgresql': (of(given.given, Database), '', ''),
    'helm-postgresql': (of(left_by_helm.left_by_helm, Database), '', ''),
    'adopted-rabbitmq': (of(adopted.adopted, Broker), '', ''),
    'rotate': (rotation.rotate, '', ''),
    'stale': (purges.stale, '', ''),
    'lost-secret': (lost_secret, '', ''),
    'elsewhere': (elsewhere.elsewhere, '', ''),
    'adopted-postgresql': (of(adopted.adopted, Database), '', ''),
    'developer': (developer, 'developer', 'team'),
    'provisioner-down': (purges.provisioner_down, '', ''),
    'autoscaler': (autoscaler.autoscaler, '', ''),
    'rendered': (rendered, '', ''),
    'conformance': (conformance, '', ''),
    'causes': (causes.causes, '', ''),
    'stopped': (survival.stopped, '', ''),
}
# What they check has to be seen within seconds, or takes all of the machine: others would disturb them.
ALONE = ('conformance', 'causes')
