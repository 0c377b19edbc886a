#!/usr/bin/env python3
"""A kubelet whose containers are local processes: for tests, where there is no container runtime.

Against a real API server it plays one node: it registers the Node and renews its lease, runs the Pods that
the scheduler binds to it (pod.py), serves their logs, relays Services (proxy.py) and provisions volumes
(provisioner.py). Needs root, util-linux, iproute2. `up` starts it in a PID namespace of its own, so that no
process of a Pod outlives it, however it ends.
"""
import argparse
import ipaddress
import os
import signal
import threading
import time
import traceback
import urllib.parse

from kubeapi import STRATEGIC, ApiError, Client, Informer, Recorder, now
from logs import serve_logs
from pod import Pod
from provisioner import Provisioner
from proxy import ServiceProxy


class Addresses:
    """Hands out the Pod addresses of the node, the longest unused first."""

    def __init__(self, network):
        self.free = [str(ip) for ip in list(network.hosts())[9:]]  # the first ones are the node's
        self.taken = {}
        self.lock = threading.Lock()

    def take(self, uid):
        with self.lock:
            if uid not in self.taken:
                self.taken[uid] = self.free.pop(0)
            return self.taken[uid]

    def give_back(self, uid):
        with self.lock:
            if uid in self.taken:
                self.free.append(self.taken.pop(uid))


