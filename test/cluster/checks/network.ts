import { environmentOf } from '../support/environment-of.ts';
import { judgeNetwork, type Connection, type Peer } from '../support/judge-network.ts';
import type { Deployment, KubernetesObject } from '../support/objects.ts';
import { deployments, ofKind, workers } from '../support/of-kind.ts';

interface Case extends Connection {
  readonly name: string;
  readonly wanted: boolean;
}

const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** Connections that must be and that must not be, of the workers of an installation and to them. */
export async function network(objects: readonly KubernetesObject[], netpol: string): Promise<string[]> {
  const cases = connectionsOf(objects);
  const allowed = await judgeNetwork(netpol, { objects, connections: cases });
  return cases
    .filter(({ wanted }, i) => wanted !== allowed[i])
    .map(({ name, wanted }) => `${name} ${wanted ? 'is blocked' : 'is let through'}`);
}

/** All connections that are asked about. */
export function connectionsOf(objects: readonly KubernetesObject[]): Case[] {
  const namespace = ofKind(objects, 'Namespace').at(0);
  const own = namespace?.metadata.name ?? '';
  const podOf = (deployment: Deployment | undefined, ip: string): Peer => ({
    ip,
    pod: {
      namespace: own,
      namespaceLabels: { [NAMESPACE_NAME]: own, ...namespace?.metadata.labels },
      labels: deployment?.spec.template.metadata.labels ?? { 'app.kubernetes.io/name': 'stray' },
    },
  });
  const dual = workers(objects).flatMap((worker, i) => [
    { name: worker.metadata.name, worker, peer: podOf(worker, `10.0.1.${10 + i}`) },
    { name: `${worker.metadata.name} (IPv6)`, worker, peer: podOf(worker, `fd00:1::${10 + i}`) },
  ]);
  const stray = podOf(undefined, '10.0.1.50');
  const server = deployments(objects).find(({ metadata }) => metadata.name === 'temporal');
  const ofWorkers = dual.flatMap(({ name, worker, peer }) => {
    const inward = ends(inwards()).map(({ other, ...rest }) => ({ ...rest, from: other, to: peer }));
    const outward = ends([
      ...outwards(outsideTemporal(worker, objects)),
      ...(server === undefined ? [] : ownTemporal(podOf(server, '10.0.1.30'))),
      ...neighbours(
        own,
        podOf(worker, '10.0.1.40'),
        dual.map((one) => one.peer).filter((one) => one !== peer),
      ),
    ]).map(({ other, ...rest }) => ({ ...rest, from: peer, to: other }));
    return [
      ...inward.map((one) => ({ ...one, name: `${one.name} to ${name}` })),
      ...outward.map((one) => ({ ...one, name: `${name} to ${one.name}` })),
    ];
  });
  const ofStrays = ends([...inwards(), ...outwards(false)]).flatMap(({ other, ...rest }) => [
    { ...rest, wanted: false, name: `${rest.name} to a stray pod`, from: other, to: stray },
    { ...rest, wanted: false, name: `a stray pod to ${rest.name}`, from: stray, to: other },
  ]);
  return [...ofWorkers, ...ofStrays];
}

/** What is asked about one other end. */
interface End {
  readonly name: string;
  readonly wanted: boolean;
  readonly other: Peer;
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP';
}

function ends(list: readonly End[]) {
  return list.map(({ protocol = 'TCP', ...end }) => ({
    ...end,
    protocol,
    name: `${end.name}, ${protocol} ${end.port},`,
  }));
}

/** Whether a worker is told to go to a Temporal out of the cluster, by the credentials that it has. */
function outsideTemporal(worker: Deployment, objects: readonly KubernetesObject[]): boolean {
  const environment = environmentOf(worker, objects);
  return 'TEMPORAL_API_KEY' in environment || 'TEMPORAL_TLS_CLIENT_CERT_PATH' in environment;
}

function pod(namespace: string, labels: Record<string, string>, ip = '10.0.2.20'): Peer {
  return { ip, pod: { namespace, namespaceLabels: { [NAMESPACE_NAME]: namespace }, labels } };
}

