"""The volumes of a Pod: the folder (or file) that stands for each."""
import os

from environment import fetch, field
from runtime import Blocked


def volume(pod, volume):
    """The folder (or file) that stands for a volume of the Pod; Blocked while it cannot be mounted."""
    if 'persistentVolumeClaim' in volume:
        return claimed(pod, volume['persistentVolumeClaim']['claimName'])
    if 'hostPath' in volume:
        if volume['hostPath'].get('type') == 'DirectoryOrCreate':
            os.makedirs(volume['hostPath']['path'], exist_ok=True)
        return volume['hostPath']['path']
    folder = f'{pod.folder}/volumes/{volume["name"]}'
    os.makedirs(folder, exist_ok=True)
    if 'emptyDir' in volume:
        os.chmod(folder, 0o777)
    elif 'projected' in volume:
        mode = volume['projected'].get('defaultMode', 0o644)
        for source in volume['projected'].get('sources', []):
            project(pod, volume['name'], source, folder, mode)
    else:
        mode = next((v.get('defaultMode') for v in volume.values() if isinstance(v, dict)), None)
        source = dict(volume)
        if 'secret' in volume:
            source['secret'] = {**volume['secret'], 'name': volume['secret']['secretName']}
        project(pod, volume['name'], source, folder, mode or 0o644)
    return folder


def claimed(pod, name):
    claim = pod.client.get(f'/api/v1/namespaces/{pod.namespace}/persistentvolumeclaims/{name}')
    bound = claim and claim.get('status', {}).get('phase') == 'Bound'
    volume = bound and pod.client.get('/api/v1/persistentvolumes/' + claim['spec']['volumeName'])
    if not volume:
        text = f'error processing PVC {pod.namespace}/{name}: PVC is not bound' if claim else \
            f'persistentvolumeclaim "{name}" not found'
        raise Blocked('ContainerCreating', text, 'FailedMount', text)
    spec = volume['spec']
    path = (spec.get('hostPath') or spec.get('local') or {}).get('path')
    if not path:
        text = f'MountVolume.SetUp failed for volume "{volume["metadata"]["name"]}" : not a folder of this node'
        raise Blocked('ContainerCreating', text, 'FailedMount', text)
    os.makedirs(path, exist_ok=True)
    return path


def project(pod, volume, source, folder, mode):
    """Writes one source of a volume (secret, configMap, downwardAPI, serviceAccountToken) as files."""
    if 'serviceAccountToken' in source:
        ref = source['serviceAccountToken']
        account = pod.spec.get('serviceAccountName', 'default')
        token = pod.client.request(
            'POST', f'/api/v1/namespaces/{pod.namespace}/serviceaccounts/{account}/token',
            {'apiVersion': 'authentication.k8s.io/v1', 'kind': 'TokenRequest', 'spec': {
                'audiences': [ref['audience']] if ref.get('audience') else [],
                'expirationSeconds': 86400,  # it is not renewed here
                'boundObjectRef': {'apiVersion': 'v1', 'kind': 'Pod', 'name': pod.name, 'uid': pod.uid}}})
        return write(folder, ref['path'], token['status']['token'].encode(), mode)
    if 'downwardAPI' in source:
        for item in source['downwardAPI'].get('items', []):
            write(folder, item['path'], field(pod, item['fieldRef']['fieldPath']).encode(), mode)
        return None
    kind = 'secret' if 'secret' in source else 'configmap'
    ref = source['secret' if kind == 'secret' else 'configMap']
    data = fetch(pod, kind, ref['name'])
    prefix = f'MountVolume.SetUp failed for volume "{volume}" : '
    if data is None and not ref.get('optional'):
        text = f'{prefix}{kind} "{ref["name"]}" not found'
        raise Blocked('ContainerCreating', text, 'FailedMount', text)
    names = {item['key']: (item['path'], item.get('mode')) for item in ref.get('items') or []} or \
        {name: (name, None) for name in data or {}}
    for name, (path, own_mode) in names.items():
        if name in (data or {}):
            write(folder, path, data[name], own_mode or mode)
        elif not ref.get('optional'):
            text = f'{prefix}references non-existent {kind} key: {name}'
            raise Blocked('ContainerCreating', text, 'FailedMount', text)
    return None


def write(folder, path, content, mode):
    target = f'{folder}/{path}'
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, 'wb') as f:
        f.write(content)
    os.chmod(target, mode)
