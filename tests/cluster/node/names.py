"""What Pods see of Services: names (as lines of /etc/hosts) and service links (environment variables)."""


def service_names(kubelet, namespace):
    """Lines of /etc/hosts: the names that the cluster's DNS would resolve."""
    lines = []

    def line(ip, host, service_namespace):
        short = f' {host}' if service_namespace == namespace else ''
        full = f'{host}.{service_namespace}'
        lines.append(f'{ip} {full}.svc.cluster.local {full}.svc {full}{short}\n')

    headless = set()
    for (where, name), service in sorted(kubelet.services.objects.items()):
        if service['spec'].get('clusterIP') == 'None':
            headless.add((where, name))
        elif service['spec'].get('clusterIP'):
            line(service['spec']['clusterIP'], name, where)
    for (where, _), piece in sorted(kubelet.slices.objects.items()):
        name = piece['metadata'].get('labels', {}).get('kubernetes.io/service-name')
        if (where, name) not in headless:
            continue
        for endpoint in piece.get('endpoints') or []:
            if endpoint.get('conditions', {}).get('ready', True):
                line(endpoint['addresses'][0], name, where)
                if endpoint.get('hostname'):
                    line(endpoint['addresses'][0], f'{endpoint["hostname"]}.{name}', where)
    return ''.join(lines)


def service_links(kubelet, namespace):
    """The environment variables that describe the Services of a namespace."""
    env = {}
    for (where, name), service in kubelet.services.objects.items():
        ip, ports = service['spec'].get('clusterIP'), service['spec'].get('ports')
        if (where != namespace and (where, name) != ('default', 'kubernetes')) or not ports \
                or ip in (None, '', 'None'):
            continue
        prefix = name.upper().replace('-', '_')
        env[f'{prefix}_SERVICE_HOST'], env[f'{prefix}_SERVICE_PORT'] = ip, str(ports[0]['port'])
        env[f'{prefix}_PORT'] = f'{ports[0].get("protocol", "TCP").lower()}://{ip}:{ports[0]["port"]}'
        for port in ports:
            protocol, number = port.get('protocol', 'TCP'), port['port']
            if port.get('name'):
                env[f'{prefix}_SERVICE_PORT_{port["name"].upper().replace("-", "_")}'] = str(number)
            one = f'{prefix}_PORT_{number}_{protocol}'
            env.update({one: f'{protocol.lower()}://{ip}:{number}', f'{one}_PROTO': protocol.lower(),
                        f'{one}_PORT': str(number), f'{one}_ADDR': ip})
    return env
