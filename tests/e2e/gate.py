"""A gate between one kchart and the API server: it sees each request before it is carried out, and each answer before
it is heard, and can hold it, drop it, or end the process there.
"""
import http.client
import http.server
import json
import os
import ssl
import sys
import tempfile
import threading
import urllib.parse


class Dropped(Exception):
    """Raised by a watcher: this request, or its answer, goes nowhere."""


class Gate:
    """`before` and `after` are called with (number, method, path), from several threads; numbers begin with 1."""

    def __init__(self, kubeconfig, before=None, after=None):
        with open(kubeconfig) as file:
            config = json.load(file)
        cluster, user = config['clusters'][0]['cluster'], config['users'][0]['user']
        self.upstream = urllib.parse.urlsplit(cluster['server'])
        self.token = user['token']
        self.trust = ssl.create_default_context(cadata=_certificate(cluster))
        self.before, self.after = before or _nothing, after or _nothing
        self.requests = []   # (method, path) of each that arrived
        self.lock = threading.Lock()
        self.server = _Server(('127.0.0.1', 0), _Handler)
        self.server.gate = self
        cluster = {'server': f'http://127.0.0.1:{self.server.server_port}'}
        config['clusters'][0]['cluster'], config['users'][0]['user'] = cluster, {}
        descriptor, self.kubeconfig = tempfile.mkstemp(prefix='gate-', dir=os.path.dirname(kubeconfig))
        with os.fdopen(descriptor, 'w') as file:
            json.dump(config, file)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        os.unlink(self.kubeconfig)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def arrived(self, method, path):
        with self.lock:
            self.requests.append((method, path))
            return len(self.requests)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that was killed is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def forward(self):
        gate = self.server.gate
        number = gate.arrived(self.command, self.path)
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        upstream = http.client.HTTPSConnection(gate.upstream.hostname, gate.upstream.port, context=gate.trust)
        try:
            gate.before(number, self.command, self.path)
            headers = {name: value for name, value in self.headers.items()
                       if name.lower() not in ('host', 'connection', 'accept-encoding', 'content-length')}
            upstream.request(self.command, self.path, body or None, headers | {'Authorization': f'Bearer {gate.token}'})
            answer = upstream.getresponse()
            gate.after(number, self.command, self.path)
            self.answer(answer)
        except (Dropped, OSError, http.client.HTTPException):
            self.close_connection = True
        finally:
            upstream.close()

    def answer(self, answer):
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ('transfer-encoding', 'connection', 'content-length'):
                self.send_header(name, value)
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        while piece := answer.read1(65536):
            self.wfile.write(b'%x\r\n%s\r\n' % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b'0\r\n\r\n')

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward

    def log_message(self, *_):
        pass


def _nothing(*_):
    pass


def _certificate(cluster):
    import base64
    return base64.b64decode(cluster['certificate-authority-data']).decode()
