import { once } from 'node:events';
import { Command } from 'commander';
import { requestSchema } from '../../certification/records/request.ts';
import { openInputFolder } from '../../certification/storage/open-input-folder.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { absoluteLocation } from '../absolute-location.ts';
import { addTemporalFlags, type TemporalFlags } from '../connect.ts';
import { shownLocation } from '../shown-location.ts';
import { wholeNumber } from '../whole-number.ts';

interface Flags extends TemporalFlags {
  readonly out: string;
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
  readonly temporal: boolean;
}

/** `perimeter serve`: pages over a store. */
export function serveCommand(): Command {
  const out = requestSchema.shape.out.parse(undefined);
  return addTemporalFlags(new Command('serve'))
    .description('Show the audits and runs of a store as pages, until interrupted; nothing is changed.')
    .option('--out <folder>', 'where runs are kept: a folder, file:// or s3:// URI', out)
    .option('--host <ip>', 'where to listen; beyond this machine a token is needed', '127.0.0.1')
    .option('--port <port>', 'the port; 0 for any that is free', wholeNumber({ min: 0, max: 65_535 }), 8080)
    .option('--token-file <file>', 'a file with the token that visitors need (default: PERIMETER_SERVE_TOKEN)')
    .option('--no-temporal', 'without live progress')
    .addHelpText(
      'after',
      `
Examples:
  perimeter serve
  perimeter serve --out s3://bucket/audits --host 0.0.0.0 --token-file serve.token`,
    )
    .action(async (flags: Flags) => {
      const { accessOf } = await import('../serve/access.ts');
      const { noLiveRuns, temporalRuns } = await import('../serve/live-runs.ts');
      const { readToken } = await import('../serve/read-token.ts');
      const { serveApp } = await import('../serve/serve-app.ts');
      const { ipOf, startServer } = await import('../serve/start-server.ts');
      const location = absoluteLocation(flags.out, '.');
      const store = openStore(location);
      const host = ipOf(flags.host);
      const token = readToken({ host, tokenFile: flags.tokenFile, env: process.env });
      const live = flags.temporal
        ? temporalRuns({ store, flags })
        : noLiveRuns('the server was started with --no-temporal.');
      const place = shownLocation(location);
      const server = await startServer({
        host,
        port: flags.port,
        app: (port) =>
          serveApp({
            store,
            openFolder: () => openInputFolder(location),
            live,
            access: accessOf({ host, port, token }),
            place,
            onFault: (error) => {
              process.stderr.write(
                `perimeter: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
              );
            },
          }),
      });
      process.stdout.write(`${place} is shown at ${server.url} (Ctrl-C ends it)\n`);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await Promise.all([server.close(), live.close()]);
    });
}
