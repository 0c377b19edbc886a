"""Startup, readiness and liveness probes, in the kubelet's words."""
import http.client
import socket
import ssl
import threading
import time


class Prober(threading.Thread):
    """Runs one probe of one run of a container until that run ends."""

    def __init__(self, pod, container, kind, spec):
        super().__init__(daemon=True, name=f'{kind} {pod.name}/{container.name}')
        self.pod, self.container, self.kind, self.spec = pod, container, kind, spec
        self.process = container.process

    def alive(self):
        return self.container.process is self.process and self.container.running and not self.pod.deleting

    def run(self):
        spec, container = self.spec, self.container
        time.sleep(spec.get('initialDelaySeconds', 0))
        in_a_row, last = 0, None
        while self.alive():
            if self.kind != 'Startup' and not container.started:
                time.sleep(0.1)  # the startup probe comes first
                continue
            begun = time.monotonic()
            good, output = self.probe()
            if not self.alive():
                return
            in_a_row = in_a_row + 1 if good == last else 1
            last = good
            if not good:
                self.pod.event(container, 'Warning', 'Unhealthy', f'{self.kind} probe failed: {output}')
            if in_a_row >= spec.get('successThreshold' if good else 'failureThreshold', 1 if good else 3):
                if self.kind == 'Readiness':
                    container.ready = good
                elif not good:
                    container.unhealthy = f'failed {self.kind.lower()} probe'
                elif self.kind == 'Startup':
                    container.started = True
                    container.ready = container.ready or 'readinessProbe' not in container.spec
                self.pod.wake.set()
                if self.kind == 'Startup' and good or container.unhealthy:
                    return
            time.sleep(max(0.0, begun + spec.get('periodSeconds', 10) - time.monotonic()))

    def probe(self):
        """(success, what the kubelet would say)"""
        timeout = self.spec.get('timeoutSeconds', 1)
        if 'exec' in self.spec:
            return self.pod.execute(self.container, self.spec['exec']['command'], timeout)
        action = self.spec.get('httpGet') or self.spec.get('tcpSocket') or self.spec.get('grpc')
        host, port = action.get('host') or self.pod.ip, action['port']
        if isinstance(port, str):
            port = next(p['containerPort'] for p in self.container.spec['ports'] if p.get('name') == port)
        try:
            if 'httpGet' in self.spec:
                return self.http(action, host, port, timeout)
            socket.create_connection((host, port), timeout).close()
            return True, ''
        except OSError as error:
            why = 'i/o timeout' if isinstance(error, TimeoutError) else \
                'connect: connection refused' if isinstance(error, ConnectionRefusedError) else str(error)
            url = f'Get "{action.get("scheme", "HTTP").lower()}://{host}:{port}{action.get("path", "/")}": ' \
                if 'httpGet' in self.spec else ''
            return False, f'{url}dial tcp {host}:{port}: {why}'
        except http.client.HTTPException as error:
            return False, repr(error)

    @staticmethod
    def http(action, host, port, timeout):
        if action.get('scheme') == 'HTTPS':
            tls = ssl._create_unverified_context()  # probes do not check certificates
            connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=tls)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=timeout)
        headers = {header['name']: header['value'] for header in action.get('httpHeaders', [])}
        try:
            connection.request('GET', action.get('path', '/'), headers=headers)
            status = connection.getresponse().status
        finally:
            connection.close()
        return 200 <= status < 400, f'HTTP probe failed with statuscode: {status}'
