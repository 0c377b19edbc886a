"""The roles of docs/rbac, applied as they are, are enough; and what they don't give is said."""
import json
import os

from orchestrator import NAME, VALUES, broker
from world import ROOT, check

DEPLOY = ['deploy', NAME, *VALUES]


class Deployer:
    """A service account with nothing but what it is given."""

    def __init__(self, world, name):
        self.world, self.name = world, name
        world.kubectl('create', 'serviceaccount', name)
        token = world.kubectl('create', 'token', name).strip()
        with open(world.rig.kubeconfig()) as f:
            config = json.load(f)
        config['users'][0]['user'] = {'token': token}
        path = world.rig.kubeconfig(f'{world.name}-{name}')
        with open(path, 'w', opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            json.dump(config, f)

    def role(self, file, cluster=False):
        """Applies a role of docs/rbac and binds it."""
        self.world.kubectl('apply', '-f', f'{ROOT}/docs/rbac/{file}.yaml')
        account = f'--serviceaccount={self.world.name}:{self.name}'
        kind, role = ('clusterrolebinding', '--clusterrole') if cluster else ('rolebinding', '--role')
        self.world.kubectl('create', kind, f'{self.world.name}-{file}', f'{role}=kchart-{file}', account)


def rights(world):
    """the smallest roles of docs/rbac are enough, and what they don't give is said"""
    world.kubectl('create', 'namespace', world.name)
    deployer = Deployer(world, 'deployer')
    # Objects that Kubernetes itself makes in a namespace, some moments after it.
    world.wait('its certificates are there', lambda: 'kube-root-ca.crt' in world.names('configmaps'))
    world.user = f'{world.name}-deployer'
    deployer.role('deploy')
    world.kchart(*DEPLOY)
    broker(world).put(3)
    world.kchart(*DEPLOY, '--set', 'extraEnv.LOG_LEVEL=debug')
    world.kchart('diff', 'orchestrator', *VALUES)
    world.kchart('rollback', 'orchestrator')
    world.kchart('status', 'orchestrator')
    out, err = world.kchart(*DEPLOY, '--set', 'image.repository=registry.invalid/x',
                            '--timeout', '5s', expect=4)
    check("can't be pulled" in err, 'a failed deploy is explained with these rights', err)
    check('forbidden' not in (out + err).lower(), 'no right is missing', out + err)
    claims = world.uids('pvc')

    _, err = world.kchart('uninstall', 'orchestrator', '--purge-volumes', expect=1)
    check('`delete` on `persistentvolumeclaims`' in err and world.uids('pvc') == claims,
          'a purge without the right says which is missing, and does nothing', err)
    world.kchart('uninstall', 'orchestrator')
    check(world.uids('pvc') == claims, 'an uninstall keeps the claims')
    world.kchart(*DEPLOY)
    broker(world).holds(3)

    deployer.role('purge')
    out, err = world.kchart('uninstall', 'orchestrator', '--purge-volumes')
    check(world.names('pvc') == [], 'the claims are gone')
    check('kubectl get pv' in out + err, 'who may look is told what to look at', out + err)

    deployer.role('purge-volumes', cluster=True)
    world.kchart(*DEPLOY, '--set', 'rabbitmq.persistence.storageClass=standard-retain')
    out, err = world.kchart('uninstall', 'orchestrator', '--purge-volumes')
    check('erased by its provisioner' in out, 'the fate of each volume is told', out + err)
    world.wait('all volumes are gone', lambda: world.volumes() == {})
    world.user = ''
