import { describe, expect, it } from 'vitest';
import { recordBytes } from '../../certification/records/canonical-json.ts';
import { signRun } from '../../certification/sign-run.ts';
import { checkSignatureBytes } from '../../certification/signing/check-signature-bytes.ts';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const manifest = recordBytes({ version: 1, run: 'r', objects: [] });
const key = newKeyPair();

async function finishedRun() {
  const store = openStore(temporaryFolder());
  await store.putIfAbsent('runs/r/plan.json', Buffer.from('{}\n'));
  await store.putIfAbsent('runs/r/manifest.json', manifest);
  return store;
}

describe('signing a run', () => {
  it('leaves a signature of its manifest beside it, the same when it is done again', async () => {
    const store = await finishedRun();
    const signed = await signRun({ store, run: 'r', privateKey: key.privateKey });
    expect(signed).toEqual({
      run: 'r',
      generation: 1,
      fingerprint: key.fingerprint,
      url: store.url('runs/r/signature.json'),
    });
    const bytes = await store.get('runs/r/signature.json');
    expect(checkSignatureBytes({ manifest, bytes, publicKey: key.publicKey })).toMatchObject({ status: 'valid' });
    expect(await signRun({ store, run: 'r', privateKey: key.privateKey })).toEqual(signed);
    expect(await store.get('runs/r/signature.json')).toEqual(bytes);
    expect(await store.get('runs/r/manifest.json')).toEqual(manifest);
  });

  it('is refused where another key signed it, naming that key', async () => {
    const store = await finishedRun();
    await signRun({ store, run: 'r', privateKey: key.privateKey });
    const bytes = await store.get('runs/r/signature.json');
    await expect(signRun({ store, run: 'r', privateKey: newKeyPair().privateKey })).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: `Run r is signed already, by the key ${key.fingerprint}, and a run bears one signature.`,
    });
    expect(await store.get('runs/r/signature.json')).toEqual(bytes);
  });

  it('is refused where a signature is there that does not fit', async () => {
    const store = await finishedRun();
    await store.putIfAbsent('runs/r/signature.json', Buffer.from('{}\n'));
    await expect(signRun({ store, run: 'r', privateKey: key.privateKey })).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(/signature\.json is there already, and is no signature of/) as string,
    });
  });

  it('is refused of a run that is not finished, and of none at all', async () => {
    const store = openStore(temporaryFolder());
    await store.putIfAbsent('runs/r/plan.json', Buffer.from('{}\n'));
    await expect(signRun({ store, run: 'r', privateKey: key.privateKey })).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(/^Run r isn't finished: there is no .*manifest\.json yet to sign\.$/) as string,
    });
    await expect(signRun({ store, run: 'q', privateKey: key.privateKey })).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringMatching(/^There is no run q at .*: --out says where runs are kept\.$/) as string,
    });
    expect(await store.list('')).toEqual(['runs/r/plan.json']);
  });
});
