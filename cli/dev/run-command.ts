import { spawn } from 'node:child_process';

/** Enough of a tool's output to see why it failed. */
const KEPT_CHARACTERS = 8_000;

/**
 * Runs a program to its end, with nothing on its standard input.
 *
 * @returns its exit code (null where it was killed or could not be started) and the end of what it printed on both streams
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; signal?: AbortSignal } = {},
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    let output = '';
    const keep = (text: string) => {
      output = (output + text).slice(-KEPT_CHARACTERS);
    };
    const child = spawn(command, args, {
      ...options,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      killSignal: 'SIGKILL',
    });
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => {
      keep(error.message);
      resolve({ code: null, output });
    });
    child.once('close', (code) => {
      resolve({ code, output });
    });
  });
}
