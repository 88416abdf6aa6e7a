import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../cli/dev/run-command.ts';

/** Kubernetes is linked by an agreed name for its version; without the symbols it is half as large. */
export const STRIPPED = '-s -w';

/** Programs that need no libraries of the machine, from what go.sum holds the checksums of. */
function goEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    GOFLAGS: '-mod=readonly -trimpath -buildvcs=false',
    GOROOT: undefined,
    GOWORK: 'off',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
  };
}

/**
 * `go` with these arguments.
 *
 * @returns undefined where it worked, else the end of what it printed
 */
export async function runGo(
  go: string,
  args: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string | undefined> {
  const { code, output } = await runCommand(go, args, { cwd, env: goEnvironment(env) });
  return code === 0 ? undefined : `go ${args[0] ?? ''}: ${output.trim().slice(-300)}`;
}

/**
 * Copies the source of a Go module, so that it can be built as the main module that it is not for others.
 *
 * @param options.module its path and version
 * @param options.sum its checksum in Go's notation; Go asks its checksum database too, unless that is switched off
 * @param options.folders the folders to copy, by default all
 * @returns undefined where it worked, else why not
 */
export async function copyModule(options: {
  go: string;
  module: string;
  sum: string;
  target: string;
  folders?: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}): Promise<string | undefined> {
  const { go, module, sum, target, folders = ['.'], cwd, env } = options;
  const { code, output } = await runCommand(go, ['mod', 'download', '-json', module], {
    cwd,
    env: { ...goEnvironment(env), GOFLAGS: undefined },
  });
  const found = (field: string) => new RegExp(`"${field}": "([^"]*)"`).exec(output)?.[1];
  const source = found('Dir');
  if (code !== 0 || source === undefined) return `go mod download ${module}: ${output.trim().slice(-300)}`;
  if (found('Sum') !== sum) return `${module} has checksum ${found('Sum') ?? 'none'}, expected ${sum}`;
  // Go's copy is read-only.
  for (const folder of folders) await cp(join(source, folder), join(target, folder), { recursive: true });
  const { code: changed, output: reason } = await runCommand('chmod', ['-R', 'u+w', target]);
  return changed === 0 ? undefined : `chmod: ${reason.trim()}`;
}
