import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkSignatureBytes } from '../../certification/signing/check-signature-bytes.ts';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { workflowIdOf } from '../../cli/runs.ts';
import { constantModel } from '../models/constant-model.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { runCli } from '../support/run-cli.ts';
import { writeInputs } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
  await Promise.all([cluster.startWorker({ role: 'control' }), cluster.startWorker({ role: 'sampler' })]);
});

it('--sign signs what workers made, and nothing of the private key reaches them', async () => {
  const folder = temporaryFolder(afterAll);
  const { privateKey, publicKey, fingerprint } = newKeyPair();
  const keyFile = join(folder, 'not-for-workers.key');
  writeFileSync(keyFile, privateKey);
  const { model, dataset, labels } = writeInputs({
    folder,
    model: constantModel({ shape: [1, 4, 4], classes: 3, winner: 2 }),
    images: [new Uint8Array(16).fill(10), new Uint8Array(16).fill(200)],
    labels: [2, 1],
    shape: [4, 4],
  });
  const request = ['--model', model, '--dataset', dataset, '--labels', labels ?? '', '--sigma', '0.1', '--n', '200'];
  const place = ['--out', join(folder, 'out'), '--run', 'r', '--address', cluster.address];
  const { code, stdout } = await runCli(['certify', ...request, ...place, '--sign', keyFile]);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`\nSigned by key ${fingerprint}: .*/runs/r/signature\\.json\n$`));

  const file = (name: string) => readFileSync(join(folder, 'out', 'runs', 'r', name));
  expect(
    checkSignatureBytes({ manifest: file('manifest.json'), bytes: file('signature.json'), publicKey }),
  ).toMatchObject({ status: 'valid' });

  const { events } = await cluster.client.workflow.getHandle(workflowIdOf('r')).fetchHistory();
  const payloads = JSON.stringify(events).replace(/"data":"([^"]*)"/g, (_, data: string) =>
    Buffer.from(data, 'base64').toString(),
  );
  expect(payloads).toContain('model.onnx');
  const seed = createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'der' }).subarray(-32);
  const secrets = [seed.toString('base64'), seed.toString('hex'), privateKey.split('\n')[1], 'not-for-workers'];
  for (const secret of secrets) expect(payloads).not.toContain(secret);
});
