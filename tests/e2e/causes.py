"""Why something is not ready: states that the real controllers produce, and the exact sentence for each."""
import base64
import http.server
import json
import os
import ssl
import subprocess
import threading

from world import check

# Long enough for a controller or the node to do its part, short enough to wait for in each case.
PATIENCE = '12s'
PASSWORD = 'correct-horse-battery'


def causes(world):
    """what is not ready is explained by one sentence, and the record keeps it"""
    world.kubectl('create', 'namespace', world.name)
    for name, sentence, objects in [
        ('image', 'image `nope:1` of container `app` can\'t be pulled: there is no such image or tag',
         [deployment(image='nope:1')]),
        ('key', 'Secret `login` has no key `password`, which container `app` reads',
         [secret(user='app'), deployment(env=[reads('password')])]),
        ('crash', 'container `app` crashes again and again with exit code 3; its last words: `no such table: orders`',
         [deployment(shell='echo no such table: orders; exit 3', probe=never())]),
        ('masked', 'container `app` crashes again and again with exit code 1; its last words: `login with ••• refused`',
         [secret(password=PASSWORD),
          deployment(shell='echo "login with $PASSWORD refused"; exit 1', env=[reads('password')], probe=never())]),
        ('node', 'no node takes the Pod: the only node does not fit its node selector or affinity',
         [deployment(pod={'nodeSelector': {'disk': 'of-gold'}})]),
        ('cpu', 'no node takes the Pod: the only node has too little `cpu` left (4k asked for)',
         [deployment(container={'resources': {'requests': {'cpu': '4000'}}})]),
        ('probe', 'container `app` runs but does not pass its readiness probe: HTTP probe failed with statuscode: 404',
         [deployment(image='python:3.12', shell='cd /tmp && python3 -m http.server 8080',
                     probe={'httpGet': {'path': '/no-such-page', 'port': 8080}, 'periodSeconds': 1})]),
        ('account', 'there is no ServiceAccount `nobody`, under which the Pod has to run',
         [deployment(pod={'serviceAccountName': 'nobody'})]),
        ('job', 'container `app` ended with exit code 2; its last words: `cannot migrate`', [job()]),
        ('class', 'claim `data` wants no storage class (`""`), and no free volume without one fits it',
         [claim(storageClassName=''), deployment(container={'volumeMounts': [{'name': 'data', 'mountPath': '/data'}]},
                                                 pod={'volumes': [{'name': 'data', 'persistentVolumeClaim': {
                                                     'claimName': 'data'}}]})]),
    ]:
        explained(world, name, sentence, objects)
    quota(world)
    webhook(world)


def quota(world):
    world.kubectl('create', 'quota', 'small', '--hard=pods=0')
    explained(world, 'quota', 'quota `small` has no room for the Pod (`pods`: 1 asked for, 0 of 0 in use)', [deployment()])
    world.kubectl('delete', 'quota', 'small')


def webhook(world):
    with Refusing(f'{world.rig.folder}/webhook') as hook:
        world.kubectl('apply', '-f', '-', stdin=json.dumps(hook.configuration(world.name, 'pods', '')))
        explained(world, 'hook', 'webhook `no.example.com` refuses the Pod: no images from the Internet', [deployment()])
        world.kubectl('apply', '-f', '-', stdin=json.dumps(hook.configuration(world.name, 'deployments', 'apps')))
        _, err = world.kchart('install', 'hooked', '--manifest', '-', '-q', expect=1, stdin=manifest([deployment()]))
        first = 'error: cannot apply `Deployment/web`: webhook `no.example.com` refuses it: no images from the Internet'
        check(first in err.splitlines(), 'what a webhook refuses at once is told as well', err)
        world.kchart('uninstall', 'hooked', '-q')
    explained(world, 'silent', 'webhook `no.example.com`, which has to be asked about the Pod, does not answer: '
              f'dial tcp 127.0.0.1:{hook.port}: connect: connection refused', [deployment()],
              before=lambda: world.kubectl('apply', '-f', '-', stdin=json.dumps(
                  hook.configuration(world.name, 'pods', ''))))
    world.kubectl('delete', 'validatingwebhookconfiguration', world.name)


