"""Certificates, tokens and kubeconfigs of a rig."""
import base64
import json
import os
import secrets
import subprocess

OPENSSL = '''
[req]
distinguished_name = dn
prompt = no
[dn]
CN = {name}
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = {usage}
subjectAltName = {names}
'''


def certificate(rig, name, section, usage='', names=''):
    """Makes pki/NAME.crt and .key, signed by the CA but for the CA's own."""
    base = rig.path('pki', name)
    with open(base + '.cnf', 'w') as f:
        f.write(OPENSSL.format(name=name, usage=usage or 'serverAuth', names=names or 'DNS:' + name))
    signer = [] if section == 'ca' else ['-CA', rig.path('pki', 'ca.crt'), '-CAkey', rig.path('pki', 'ca.key')]
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc',
                    '-days', '30', '-config', base + '.cnf', '-extensions', section, '-keyout', base + '.key',
                    '-out', base + '.crt', *signer], check=True, stderr=subprocess.DEVNULL)


def credentials(rig):
    service_ip = rig.network[1][1]
    certificate(rig, 'ca', 'ca')
    certificate(rig, 'server', 'leaf', names='IP:127.0.0.1, IP:%s, IP:%s, DNS:localhost, DNS:%s, DNS:kubernetes, '
                     'DNS:kubernetes.default, DNS:kubernetes.default.svc' % (rig.node_ip, service_ip, rig.node))
    certificate(rig, 'kubelet-client', 'leaf', usage='clientAuth')
    subprocess.run(['openssl', 'ecparam', '-genkey', '-noout', '-name', 'prime256v1', '-out',
                    rig.path('pki', 'accounts.key')], check=True)
    users = {  # kubeconfig -> (user, groups)
        'kubeconfig': ('admin', 'system:masters'),
        'kubeconfig-developer': ('developer', 'developers'),
        'kubeconfig-controller-manager': ('system:kube-controller-manager', ''),
        'kubeconfig-scheduler': ('system:kube-scheduler', ''),
    }
    with open(rig.path('pki', 'tokens.csv'), 'w') as tokens:
        for config, (user, group) in users.items():
            token = secrets.token_hex(16)
            tokens.write(f'{token},{user},{user}' + (f',"{group}"\n' if group else '\n'))
            kubeconfig(rig, config, user, token)


def kubeconfig(rig, name, user, token):
    """Written as JSON, which is YAML."""
    with open(rig.path('pki', 'ca.crt'), 'rb') as f:
        ca = base64.b64encode(f.read()).decode()
    context = {'cluster': 'rig', 'user': user}
    if user == 'developer':
        context['namespace'] = 'team'
    with open(rig.path(name), 'w', opener=private) as f:
        json.dump({'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'rig',
                   'clusters': [{'name': 'rig', 'cluster': {
                       'server': f'https://127.0.0.1:{rig.api_port}', 'certificate-authority-data': ca}}],
                   'users': [{'name': user, 'user': {'token': token}}],
                   'contexts': [{'name': 'rig', 'context': context}]}, f, indent=1)


def kubelet_kubeconfig(rig):
    """As `kubeconfig`, with the CA as a file, which Python's ssl wants."""
    with open(rig.path('kubeconfig')) as f:
        config = json.load(f)
    cluster = config['clusters'][0]['cluster']
    del cluster['certificate-authority-data']
    cluster['certificate-authority'] = rig.path('pki', 'ca.crt')
    with open(rig.path('kubeconfig.internal'), 'w', opener=private) as f:
        json.dump(config, f)


def private(path, flags):
    """Opens a file that only its owner may read."""
    return os.open(path, flags, 0o600)
