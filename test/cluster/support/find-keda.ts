import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildWithGo } from '../../support/build-with-go.ts';
import { buildOnce } from './build-once.ts';
import { copyModule, runGo, STRIPPED } from './go-commands.ts';

const VERSION = '2.21.0';
const KEDA = {
  module: `github.com/kedacore/keda/v2@v${VERSION}`,
  sum: 'h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=',
};
/** Those that the project has triggers of: each of the other 70 brings its vendor's SDK, and all take six minutes more. */
const SCALERS = ['temporal', 'prometheus', 'cron'];

/** KEDA's processes and the types that they act on. */
export interface KedaPrograms {
  readonly operator: string;
  /** Serves the metrics to Kubernetes' autoscaler. */
  readonly adapter: string;
  /** A folder of CustomResourceDefinitions. */
  readonly crds: string;
}

/**
 * Finds KEDA, with the scalers that the project uses, in the project's cache, or builds it there once.
 *
 * @throws PerimeterError `MissingPart` where it can't be built
 */
export async function findKeda(env: NodeJS.ProcessEnv = process.env): Promise<KedaPrograms> {
  const folder = await buildOnce({
    name: `keda-${VERSION}`,
    from: { versions: [KEDA.module, KEDA.sum, ...SCALERS] },
    takes: '3 minutes on two cores',
    env,
    build: ({ target, work }) =>
      buildWithGo({ folder: work, env, build: (go) => build({ go, target, source: join(work, 'keda'), work, env }) }),
  });
  return { operator: join(folder, 'operator'), adapter: join(folder, 'adapter'), crds: join(folder, 'crds') };
}

async function build(options: {
  go: string;
  target: string;
  source: string;
  work: string;
  env: NodeJS.ProcessEnv;
}): Promise<string | undefined> {
  const { go, target, source, work, env } = options;
  await rm(source, { recursive: true, force: true });
  const missing = await copyModule({ go, ...KEDA, target: source, cwd: work, env });
  if (missing !== undefined) return missing;
  await keepScalers(source);
  const version = `-X github.com/kedacore/keda/v2/version.Version=${VERSION}`;
  const args = ['build', '-ldflags', `${STRIPPED} ${version}`, '-o', `${target}/`, './cmd/operator', './cmd/adapter'];
  const fault = await runGo(go, args, { cwd: source, env });
  if (fault === undefined) await cp(join(source, 'config', 'crd', 'bases'), join(target, 'crds'), { recursive: true });
  return fault;
}

/** Takes the other scalers out of a copy of KEDA's source. */
async function keepScalers(source: string): Promise<void> {
  const scalers = join(source, 'pkg', 'scalers');
  for (const file of await readdir(scalers)) {
    const name = /^(.*)_scaler\.go$/.exec(file)?.[1];
    if (name !== undefined && !SCALERS.includes(name)) await rm(join(scalers, file));
  }
  // One of the files taken out declares what all use.
  await writeFile(join(scalers, 'kept.go'), 'package scalers\n\nconst externalMetricType = "External"\n');
  const builder = join(source, 'pkg', 'scaling', 'scalers_builder.go');
  const cases = /\tcase "([^"]+)":\n\t\treturn scalers\..*\n/g;
  const kept = (await readFile(builder, 'utf8')).replace(cases, (whole, name: string) =>
    SCALERS.includes(name) ? whole : '',
  );
  await writeFile(builder, kept);
}