def explained(world, name, sentence, objects, before=lambda: None):
    """The first line of the failure, and what the record shows of it to whoever asks."""
    before()
    of = objects[-1]
    headline = f'`{of["kind"]}/{of["metadata"]["name"]}` is not ready: {sentence}'
    _, err = world.kchart('install', name, '--manifest', '-', '--timeout', PATIENCE, '-q', expect=4,
                          stdin=manifest(objects))
    check(f'error: {headline}' in err.splitlines(), f'the error names the root: {sentence}', err)
    out, _ = world.kchart('status', name, '-o', 'json')
    kept = json.loads(out)['failure']['causes']
    check(headline in [cause['sentence'] for cause in kept], 'the record keeps it', out)
    text, _ = world.kchart('status', name)
    check(headline in text, 'and status shows it', text)
    check(PASSWORD not in err + out + text, 'no Secret value is in any of it')
    world.kchart('uninstall', name, '--purge-volumes', '--yes', '-q')


# ---- objects

def manifest(objects):
    return '\n---\n'.join(json.dumps(item) for item in objects)


def deployment(image='busybox:1', shell='sleep 600', env=(), probe=None, container=None, pod=None):
    labels = {'app': 'web'}
    main = {'name': 'app', 'image': image, 'command': ['sh', '-c', shell], 'env': list(env), **(container or {})}
    if probe:
        main['readinessProbe'] = probe
    spec = {'containers': [main], 'terminationGracePeriodSeconds': 0, **(pod or {})}
    return {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'web'}, 'spec': {
        'selector': {'matchLabels': labels}, 'template': {'metadata': {'labels': labels}, 'spec': spec}}}


def job():
    main = {'name': 'app', 'image': 'busybox:1', 'command': ['sh', '-c', 'echo cannot migrate; exit 2']}
    return {'apiVersion': 'batch/v1', 'kind': 'Job', 'metadata': {'name': 'migrate'}, 'spec': {
        'backoffLimit': 0, 'template': {'spec': {'restartPolicy': 'Never', 'containers': [main]}}}}


def claim(**spec):
    return {'apiVersion': 'v1', 'kind': 'PersistentVolumeClaim', 'metadata': {'name': 'data'}, 'spec': {
        'accessModes': ['ReadWriteOnce'], 'resources': {'requests': {'storage': '1Gi'}}, **spec}}


def secret(**data):
    return {'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': 'login'}, 'stringData': data}


def reads(key):
    return {'name': key.upper(), 'valueFrom': {'secretKeyRef': {'name': 'login', 'key': key}}}


def never():
    """A probe that nothing passes: a program that crashes is not ready for an instant either."""
    return {'tcpSocket': {'port': 1}, 'periodSeconds': 1}


# ---- a webhook that refuses everything

class Refusing:
    """An HTTPS server on 127.0.0.1 that answers each AdmissionReview with no."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        key, certificate = f'{self.folder}/key.pem', f'{self.folder}/certificate.pem'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                        '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1',
                        '-keyout', key, '-out', certificate], check=True, capture_output=True)
        with open(certificate, 'rb') as file:
            self.authority = file.read()
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate, key)
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Answers)
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def configuration(self, namespace, resources, group):
        """Asks it about these in a namespace."""
        return {'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': 'ValidatingWebhookConfiguration',
                'metadata': {'name': namespace}, 'webhooks': [{
                    'name': 'no.example.com', 'admissionReviewVersions': ['v1'], 'sideEffects': 'None',
                    'failurePolicy': 'Fail', 'timeoutSeconds': 5,
                    'namespaceSelector': {'matchLabels': {'kubernetes.io/metadata.name': namespace}},
                    'rules': [{'apiGroups': [group], 'apiVersions': ['v1'], 'operations': ['CREATE'],
                               'resources': [resources]}],
                    'clientConfig': {'url': f'https://127.0.0.1:{self.port}/',
                                     'caBundle': base64.b64encode(self.authority).decode()}}]}


class Answers(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        status = {'code': 403, 'message': 'no images from the Internet'}
        response = {'uid': review['request']['uid'], 'allowed': False, 'status': status}
        body = json.dumps({'apiVersion': 'admission.k8s.io/v1', 'kind': 'AdmissionReview', 'response': response}).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
