/**
 * A Kubernetes with one node of real containers, in namespaces of its own (`in-namespaces.sh`). Its argument is JSON: a
 * folder and the images that the node has. It says `ready` when it is, and ends with its standard input.
 */
import { mkdirSync } from 'node:fs';
import { startKubernetes } from '../support/start-kubernetes.ts';
import { NODE_ADDRESS, prepareNamespaces } from './prepare-namespaces.ts';
import { serveNames } from './serve-names.ts';
import { startContainerd, type NodeImage } from './start-containerd.ts';
import { NODE_NAME, startKubelet } from './start-kubelet.ts';

export interface NodeSettings {
  readonly folder: string;
  readonly images: readonly NodeImage[];
}

const [settings = ''] = process.argv.slice(2);
const { folder, images } = JSON.parse(settings) as NodeSettings;

process.stdin.on('close', () => process.exit(0)).resume();
prepareNamespaces();
mkdirSync(folder, { recursive: true });
const kubernetes = await startKubernetes({
  folder,
  nodes: [NODE_NAME],
  // The node's name is known to nobody.
  apiServerArgs: ['--kubelet-preferred-address-types', 'InternalIP'],
});
await startContainerd(kubernetes, images);
await serveNames(kubernetes.kubectl, NODE_ADDRESS);
await startKubelet(kubernetes);
process.stdout.write('ready\n');
