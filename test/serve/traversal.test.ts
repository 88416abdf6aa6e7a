import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../certification/storage/open-store.ts';
import { putAudits } from '../support/put-audits.ts';
import { runLocally } from '../support/run-locally.ts';
import { startServe, type ServeCli } from '../support/serve-cli.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SECRET = 'do-not-show-this-to-anybody';
let server: ServeCli;

beforeAll(async () => {
  const folder = temporaryFolder(afterAll);
  const out = join(folder, 'out');
  await runLocally(stubRequest({ out, run: 'r1' }));
  await putAudits(openStore(out), { line: 'nightly', nights: [{ outcome: 'passed', certified: [400, 390, 380] }] });
  // Beside the store, in its root, and in a run's folder under a name that no run has.
  for (const place of ['secret.json', 'out/secret.json', 'out/runs/r1/secret.json', 'out/runs/r1/.env']) {
    writeFileSync(join(folder, place), SECRET);
  }
  mkdirSync(join(folder, 'plan.json'));
  writeFileSync(join(folder, 'plan.json', 'secret.json'), SECRET);
  symlinkSync(join(folder, 'secret.json'), join(out, 'runs/r1/failed-link'));
  mkdirSync(join(out, 'runs/r1/failed'));
  symlinkSync(join(folder, 'secret.json'), join(out, 'runs/r1/failed/00007.json'));
  server = await startServe({ out }, afterAll);
});

/** The answer to a request line sent as it is: clients tidy paths up first. */
function send(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('end', () => {
      resolve(Buffer.concat(parts).toString('latin1'));
    });
    const head = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`;
    socket.write(Buffer.from(head, 'latin1'));
  });
}

const up = [
  '../',
  '..%2f',
  '%2e%2e/',
  '%2e%2e%2f',
  '%252e%252e%252f',
  '..%255c',
  '..\\',
  '%2e%2e%5c',
  '....//',
  '..;/',
];
const overlong = ['%c0%ae%c0%ae/', '..%c0%af', '..%ef%bc%8f', '%ef%bc%8e%ef%bc%8e/', '%u002e%u002e/', '..%00/'];
const bases = ['/', '/runs/', '/runs/r1/', '/runs/r1/files/', '/audits/', '/audits/nightly/', '/api/runs/', '/assets/'];
const climbs = bases.flatMap((base) =>
  [...up, ...overlong].flatMap((step) => [1, 3, 4].map((times) => `${base}${step.repeat(times)}secret.json`)),
);
const others = [
  '/secret.json',
  '/runs/r1/secret.json',
  '/runs/r1/files/secret.json',
  '/runs/r1/files/.env',
  '/runs/r1/files/failed-link',
  '/runs/r1/files/failed/00007.json',
  '/runs/r1/files/plan.json%00secret.json',
  '/runs/r1/files/plan.json/../secret.json',
  '/runs/r1/files/plan.json%2f..%2fsecret.json',
  '/runs/r1/files//secret.json',
  '/runs/r1/files/generations/2/../../secret.json',
  '/runs/r1/files/generations/2/..%2f..%2fsecret.json',
  '/runs/./r1/files/secret.json',
  '/runs/..%2fsecret.json',
  '/runs/r1%2ffiles%2fsecret.json',
  '/runs/%2e%2e/files/plan.json',
  '//secret.json',
  '/\\secret.json',
  '/C:/secret.json',
  'file:///secret.json',
  'http://127.0.0.1/../secret.json',
  `http://127.0.0.1/runs/r1/files/..%2f..%2f..%2f..%2fsecret.json`,
  '/etc/passwd',
  '/runs//etc/passwd',
  '/runs/r1/files//etc/passwd',
  '/audits/nightly/2026-10-29T020000Z/../../../secret.json',
  '/audits/nightly/2026-10-29T020000Z/..%2f..%2f..%2fsecret.json',
  '/audits/..%2f..%2f/2026-10-29T020000Z/audit.json',
  '/api/audits/..%2fruns',
];

it('serves what a run has, over a raw socket too', async () => {
  expect(await send('/runs/r1/files/plan.json')).toMatch(/^HTTP\/1\.1 200 [^]*"claimDigest"/);
  expect(await send('/audits/nightly/2026-10-29T020000Z/audit.json')).toMatch(/^HTTP\/1\.1 200 [^]*"outcome"/);
});

it('leads nobody out of the store, nor to what no run has, by any spelling of a path', async () => {
  const found: string[] = [];
  for (const target of [...climbs, ...others]) {
    const answer = await send(target);
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
    const refused = status >= 400 && status !== 500;
    if (!refused || answer.includes(SECRET) || answer.includes('root:')) found.push(`${target} -> ${status}`);
  }
  expect(found).toEqual([]);
  expect(
    server
      .output()
      .split('\n')
      .filter((line) => line.startsWith('perimeter:')),
  ).toEqual([]);
});
