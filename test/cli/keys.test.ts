import { createPrivateKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkSignatureBytes } from '../../certification/signing/check-signature-bytes.ts';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { constantModel } from '../models/constant-model.ts';
import { runCli } from '../support/run-cli.ts';
import { writeInputs } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder(afterAll);
const { privateKey, publicKey, fingerprint } = newKeyPair();
const keyFile = join(folder, 'perimeter.key');
writeFileSync(keyFile, privateKey);
writeFileSync(`${keyFile}.pub`, publicKey);
const otherKeyFile = join(folder, 'other.key');
writeFileSync(otherKeyFile, newKeyPair().privateKey);

const inputs = writeInputs({
  folder,
  model: constantModel({ shape: [1, 4, 4], classes: 3, winner: 2 }),
  images: [new Uint8Array(16).fill(10), new Uint8Array(16).fill(200)],
  labels: [2, 1],
  shape: [4, 4],
});

/** `certify` or `predict` of two examples, into a folder of its own. */
function small(command: 'certify' | 'predict', ...flags: string[]) {
  const out = temporaryFolder();
  const input = ['--model', inputs.model, '--dataset', inputs.dataset, '--labels', inputs.labels ?? ''];
  const args = [command, ...input, '--sigma', '0.1', '--n', '200', '--out', out, '--run', 'r', '--processes', '1'];
  return { out, run: join(out, 'runs', 'r'), args: [...args, ...flags] };
}

const check = (run: string, name = 'signature.json') =>
  checkSignatureBytes({
    manifest: readFileSync(join(run, 'manifest.json')),
    bytes: readFileSync(join(run, name)),
    publicKey,
  });

