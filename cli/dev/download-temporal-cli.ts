import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** A host that is out of reach behind a silent firewall is given up after this long. */
const BEGIN_TIMEOUT_MS = 15_000;
/** 50 MB, packed, over a slow line. */
const DOWNLOAD_TIMEOUT_MS = 600_000;
const LOOK_EVERY_MS = 250;

/**
 * The SDK downloads the CLI when it starts a dev server, in native code that can't be cancelled, so it runs in a
 * process of its own: argument 1 is the module's address, argument 2 the folder.
 */
const SCRIPT = `
const { TestWorkflowEnvironment } = await import(process.argv[1]);
const executable = { type: 'cached-download', downloadDir: process.argv[2] };
const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
await environment.teardown();
`;

/**
 * Downloads the Temporal CLI as the Temporal SDK does.
 *
 * @returns the path of the executable in `folder`, or why there is none
 */
export async function downloadTemporalCli(options: {
  folder: string;
  env: NodeJS.ProcessEnv;
}): Promise<{ path: string; reason?: never } | { path?: never; reason: string }> {
  const { folder, env } = options;
  await mkdir(folder, { recursive: true });
  const abort = new AbortController();
  const started = Date.now();
  // The SDK creates `<name>.downloading` in the folder once the host has answered its first request.
  const watch = setInterval(() => {
    const waited = Date.now() - started;
    if (waited > DOWNLOAD_TIMEOUT_MS) abort.abort();
    if (waited > BEGIN_TIMEOUT_MS) {
      void readdir(folder).then((names) => {
        if (names.length === 0) abort.abort();
      });
    }
  }, LOOK_EVERY_MS);
  try {
    const sdk = import.meta.resolve('@temporalio/testing');
    const args = ['--input-type=module', '--eval', SCRIPT, sdk, folder];
    const { output } = await runCommand(process.execPath, args, { env, signal: abort.signal });
    const name = (await readdir(folder)).find((entry) => !entry.endsWith('.downloading'));
    if (name !== undefined) return { path: join(folder, name) };
    if (abort.signal.aborted) return { reason: 'no answer in time' };
    return { reason: /client error[^\n]*|dns error[^\n]*|status[^\n]*/.exec(output)?.[0] ?? 'the download failed' };
  } finally {
    clearInterval(watch);
  }
}
