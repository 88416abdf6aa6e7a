import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { parseDevice } from '../../../certification/records/device.ts';
import { workerCommand } from '../../../cli/commands/worker.ts';
import { environmentOf } from '../support/environment-of.ts';
import type { KubernetesObject } from '../support/objects.ts';
import { workerContainer, workers } from '../support/of-kind.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** What other programs in the container read: CUDA's compiler, and any. */
const OF_OTHERS = ['CUDA_CACHE_PATH', 'HOME'];

/** Names of variables that something reads; all sources are looked through for them. */
let known: ReadonlySet<string> | undefined;

/** Arguments and environment of the workers are what `perimeter worker` knows. */
export function commandLine(objects: readonly KubernetesObject[]): string[] {
  known ??= readFromEnvironment();
  return workers(objects).flatMap((deployment) => {
    const { name } = deployment.metadata;
    const { args = [] } = workerContainer(deployment);
    const variables = Object.keys(environmentOf(deployment, objects)).filter((one) => !OF_OTHERS.includes(one));
    const unread = variables.filter((one) => !known?.has(one));
    const { role, fault } = workerOptions(args);
    return [
      ...(fault === undefined ? [] : [`Deployment ${name}: perimeter ${args.join(' ')}: ${fault}`]),
      ...(role === name ? [] : [`Deployment ${name} runs the role ${role ?? 'of both'}`]),
      ...unread.map((one) => `Deployment ${name}: nothing reads ${one} of its environment`),
    ];
  });
}

/** What `perimeter worker` makes of its arguments, without doing it. */
export function workerOptions(args: readonly string[]): { role?: string; device?: string; fault?: string } {
  if (args[0] !== 'worker') return { fault: 'not the command worker' };
  const silent = { writeErr: () => undefined, writeOut: () => undefined };
  const command = workerCommand().exitOverride().configureOutput(silent);
  command.action(() => undefined);
  try {
    command.parse(args.slice(1), { from: 'user' });
    const { role, device } = command.opts<{ role?: string; device: string }>();
    parseDevice(device);
    return { role, device };
  } catch (error) {
    if (error instanceof CommanderError) return { fault: error.message };
    return { fault: String(error) };
  }
}

/** Names of variables, as they stand in the code and in that of Temporal's standard environment. */
function readFromEnvironment(): ReadonlySet<string> {
  const sources = ['cli', 'workers', 'certification'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(root, folder, file)),
  );
  const envconfig = createRequire(import.meta.url).resolve('@temporalio/envconfig');
  const text = [...sources, envconfig.replace('index.js', 'envconfig-toml.js')].map((file) =>
    readFileSync(file, 'utf8'),
  );
  return new Set(text.join('\n').match(/\b(?:PERIMETER|TEMPORAL|AWS)_[A-Z0-9_]+\b/g));
}
