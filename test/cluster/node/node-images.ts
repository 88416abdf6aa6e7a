import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { findOnPath } from '../../../cli/dev/executable.ts';
import { findTemporalCli } from '../../../cli/dev/temporal-cli.ts';
import { buildahDone } from '../../image/support/buildah.ts';
import { checkout, findImages } from '../../image/support/find-images.ts';
import { PAUSE_IMAGE, type NodeImage } from './start-containerd.ts';

/** What holds a pod's namespaces, and does nothing else. */
const PAUSE = 'catatonit';

/** Archives in a folder of the images that `k8s/overlays/local-cpu` names, and of what every pod needs. */
export async function nodeImages(folder: string): Promise<NodeImage[]> {
  const { control, 'sampler-cpu': sampler } = await findImages();
  const push = async (name: string, archive: string) => {
    const path = join(folder, archive);
    // Not compressed: it is read once, on this machine.
    await buildahDone('push', '--quiet', '--disable-compression', name, `oci-archive:${path}`);
    return path;
  };
  const pause = findOnPath(PAUSE) ?? PAUSE;
  return [
    { archive: await push(control.name, 'control.tar'), names: ['localhost/perimeter-control:local'] },
    { archive: await push(sampler.name, 'sampler.tar'), names: ['localhost/perimeter-sampler:local'] },
    {
      archive: await push(await imageOf(await findTemporalCli(), ['/temporal']), 'temporal.tar'),
      names: ['localhost/perimeter-test/temporal:1', temporalName()],
    },
    { archive: await push(await imageOf(pause, ['/catatonit', '-P']), 'pause.tar'), names: [PAUSE_IMAGE] },
  ];
}

/** An image of one static program. */
async function imageOf(program: string, entrypoint: readonly string[]): Promise<string> {
  const [path] = entrypoint;
  const name = `localhost/perimeter-test${path}:1`;
  const container = await buildahDone('from', 'scratch');
  await buildahDone('copy', '--quiet', container, program, path);
  await buildahDone('config', '--user', '10001:10001', '--entrypoint', JSON.stringify(entrypoint), container);
  await buildahDone('commit', '--quiet', '--rm', container, name);
  return name;
}

/** Temporal's own image, as containerd knows what the overlay names: by its digest, from Docker Hub. */
function temporalName(): string {
  const documents = parseAllDocuments(readFileSync(join(checkout, 'k8s/overlays/local-cpu/temporal.yaml'), 'utf8'));
  const [deployment] = documents.map(
    (document) => document.toJS() as { spec: { template: { spec: { containers: { image: string }[] } } } },
  );
  const [image] = deployment.spec.template.spec.containers.map(({ image }) => image);
  const [, repository, digest] = /^([^:@]+)(?::[^@]*)?@(sha256:[0-9a-f]{64})$/.exec(image) ?? [];
  return `docker.io/${repository}@${digest}`;
}
