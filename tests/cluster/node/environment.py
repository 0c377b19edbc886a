"""The environment of a container: env, envFrom, the downward API; and the data of ConfigMaps and Secrets."""
import base64
import json
import re

from names import service_links
from runtime import Blocked


def fetch(pod, kind, name):
    """A ConfigMap or Secret of the Pod's namespace as {key: bytes}, or None."""
    resource = {'configmap': 'configmaps', 'secret': 'secrets'}[kind]
    obj = pod.client.get(f'/api/v1/namespaces/{pod.namespace}/{resource}/{name}')
    if obj is None:
        return None
    if kind == 'secret':
        return {k: base64.b64decode(v) for k, v in (obj.get('data') or {}).items()}
    binary = {k: base64.b64decode(v) for k, v in (obj.get('binaryData') or {}).items()}
    return {**binary, **{k: v.encode() for k, v in (obj.get('data') or {}).items()}}


def environment(pod, spec):
    env = {}
    if pod.spec.get('enableServiceLinks', True):
        env.update(service_links(pod.kubelet, pod.namespace))
    for source in spec.get('envFrom', []):
        kind, ref = ('secret', source['secretRef']) if 'secretRef' in source else \
            ('configmap', source['configMapRef'])
        data = fetch(pod, kind, ref['name'])
        if data is None and not ref.get('optional'):
            raise Blocked('CreateContainerConfigError', f'{kind} "{ref["name"]}" not found')
        for name, value in (data or {}).items():
            env[source.get('prefix', '') + name] = value.decode(errors='replace')
    for item in spec.get('env', []):
        value = value_from(pod, spec, item['valueFrom']) if 'valueFrom' in item \
            else expand(item.get('value', ''), env)
        if value is not None:
            env[item['name']] = value
    return env


def value_from(pod, container, source):
    if 'fieldRef' in source:
        return field(pod, source['fieldRef']['fieldPath'])
    if 'resourceFieldRef' in source:
        return resource(container, source['resourceFieldRef'])
    kind, ref = ('secret', source['secretKeyRef']) if 'secretKeyRef' in source else \
        ('configmap', source['configMapKeyRef'])
    data = fetch(pod, kind, ref['name'])
    if data is not None and ref['key'] in data:
        return data[ref['key']].decode(errors='replace')
    if ref.get('optional'):
        return None
    if data is None:
        raise Blocked('CreateContainerConfigError', f'{kind} "{ref["name"]}" not found')
    title = {'secret': 'Secret', 'configmap': 'ConfigMap'}[kind]
    raise Blocked('CreateContainerConfigError',
                  f'couldn\'t find key {ref["key"]} in {title} {pod.namespace}/{ref["name"]}')


def field(pod, path):
    """The downward API."""
    metadata = pod.obj['metadata']
    keyed = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
    if keyed:
        return metadata.get(keyed[1], {}).get(keyed[2], '')
    if path in ('metadata.labels', 'metadata.annotations'):
        items = metadata.get(path.split('.')[1], {})
        return '\n'.join(f'{k}={json.dumps(v)}' for k, v in sorted(items.items()))
    options = pod.kubelet.options
    return {'metadata.name': pod.name, 'metadata.namespace': pod.namespace, 'metadata.uid': pod.uid,
            'spec.nodeName': options.node, 'spec.serviceAccountName': pod.spec.get('serviceAccountName', ''),
            'status.hostIP': options.ip, 'status.podIP': pod.ip, 'status.podIPs': pod.ip}[path] or ''


def expand(text, env):
    """Kubernetes' $(NAME) references; $$(NAME) is an escaped one, and unknown names stay as they are."""
    def value(match):
        return match[0][1:] if match[0].startswith('$$') else env.get(match[1], match[0])
    return re.sub(r'\$?\$\(([A-Za-z_][\w.-]*)\)', value, text)


def resource(container, ref):
    """resourceFieldRef for the plain cases: the limit or request as written."""
    kind, name = ref['resource'].split('.', 1)
    return str(container.get('resources', {}).get(kind, {}).get(name, '0'))