class Kubelet:
    def __init__(self, options):
        self.options = options
        self.client = Client(options.kubeconfig)
        self.folder = options.folder
        self.recorder = Recorder(self.client, 'kubelet', options.node)
        self.addresses = Addresses(options.pods)
        self.pods = {}  # uid -> Pod
        self.network = None, None  # the Services and EndpointSlices that the proxy knows
        self.lock = threading.Lock()
        self.wake = threading.Event()
        self.stop = threading.Event()
        server = urllib.parse.urlsplit(self.client.server)
        self.proxy = ServiceProxy(options.ip, (server.hostname, server.port))
        self.pod_objects = Informer(
            self.client, f'/api/v1/pods?fieldSelector=spec.nodeName%3D{options.node}', self.wake.set)
        self.services = Informer(self.client, '/api/v1/services', self.wake.set)
        self.slices = Informer(
            self.client, '/apis/discovery.k8s.io/v1/endpointslices', self.wake.set)

    def run(self):
        self.register()
        for thread in (self.proxy, self.pod_objects, self.services, self.slices,
                       threading.Thread(target=self.heartbeat, daemon=True),
                       threading.Thread(target=serve_logs, args=(self,), daemon=True)):
            thread.start()
        if self.options.provision:
            Provisioner(self.client, f'{self.folder}/volumes', self.options.node).start()
        for informer in (self.pod_objects, self.services, self.slices):
            informer.synced.wait()
        while not self.stop.is_set():
            self.wake.wait()
            self.wake.clear()
            try:
                self.sync()
            except Exception:  # the node must not die of one object
                traceback.print_exc()
        for pod in list(self.pods.values()):
            pod.kill()

    def sync(self):
        """Hands the news of the informers to the proxy and to the Pods."""
        network = self.services.objects, self.slices.objects
        if any(new is not old for new, old in zip(network, self.network)):
            self.network = network
            self.proxy.update(*network)
            for pod in list(self.pods.values()):
                pod.write_hosts()
        self.dispatch(self.pod_objects.objects)

    def dispatch(self, objects):
        """Starts a worker for each new Pod and tells the others what has changed."""
        with self.lock:
            for obj in objects.values():
                pod = self.pods.get(obj['metadata']['uid'])
                if pod is None:
                    phase = obj.get('status', {}).get('phase')
                    if phase in ('Succeeded', 'Failed') and not obj['metadata'].get('deletionTimestamp'):
                        continue  # from before a restart of this program
                    pod = self.pods[obj['metadata']['uid']] = Pod(self, obj)
                    pod.start()
                elif pod.obj is not obj:
                    pod.update(obj)
            present = {obj['metadata']['uid'] for obj in objects.values()}
            for uid, pod in self.pods.items():
                if uid not in present:
                    pod.update(None)

    def forget(self, pod):
        with self.lock:
            self.pods.pop(pod.uid, None)

    # ---- the node

    def register(self):
        options = self.options
        labels = {'kubernetes.io/hostname': options.node, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64'}
        self.client.create('/api/v1/nodes', {'apiVersion': 'v1', 'kind': 'Node', 'metadata': {
            'name': options.node, 'labels': labels}})
        self.node_status()

    def node_status(self):
        options = self.options
        version = self.client.request('GET', '/version')['gitVersion']
        capacity = {'cpu': '64', 'memory': '256Gi', 'pods': '1000', 'ephemeral-storage': '1Ti'}
        healthy = [('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
                   ('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
                   ('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
                   ('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')]
        old = {c['type']: c for c in (self.client.get(f'/api/v1/nodes/{options.node}') or {})
               .get('status', {}).get('conditions', [])}
        conditions = []
        for kind, status, reason, message in healthy:
            same = old.get(kind, {}).get('status') == status
            since = old[kind]['lastTransitionTime'] if same else now()
            conditions.append({'type': kind, 'status': status, 'reason': reason, 'message': message,
                               'lastHeartbeatTime': now(), 'lastTransitionTime': since})
        self.client.patch(f'/api/v1/nodes/{options.node}/status', {'status': {
            'capacity': capacity, 'allocatable': capacity, 'conditions': conditions,
            'addresses': [{'type': 'InternalIP', 'address': options.ip}, {'type': 'Hostname', 'address': options.node}],
            'daemonEndpoints': {'kubeletEndpoint': {'Port': options.port}},
            'nodeInfo': {'kubeletVersion': version, 'kubeProxyVersion': '', 'osImage': 'local processes',
                         'kernelVersion': os.uname().release, 'containerRuntimeVersion': 'process://1',
                         'operatingSystem': 'linux', 'architecture': 'amd64', 'machineID': options.node,
                         'systemUUID': options.node, 'bootID': options.node}}}, STRATEGIC)

    def heartbeat(self):
        """Renews the node's lease every 10 s, and its status every 5 minutes."""
        leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
        beat = 0
        while True:
            spec = {'holderIdentity': self.options.node, 'leaseDurationSeconds': 40, 'renewTime': now(micro=True)}
            try:
                if self.client.get(f'{leases}/{self.options.node}') is None:
                    self.client.create(leases, {'apiVersion': 'coordination.k8s.io/v1', 'kind': 'Lease', 'metadata': {
                        'name': self.options.node, 'namespace': 'kube-node-lease'}, 'spec': spec})
                else:
                    self.client.patch(f'{leases}/{self.options.node}', {'spec': spec})
                beat += 1
                if beat % 30 == 0:
                    self.node_status()
                delay = 10
            except (ApiError, OSError) as error:
                print(f'heartbeat: {error}', flush=True)  # at first the namespace may not be there yet
                delay = 1
            time.sleep(delay)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--kubeconfig', required=True, help='written as JSON; with all rights')
    parser.add_argument('--folder', required=True, help='for Pods, logs and volumes')
    parser.add_argument('--pki', required=True, help='folder with ca.crt, server.crt, server.key')
    parser.add_argument('--node', default='rig-node')
    parser.add_argument('--bridge', required=True, help='network bridge of the Pods')
    parser.add_argument('--pods', required=True, type=ipaddress.ip_network, help='Pod range, routed to the bridge')
    parser.add_argument('--ip', required=True, help="the node's address on the bridge")
    parser.add_argument('--port', type=int, default=10250)
    parser.add_argument('--backoff', type=float, default=10, help='first wait of pulls and crash loops, seconds')
    parser.add_argument('--backoff-max', type=float, default=300)
    parser.add_argument('--no-provisioner', dest='provision', action='store_false')
    kubelet = Kubelet(parser.parse_args())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: (kubelet.stop.set(), kubelet.wake.set()))
    kubelet.run()


if __name__ == '__main__':
    main()