function filesUnder(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('perimeter keys new', () => {
  it('makes a pair in the current folder and says its fingerprint, and never overwrites one', async () => {
    const cwd = temporaryFolder();
    const made = await runCli(['keys', 'new'], { cwd });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toMatch(
      /^private key {2}perimeter\.key\npublic key {3}perimeter\.key\.pub\nfingerprint {2}[0-9a-f]{64}\n$/,
    );
    const file = join(cwd, 'perimeter.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = filesUnder(cwd).map((path) => readFileSync(path, 'utf8'));
    const again = await runCli(['keys', 'new'], { cwd });
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toBe(
      'perimeter: perimeter.key.pub is there already, and a key is never overwritten: name another file.\n',
    );
    expect(filesUnder(cwd).map((path) => readFileSync(path, 'utf8'))).toEqual(before);
  });

  it('prints one JSON object with --json, and the private key nowhere', async () => {
    const file = join(temporaryFolder(), 'k');
    const { stdout, stderr } = await runCli(['keys', 'new', file, '--json']);
    expect(JSON.parse(stdout)).toEqual({
      privateKeyFile: file,
      publicKeyFile: `${file}.pub`,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(stdout + stderr).not.toContain(readFileSync(file, 'utf8').split('\n')[1]);
  });
});

describe('--sign', () => {
  it('signs the finished run, names the key last, and leaves the private key in no file and no line', async () => {
    const { args, run } = small('certify', '--local', '--sign', keyFile);
    const { code, stdout, stderr } = await runCli(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`\nRun r: ${run}\nSigned by key ${fingerprint}: ${join(run, 'signature.json')}\n$`),
    );
    expect(check(run)).toEqual({ status: 'valid', fingerprint });
    const { objects } = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8')) as { objects: { key: string }[] };
    expect(objects.map(({ key }) => key)).not.toContain('signature.json');

    const der = createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'der' });
    const seed = der.subarray(-32);
    const secrets = [seed, Buffer.from(seed.toString('hex')), Buffer.from(der.toString('base64').slice(-40))];
    const written = [Buffer.from(stdout), Buffer.from(stderr), ...filesUnder(run).map((path) => readFileSync(path))];
    expect(written.length).toBeGreaterThan(8);
    for (const bytes of written) for (const secret of secrets) expect(bytes.includes(secret)).toBe(false);
  });

  it('changes nothing but the signature; a run that is asked for again bears the same, or refuses another key', async () => {
    const plain = small('predict', '--local', '--json', '--seed', 's');
    expect(JSON.parse((await runCli(plain.args)).stdout)).not.toHaveProperty('signature');
    const before = filesUnder(plain.run).map((path) => readFileSync(path));
    expect(existsSync(join(plain.run, 'signature.json'))).toBe(false);

    const signed = await runCli([...plain.args, '--sign', keyFile]);
    expect(JSON.parse(signed.stdout)).toMatchObject({
      run: 'r',
      signature: { fingerprint, url: expect.stringMatching(/\/runs\/r\/signature\.json$/) as string },
    });
    const signature = readFileSync(join(plain.run, 'signature.json'));
    const rest = filesUnder(plain.run).filter((path) => !path.endsWith('signature.json'));
    expect(rest.map((path) => readFileSync(path))).toEqual(before);

    const { code, stdout, stderr } = await runCli([...plain.args, '--sign', otherKeyFile]);
    expect(stderr).toBe(
      `perimeter: Run r is signed already, by the key ${fingerprint}, and a run bears one signature.\n`,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(readFileSync(join(plain.run, 'signature.json'))).toEqual(signature);
  });

  it.each([
    [
      'a key that is not there',
      join(folder, 'none.key'),
      /private key .*none\.key can't be read: there is no such file/,
    ],
    ['a public key', `${keyFile}.pub`, /perimeter\.key\.pub holds a public key/],
    ['what is no key', inputs.model, /model\.onnx is not a PEM file/],
  ])('with %s ends before anything is run', async (_, file, sentence) => {
    const { args, out } = small('certify', '--local', '--sign', file);
    const { code, stdout, stderr } = await runCli(args);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(readdirSync(out)).toEqual([]);
  });

  it('with --detach names "perimeter sign"', async () => {
    const { args, out } = small('certify', '--detach', '--sign', keyFile);
    const { code, stderr } = await runCli(args);
    expect(stderr).toMatch(/^perimeter: --sign .*--detach.*"perimeter sign"\.\n$/);
    expect(code).toBe(2);
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('perimeter sign', () => {
  it('signs a finished run as --sign would have, and refuses one that is not finished', async () => {
    const { args, out, run } = small('certify', '--local');
    expect((await runCli(args)).code).toBe(0);
    const signed = await runCli(['sign', 'r', '--key', keyFile, '--out', out, '--json']);
    expect(JSON.parse(signed.stdout)).toMatchObject({ run: 'r', fingerprint });
    expect(check(run)).toEqual({ status: 'valid', fingerprint });
    const again = await runCli(['sign', 'r', '--key', keyFile, '--out', out]);
    expect(again).toEqual({
      code: 0,
      stdout: `Signed by key ${fingerprint}: ${join(run, 'signature.json')}\n`,
      stderr: '',
    });

    unlinkSync(join(run, 'signature.json'));
    unlinkSync(join(run, 'manifest.json'));
    const refused = await runCli(['sign', 'r', '--key', keyFile, '--out', out]);
    expect(refused.stderr).toMatch(/^perimeter: Run r isn't finished: there is no .*manifest\.json yet to sign\.\n$/);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(existsSync(join(run, 'signature.json'))).toBe(false);
  });

  it('needs a key and a run that is there', async () => {
    const out = temporaryFolder();
    const unknown = await runCli(['sign', 'r', '--key', keyFile, '--out', out]);
    expect(unknown.stderr).toMatch(/^perimeter: There is no run r at .*: --out says where runs are kept\.\n$/);
    expect(unknown.code).toBe(2);
    const keyless = await runCli(['sign', 'r', '--out', out]);
    expect(keyless.stderr).toMatch(/--key/);
    expect(keyless.code).toBe(2);
  });
});

describe('every command of signing', () => {
  it.each(['keys new', 'sign'])('%s has help with an example', async (command) => {
    const { code, stdout } = await runCli([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Example:\\n.*perimeter ${command}`));
  });
});
