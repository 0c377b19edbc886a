"""Others write to the release's objects: kubectl, an autoscaler, and whoever made an object first."""
import json
import os
import subprocess
import threading

from world import check

CHART = {
    'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 0.1.0\n',
    'values.yaml': 'image: busybox:1\nreplicas: 3\nkeys: {user: shop, extra: "1"}\nscaler: ""\n',
    'templates/web.yaml.hbs': '''apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
{{#unless values.scaler}}
  replicas: {{values.replicas}}
{{/unless}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: app
          image: {{values.image}}
          command: [sleep, "100000"]
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {{values.keys}}
{{#if values.scaler}}
---
apiVersion: autoscaling/{{values.scaler}}
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 2
  maxReplicas: 5
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
{{/if}}
''',
}


def autoscaler(world):
    """what others set is seen, named, and taken over only when it is asked for"""
    chart = written(world, CHART)
    world.kchart('install', 'shop', chart, '--create-namespace', '--timeout', '2m')

    world.kubectl('set', 'image', 'deployment/web', 'app=busybox:2')
    out, err = world.kchart('upgrade', 'shop', chart, '--set', 'image=busybox:3', expect=1)
    said = out + err
    for part in ('kubectl-set', 'containers[name="app"].image', 'busybox:2', 'busybox:3', 'web.yaml.hbs:', '--set',
                 '--force-conflicts'):
        check(part in said, f'the conflict names {part}', said)
    check(image(world) == 'busybox:2', 'a conflict changes nothing', image(world))
    world.kchart('upgrade', 'shop', chart, '--set', 'image=busybox:3', '--force-conflicts', '--timeout', '2m')
    check(image(world) == 'busybox:3', '--force-conflicts takes the field over', image(world))

    # The count is watched while an autoscaler is added to the chart, which leaves `replicas` out from then on.
    with Watched(world) as seen:
        world.kchart('upgrade', 'shop', chart, '--set', 'image=busybox:3,scaler=v1', '--timeout', '2m')
        last = world.get('deployment', 'web')['metadata']['resourceVersion']
        world.wait('the watch has seen the upgrade', lambda: last in seen.versions)
    check(min(seen.counts) == 3, 'adding an autoscaler never makes the count dip', seen.counts)
    first = world.get('hpa', 'web')['metadata']['uid']
    world.kchart('upgrade', 'shop', chart, '--set', 'image=busybox:3,scaler=v2', '--timeout', '2m')
    check(world.get('hpa', 'web')['metadata']['uid'] == first, 'autoscaling/v1 to v2 updates the same object')

    check(world.secret('login').keys() == {'user', 'extra'}, 'the Secret has both keys')
    world.kchart('upgrade', 'shop', chart, '--set', 'image=busybox:3,scaler=v2,keys.extra=null',
                 '--timeout', '2m')
    check(world.secret('login').keys() == {'user'}, 'a key that the chart drops is gone', world.secret('login').keys())
    world.kchart('uninstall', 'shop')

    # Somebody was there first.
    world.kubectl('create', 'secret', 'generic', 'login', '--from-literal=theirs=1')
    before = world.get('secret', 'login')['metadata']['uid']
    out, err = world.kchart('install', 'shop', chart, expect=1)
    check('Secret/login' in out + err and '--adopt' in out + err, 'an object of others is refused by name', out + err)
    check(world.names('deployments') == [], 'a refusal changes nothing')
    world.kchart('install', 'shop', chart, '--adopt', 'Secret/login', '--timeout', '2m')
    check(world.get('secret', 'login')['metadata']['uid'] == before, '--adopt takes that very object over')
    check(world.secret('login').keys() == {'user', 'extra'}, 'what the old owner alone had set is gone',
          world.secret('login').keys())
    world.kchart('uninstall', 'shop')


def image(world):
    return world.get('deployment', 'web')['spec']['template']['spec']['containers'][0]['image']


def written(world, files):
    """A chart in the rig's folder."""
    folder = f'{world.rig.folder}/{world.name}'
    for name, text in files.items():
        path = f'{folder}/{name}'
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as f:
            f.write(text)
    return folder


class Watched:
    """Every number of replicas that the Deployment ever has, as the API server tells it, not as it is asked now and then."""

    def __init__(self, world):
        self.process = subprocess.Popen(
            [f'{world.rig.folder}/rig/kubectl', '-n', world.name, 'get', 'deployment', 'web', '--watch', '-o', 'json'],
            stdout=subprocess.PIPE, text=True)
        self.counts, self.versions = [], []
        self.began = threading.Event()
        self.reader = threading.Thread(target=self.read, daemon=True)

    def __enter__(self):
        self.reader.start()
        check(self.began.wait(30), 'the Deployment is watched')
        return self

    def read(self):
        text, decoder = '', json.JSONDecoder()
        while chunk := self.process.stdout.readline():
            text = (text + chunk).lstrip()
            try:
                found, end = decoder.raw_decode(text)
            except json.JSONDecodeError:
                continue
            text = text[end:]
            self.counts += [found['spec']['replicas'], found['status'].get('replicas', 0)]
            self.versions.append(found['metadata']['resourceVersion'])
            self.began.set()

    def __exit__(self, *_):
        self.process.terminate()
        self.reader.join()