function outwards(toOutsideTemporal: boolean): End[] {
  const dns = pod('kube-system', { 'k8s-app': 'kube-dns' });
  const address = (ip: string): Peer => ({ ip });
  return [
    { name: 'DNS', wanted: true, other: dns, port: 53, protocol: 'UDP' },
    { name: 'DNS', wanted: true, other: dns, port: 53 },
    { name: 'the page of DNS', wanted: false, other: dns, port: 9153 },
    { name: 'DNS of somebody else', wanted: false, other: address('8.8.8.8'), port: 53, protocol: 'UDP' },
    { name: 'another pod of kube-system', wanted: false, other: pod('kube-system', { 'k8s-app': 'x' }), port: 53 },
    { name: 'Temporal in its namespace', wanted: true, other: pod('temporal', { app: 'frontend' }), port: 7233 },
    { name: "Temporal's database", wanted: false, other: pod('temporal', { app: 'database' }), port: 5432 },
    { name: "Temporal's page", wanted: false, other: pod('temporal', { app: 'web' }), port: 8080 },
    { name: 'Temporal Cloud', wanted: toOutsideTemporal, other: address('52.9.1.2'), port: 7233 },
    { name: 'Temporal Cloud', wanted: toOutsideTemporal, other: address('2600:1f18::7'), port: 7233 },
    { name: 'a private address', wanted: false, other: address('10.1.2.3'), port: 7233 },
    { name: 'S3', wanted: true, other: address('52.216.8.8'), port: 443 },
    { name: 'S3', wanted: true, other: address('2600:1fa0:80a0::1'), port: 443 },
    { name: 'S3 in the clear', wanted: false, other: address('52.216.8.8'), port: 80 },
    { name: 'SSH', wanted: false, other: address('52.216.8.8'), port: 22 },
    { name: 'HTTP/3', wanted: false, other: address('52.216.8.8'), port: 443, protocol: 'UDP' },
    { name: 'the Pod Identity agent', wanted: true, other: address('169.254.170.23'), port: 80 },
    { name: 'the Pod Identity agent', wanted: true, other: address('fd00:ec2::23'), port: 80 },
    ...['169.254.169.254', '169.254.170.2', 'fd00:ec2::254', 'fe80::a9fe:a9fe'].flatMap((ip) =>
      [80, 443].map((port) => ({ name: `the metadata service at ${ip}`, wanted: false, other: address(ip), port })),
    ),
    ...['10.96.0.1', '172.20.0.1', '192.168.1.1', '100.64.0.1', 'fd12:3456::1'].map((ip) => ({
      name: `a private address ${ip}`,
      wanted: false,
      other: address(ip),
      port: 443,
    })),
    { name: 'its own node', wanted: false, other: address('10.0.0.1'), port: 10_250 },
  ];
}

function ownTemporal(server: Peer): End[] {
  return [
    { name: 'Temporal of the installation', wanted: true, other: server, port: 7233 },
    { name: "Temporal's page of the installation", wanted: false, other: server, port: 8233 },
  ];
}

function neighbours(namespace: string, twin: Peer, workersThere: readonly Peer[]): End[] {
  const other = pod(namespace, { 'app.kubernetes.io/name': 'other' });
  return [
    ...[9464, 8080, 443].flatMap((port) =>
      [twin, ...workersThere].map((worker) => ({
        name: `a worker at ${worker.ip}`,
        wanted: false,
        other: worker,
        port,
      })),
    ),
    { name: 'another pod of its namespace', wanted: false, other, port: 443 },
    { name: 'a pod of another namespace', wanted: false, other: pod('default', { app: 'x' }), port: 443 },
  ];
}

function inwards(): End[] {
  const prometheus = pod('monitoring', { 'app.kubernetes.io/name': 'prometheus' });
  return [
    { name: 'Prometheus', wanted: true, other: prometheus, port: 9464 },
    { name: 'Prometheus', wanted: false, other: prometheus, port: 8080 },
    { name: 'a pod of another namespace', wanted: false, other: pod('default', { app: 'x' }), port: 9464 },
    { name: 'Temporal', wanted: false, other: pod('temporal', { app: 'frontend' }), port: 9464 },
    { name: 'somebody outside', wanted: false, other: { ip: '203.0.113.9' }, port: 9464 },
    { name: 'somebody outside (IPv6)', wanted: false, other: { ip: '2001:db8::9' }, port: 8080 },
  ];
}
