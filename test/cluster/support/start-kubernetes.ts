import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../cli/dev/free-port.ts';
import { runCommand } from '../../../cli/dev/run-command.ts';
import { findKubernetes, type KubernetesPrograms } from './find-kubernetes.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import type { Api } from './api.ts';
import { connect } from './connect.ts';
import type { Kubectl } from './kubectl.ts';
import { createProcesses, type RunProcess } from './processes.ts';
import { untilUp } from './until-up.ts';

/** Who talks to the API server, by a token each. */
const USERS = {
  admin: { name: 'admin', groups: ['system:masters'] },
  controllers: { name: 'system:kube-controller-manager', groups: [] },
  scheduler: { name: 'system:kube-scheduler', groups: [] },
};

/** A Kubernetes on 127.0.0.1: API server, controllers and scheduler, without a node. */
export interface Kubernetes {
  readonly programs: KubernetesPrograms;
  /** Holds its keys (`pki/`), kubeconfigs, logs (`log/`) and data. */
  readonly folder: string;
  /** Of an administrator. */
  readonly kubeconfig: string;
  /** Whether it is somebody else's, with what may be in it. */
  readonly borrowed: boolean;
  readonly kubectl: Kubectl;
  readonly api: Api;
  /** Starts a process that is stopped with the others, before them. */
  readonly run: RunProcess;
  /** Ends all its processes. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts etcd, the API server, the controller manager and the scheduler, as processes that end with this one, and waits
 * until they do their work (4 s on two idle cores).
 *
 * @param options.folder an empty folder for all that they write
 * @param options.nodes names of nodes whose kubelets will come: each finds `<name>.kubeconfig` in the folder
 * @param options.apiServerArgs further arguments of the API server
 * @throws PerimeterError `MissingPart` where it can't be built; Error with the log's end where it doesn't come up
 */
export async function startKubernetes(options: {
  folder: string;
  nodes?: readonly string[];
  apiServerArgs?: readonly string[];
}): Promise<Kubernetes> {
  const { folder, nodes = [], apiServerArgs = [] } = options;
  const programs = await findKubernetes();
  const pki = join(folder, 'pki');
  for (const name of ['pki', 'etcd']) mkdirSync(join(folder, name), { recursive: true });
  const made = await runCommand(programs.keys, [pki]);
  if (made.code !== 0) throw new Error(`no keys could be made: ${made.output}`);
  const [port, etcdPort, peerPort, controllersPort, schedulerPort] = await freePorts(5);
  const server = `https://127.0.0.1:${port}`;
  const tokens = writeUsers({ folder, server, nodes });
  const etcd = `http://127.0.0.1:${etcdPort}`;
  const peers = `http://127.0.0.1:${peerPort}`;

  const { run, stop } = createProcesses(folder);
  try {
    await run('etcd', programs.hyperkube, [
      ...['etcd', '--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
      ...['--listen-client-urls', etcd, '--advertise-client-urls', etcd],
      ...['--listen-peer-urls', peers, '--initial-advertise-peer-urls', peers, '--initial-cluster', `default=${peers}`],
    ]);
    const args = apiServerArguments({ pki, port, etcd });
    const apiServer = await run('kube-apiserver', programs.hyperkube, [...args, ...apiServerArgs]);
    const asAdmin = { ca: readFileSync(join(pki, 'ca.crt')), token: tokens.admin };
    await untilUp(apiServer, `${server}/readyz`, asAdmin);
    const controllers = await run('kube-controller-manager', programs.hyperkube, [
      ...['kube-controller-manager', ...componentArguments(join(folder, 'controllers.kubeconfig'), controllersPort)],
      ...['--use-service-account-credentials=true', '--service-account-private-key-file', join(pki, 'sa.key')],
      ...['--root-ca-file', join(pki, 'ca.crt'), `--horizontal-pod-autoscaler-sync-period=${AUTOSCALER_SYNC}`],
    ]);
    await run('kube-scheduler', programs.hyperkube, [
      ...['kube-scheduler', ...componentArguments(join(folder, 'scheduler.kubeconfig'), schedulerPort)],
    ]);
    // Without it no pod can be made: a controller's first work.
    await untilUp(controllers, `${server}/api/v1/namespaces/default/serviceaccounts/default`, asAdmin);
    const kubeconfig = join(folder, 'admin.kubeconfig');
    const { kubectl, api } = await connect({ hyperkube: programs.hyperkube, kubeconfig, folder, run });
    return { programs, folder, kubeconfig, borrowed: false, kubectl, api, run, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The real one is 15 s; a test waits for it several times. */
const AUTOSCALER_SYNC = '2s';

function apiServerArguments({ pki, port, etcd }: { pki: string; port: number; etcd: string }): string[] {
  const key = (name: string) => [join(pki, `${name}.crt`), join(pki, `${name}.key`)] as const;
  const [certificate, privateKey] = key('apiserver');
  const [proxyCertificate, proxyKey] = key('front-proxy');
  const [kubeletCertificate, kubeletKey] = key('kubelet-client');
  return [
    ...['kube-apiserver', '--etcd-servers', etcd, '--bind-address', '127.0.0.1', '--secure-port', String(port)],
    // Loopback can't be advertised, and nobody asks: 192.0.2.1 is nobody's address (RFC 5737).
    ...['--advertise-address', '192.0.2.1', '--endpoint-reconciler-type', 'none'],
    ...['--service-cluster-ip-range', '10.96.0.0/16', '--allow-privileged=true'],
    ...['--tls-cert-file', certificate, '--tls-private-key-file', privateKey],
    ...['--client-ca-file', join(pki, 'ca.crt'), '--token-auth-file', join(pki, 'tokens.csv')],
    ...['--authorization-mode', 'Node,RBAC', '--enable-admission-plugins', 'NodeRestriction'],
    ...['--service-account-issuer', 'https://kubernetes.default.svc'],
    ...['--service-account-key-file', join(pki, 'sa.pub'), '--service-account-signing-key-file', join(pki, 'sa.key')],
    // Served APIs of others (KEDA's metrics) are asked in the name of who asked.
    ...['--requestheader-client-ca-file', join(pki, 'front-proxy-ca.crt')],
    ...['--requestheader-allowed-names', 'front-proxy-client', '--requestheader-username-headers', 'X-Remote-User'],
    ...['--requestheader-group-headers', 'X-Remote-Group', '--requestheader-extra-headers-prefix', 'X-Remote-Extra-'],
    ...['--proxy-client-cert-file', proxyCertificate, '--proxy-client-key-file', proxyKey],
    ...['--kubelet-client-certificate', kubeletCertificate, '--kubelet-client-key', kubeletKey],
  ];
}

/** Of the controller manager and the scheduler. With 20 requests a second, as by default, controllers take 5 s to start. */
function componentArguments(kubeconfig: string, port: number): string[] {
  return [
    ...['--kubeconfig', kubeconfig, '--authentication-kubeconfig', kubeconfig],
    ...['--authorization-kubeconfig', kubeconfig, '--bind-address', '127.0.0.1', '--secure-port', String(port)],
    ...['--leader-elect=false', '--kube-api-qps=500', '--kube-api-burst=1000'],
  ];
}

function writeUsers(options: { folder: string; server: string; nodes: readonly string[] }): { admin: string } {
  const { folder, server, nodes } = options;
  const users = [
    ...Object.entries(USERS).map(([file, user]) => ({ file, ...user })),
    ...nodes.map((file) => ({ file, name: `system:node:${file}`, groups: ['system:nodes'] })),
  ].map((user) => ({ ...user, token: randomBytes(16).toString('hex') }));
  const lines = users.map(({ token, name, file, groups }) => `${token},${name},${file},"${groups.join(',')}"\n`);
  writeFileSync(join(folder, 'pki', 'tokens.csv'), lines.join(''), { mode: 0o600 });
  for (const { file, token } of users) {
    const authority = join(folder, 'pki', 'ca.crt');
    writeKubeconfig(join(folder, `${file}.kubeconfig`), { server, authority, token });
  }
  return { admin: users.find(({ file }) => file === 'admin')?.token ?? '' };
}

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let i = 0; i < count; i += 1) ports.push(await freePort());
  return ports;
}
