import { Command } from 'commander';
import { writeKeyPair } from '../../certification/signing/write-key-pair.ts';

/** `perimeter keys new`: a key pair to sign runs with. */
export function keysCommand(): Command {
  const create = new Command('new')
    .description('Make an Ed25519 key pair: the private key in a file, the public one beside it with ".pub".')
    .argument('[file]', 'a file that is not there yet', 'perimeter.key')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Example:
  perimeter keys new perimeter.key

Keep perimeter.key to yourself; hand perimeter.key.pub, or its fingerprint, to those who check your runs.`,
    )
    .action(async (file: string, { json }: { json?: boolean }) => {
      const made = await writeKeyPair(file);
      process.stdout.write(
        json === true
          ? `${JSON.stringify(made)}\n`
          : [
              `private key  ${made.privateKeyFile}`,
              `public key   ${made.publicKeyFile}`,
              `fingerprint  ${made.fingerprint}`,
              '',
            ].join('\n'),
      );
    });
  return new Command('keys')
    .description('Keys that sign runs.')
    .addCommand(create)
    .addHelpText('after', '\nExample:\n  perimeter keys new perimeter.key');
}
