import { Command } from 'commander';
import { signRun } from '../../certification/sign-run.ts';
import { readKey } from '../../certification/signing/read-key.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { keptRun } from '../run-location.ts';
import { signatureLine } from '../signature-line.ts';

/** `perimeter sign`: signs a run that is finished. */
export function signCommand(): Command {
  return new Command('sign')
    .description("Sign a finished run's manifest; the key stays on this machine.")
    .argument('<run>', "the run's id under --out, or its folder")
    .requiredOption('--key <file>', 'the private key, as "perimeter keys new" makes it')
    .option('--out <uri>', 'where runs are kept: a folder or s3://', 'perimeter-results')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  perimeter sign nightly-7 --key perimeter.key --out s3://bucket/runs')
    .action(async (run: string, { key, out, json }: { key: string; out: string; json?: boolean }) => {
      const privateKey = await readKey(key, 'private');
      const kept = keptRun(run, out);
      const signed = await signRun({ store: openStore(kept.out), run: kept.run, privateKey });
      process.stdout.write(json === true ? `${JSON.stringify(signed)}\n` : `${signatureLine(signed)}\n`);
    });
}
