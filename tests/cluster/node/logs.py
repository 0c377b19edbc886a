"""The kubelet's port for logs, which `kubectl logs` reaches through the API server."""
import http.server
import ssl
import time
import urllib.parse

# The kubelet's words for the most common reasons (`validateContainerLogStatus`).
PULLS = {'ErrImagePull': "image can't be pulled", 'ImagePullBackOff': 'trying and failing to pull image'}


class LogHandler(http.server.BaseHTTPRequestHandler):
    """GET /containerLogs/NAMESPACE/POD/CONTAINER, which `kubectl logs` reaches through the API server."""
    kubelet = None
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = url.path.strip('/').split('/')
        pod = container = None
        if len(parts) == 4 and parts[0] == 'containerLogs':
            pods = list(self.kubelet.pods.values())
            pod = next((p for p in pods if (p.namespace, p.name) == (parts[1], parts[2])), None)
            container = pod and next((c for c in pod.init + pod.containers if c.name == parts[3]), None)
        if container is None:
            return self.fail(404, f'container not found: {url.path}')
        restart = container.restarts - (query.get('previous') == 'true')
        try:
            log = open(pod.log_file(container, restart), 'rb')
        except OSError:
            if query.get('previous') == 'true':
                return self.fail(400, f'previous terminated container "{container.name}" in pod "{pod.name}" not found')
            reason = (container.waiting or {}).get('reason', '')
            reason = PULLS.get(reason, reason)
            return self.fail(400, f'container "{container.name}" in pod "{pod.name}" is waiting to start: {reason}')
        with log:
            self.send_response(200)
            self.send_header('Content-Type', 'text/plain')
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            text = log.read()
            if 'tailLines' in query:
                count = int(query['tailLines'])
                text = b''.join(text.splitlines(keepends=True)[-count:]) if count else b''
            if 'limitBytes' in query:
                text = text[:int(query['limitBytes'])]
            self.chunk(text)
            while query.get('follow') == 'true' and container.running and container.restarts == restart:
                time.sleep(0.2)
                self.chunk(log.read())
            self.chunk(log.read())
            self.wfile.write(b'0\r\n\r\n')

    def chunk(self, data):
        if data:
            self.wfile.write(b'%x\r\n%s\r\n' % (len(data), data))
            self.wfile.flush()

    def fail(self, status, text):
        self.send_response(status)
        self.send_header('Content-Type', 'text/plain')
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def serve_logs(kubelet):
    """The kubelet's HTTPS port; only the API server has a certificate for it."""
    options = kubelet.options
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(f'{options.pki}/server.crt', f'{options.pki}/server.key')
    tls.load_verify_locations(f'{options.pki}/ca.crt')
    tls.verify_mode = ssl.CERT_REQUIRED
    LogHandler.kubelet = kubelet
    server = http.server.ThreadingHTTPServer((options.ip, options.port), LogHandler)
    server.daemon_threads = True
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()
