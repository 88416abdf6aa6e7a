import { once } from 'node:events';
import { Command } from 'commander';
import { wholeNumber } from '../whole-number.ts';

const PORT = { min: 1, max: 65_535 };

interface Flags {
  readonly samplers: number;
  readonly port: number;
  readonly uiPort?: number;
  readonly headless?: boolean;
  readonly db?: string;
  readonly log?: string;
}

/** `perimeter dev`: a Temporal server and workers for this machine. */
export function devCommand(): Command {
  return new Command('dev')
    .description('Run a Temporal dev server and workers on this machine until interrupted.')
    .option('--samplers <n>', 'sampler workers, which share the cores', wholeNumber({ min: 1 }), 1)
    .option('--port <port>', "the server's port", wholeNumber(PORT), 7233)
    .option('--ui-port <port>', "the port of Temporal's web page", wholeNumber(PORT))
    .option('--headless', "without Temporal's web page")
    .option('--db <file>', 'keep runs in this file (default: in memory)')
    .option('--log <file>', 'write the log of server and workers there')
    .addHelpText('after', '\nExample:\n  perimeter dev --samplers 2 --db runs.db')
    .action(async ({ samplers, port, uiPort, headless, db, log }: Flags) => {
      const { startDevCluster } = await import('../dev/dev-cluster.ts');
      const cluster = await startDevCluster({
        samplers,
        port,
        headless: headless === true,
        ...(uiPort !== undefined && { uiPort }),
        ...(db !== undefined && { dbFilename: db }),
        ...(log !== undefined && { logFile: log }),
        onProgress: (line) => process.stderr.write(`${line}\n`),
      });
      process.stdout.write(
        `Temporal   ${cluster.address}${cluster.uiUrl === undefined ? '' : `, page ${cluster.uiUrl}`}\n` +
          `workers    1 control, ${cluster.samplers} ${cluster.samplers === 1 ? 'sampler' : 'samplers'}\n` +
          'Certify from another terminal; Ctrl-C here ends all.\n',
      );
      try {
        await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), cluster.failed]);
      } finally {
        await cluster.stop();
      }
    });
}
