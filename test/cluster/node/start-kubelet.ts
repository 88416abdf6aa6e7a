import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../support/until.ts';
import type { Kubernetes } from '../support/start-kubernetes.ts';
import { CONTAINERD_SOCKET } from './start-containerd.ts';
import { NODE_ADDRESS } from './prepare-namespaces.ts';

export const NODE_NAME = 'node';

/** Starts a kubelet, and waits until its node is ready. */
export async function startKubelet({ folder, programs, run, kubectl }: Kubernetes): Promise<void> {
  const config = join(folder, 'kubelet.json');
  const resolv = join(folder, 'resolv.conf');
  writeFileSync(resolv, `nameserver ${NODE_ADDRESS}\n`);
  writeFileSync(config, JSON.stringify(settings({ authority: join(folder, 'pki', 'ca.crt'), resolv })));
  const kubelet = await run('kubelet', programs.hyperkube, [
    ...['kubelet', '--config', config, '--kubeconfig', join(folder, `${NODE_NAME}.kubeconfig`)],
    ...['--hostname-override', NODE_NAME, '--node-ip', NODE_ADDRESS, '--cert-dir', join(folder, 'kubelet')],
  ]);
  const ready = '{.status.conditions[?(@.type=="Ready")].status}';
  await until(
    () => {
      if (kubelet.ended()) throw new Error(`the kubelet ended: ${kubelet.output()}`);
      return kubectl.attempt(['get', 'node', NODE_NAME, '-o', `jsonpath=${ready}`]);
    },
    ({ stdout }) => stdout === 'True',
  );
}

function settings({ authority, resolv }: { authority: string; resolv: string }) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: authority } },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    makeIPTablesUtilChains: false,
    // A developer's disk may be fuller than a node's should be.
    evictionHard: {
      'memory.available': '0%',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    clusterDNS: [NODE_ADDRESS],
    clusterDomain: 'cluster.local',
    resolvConf: resolv,
    address: NODE_ADDRESS,
    readOnlyPort: 0,
    // So that the tests' waits are short.
    nodeStatusUpdateFrequency: '4s',
    syncFrequency: '5s',
  };
}
