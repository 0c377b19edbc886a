"""What a purge says and does where provisioners do not do their part."""
import json
import os
import subprocess
import sys

from services import Database
from world import ROOT, check

DOWN = 'rig.kchart.dev/down-at-times'
CLASS = {'apiVersion': 'storage.k8s.io/v1', 'kind': 'StorageClass', 'provisioner': DOWN, 'reclaimPolicy': 'Delete',
         'volumeBindingMode': 'WaitForFirstConsumer', 'metadata': {'name': 'down-at-times'}}


class Provisioner:
    """A provisioner of its own, which can be ended."""

    def __init__(self, rig):
        self.rig = rig

    def __enter__(self):
        folder = f'{self.rig.folder}/rig'
        with open(f'{folder}/logs/provisioner.log', 'a') as log:
            self.process = subprocess.Popen(
                [sys.executable, '-B', f'{ROOT}/tests/cluster/node/provisioner.py', '--name', DOWN, '--kubeconfig',
                 f'{folder}/kubeconfig.internal', '--folder', f'{folder}/node/volumes'], stdout=log, stderr=log)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def provisioner_down(world):
    """a volume that its provisioner does not erase is not called gone, and the next purge finishes"""
    database, running = Database(world), Provisioner(world.rig)
    world.kubectl('apply', '-f', '-', stdin=json.dumps(CLASS))
    with running:
        database.install('--set', 'persistence.storageClass=down-at-times', '--create-namespace')
        database.fill()
        login = world.secret(database.secret)
    volume, = world.volumes()
    _, err = database.uninstall('--purge-volumes', '--timeout', '5s', expect=4)
    check(volume in err and DOWN in err and 'phase Released' in err,
          'with its provisioner down: which volume is still there, and who should have erased it', err)
    check(world.volumes() == {volume: 'Released'} and len(world.folders()) == 1, 'the data are there')
    check(world.secret(database.secret) == login and 'kchart.db.ledger' in world.names('secrets'),
          'and so is what opens them')
    out, _ = world.kchart('volumes')
    check(volume in out and 'Released' in out, 'it is listed', out)
    with running:
        database.uninstall('--purge-volumes')
    check(world.names('pvc,secrets') == [] and world.volumes() == {} and world.folders() == [],
          'with it up again, the same command finishes: no claim, no Secret, no volume and no folder')


def stale(world):
    """a provisioner that forgets a volume and gives its folder to the next claim locks nobody out unsaid"""
    database, volume = Database(world), ('--set', 'persistence.storageClass=stale')
    database.install(*volume, '--create-namespace')
    database.fill()
    login = world.secret(database.secret)
    first, = world.volumes()
    _, err = database.uninstall('--purge-volumes', '--timeout', '5s', expect=4)
    check(first in err and 'Released' in err, 'a volume that stays is not called gone', err)
    check(world.secret(database.secret) == login, 'and what opens its data stays')

    database.install(*volume)
    check(first in world.volumes() and len(world.volumes()) == 2, 'the next install gets another volume', world.volumes())
    database.holds(5)

    database.uninstall('--purge-volumes', '--timeout', '5s', expect=4)
    for name in world.volumes():   # as an administrator does, when nothing else helps
        world.kubectl('patch', 'pv', name, '-p', '{"metadata":{"finalizers":null}}')
        world.kubectl('delete', 'pv', name)
    database.uninstall('--purge-volumes')
    check(world.names('pvc,secrets') == [] and world.volumes() == {}, 'when the volumes are gone, the purge finishes')
    check(os.path.isdir(f'{world.rig.folder}/rig/node/volumes/{world.name}'), 'what the provisioner left is on the disk')
    _, err = database.install(*volume, timeout=database.patience, expect=4)
    check('although it is new, so its volume may hold older data' in err and 'some provisioners keep the folder' in err,
          'a new claim with old data is explained as what it is', err)
    old = ('--set', f'auth.password={login["password"]}')
    _, err = world.kchart('install', 'db', 'postgresql', *volume, *old, expect=5)
    check('may hold older data' in err and '--adopt-volumes' in err, 'whoever has the old password is told how to give it', err)
    database.install(*volume, *old, '--adopt-volumes')
    database.holds(5)
    database.uninstall('--purge-volumes', '--timeout', '5s', expect=4)
