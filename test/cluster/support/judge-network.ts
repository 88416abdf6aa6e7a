import type { KubernetesObject, Labels } from './objects.ts';
import { ofKind } from './of-kind.ts';
import { runWithInput } from './run-with-input.ts';

/** One end of a connection: a pod, or an address outside of the cluster. */
export interface Peer {
  readonly ip: string;
  readonly pod?: { readonly namespace: string; readonly namespaceLabels: Labels; readonly labels: Labels };
}

export interface Connection {
  readonly from: Peer;
  readonly to: Peer;
  readonly port: number;
  readonly portName?: string;
  readonly protocol: 'TCP' | 'UDP';
}

/** Says of each connection whether the NetworkPolicies among these objects let it through, by cyclonus' matcher. */
export async function judgeNetwork(
  netpol: string,
  { objects, connections }: { objects: readonly KubernetesObject[]; connections: readonly Connection[] },
): Promise<boolean[]> {
  const peer = ({ ip, pod }: Peer) => ({
    IP: ip,
    Internal: pod && { Namespace: pod.namespace, NamespaceLabels: pod.namespaceLabels, PodLabels: pod.labels },
  });
  const asked = {
    policies: ofKind(objects, 'NetworkPolicy'),
    traffic: connections.map(({ from, to, port, portName = '', protocol }) => ({
      Source: peer(from),
      Destination: peer(to),
      ResolvedPort: port,
      ResolvedPortName: portName,
      Protocol: protocol,
    })),
  };
  const { code, stdout, stderr } = await runWithInput(netpol, [], { input: JSON.stringify(asked) });
  if (code !== 0) throw new Error(`the policies could not be judged: ${stderr}`);
  return (JSON.parse(stdout) as { allowed: boolean }[]).map(({ allowed }) => allowed);
}
