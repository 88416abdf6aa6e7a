import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readToken } from '../../cli/serve/read-token.ts';
import { runCli } from '../support/run-cli.ts';
import { runLocally } from '../support/run-locally.ts';
import { startServe, type ServeCli } from '../support/serve-cli.ts';
import { stubRequest } from '../support/stub-request.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const TOKEN = 'a-token-of-some-length';
let out: string;

beforeAll(async () => {
  out = temporaryFolder(afterAll);
  await runLocally(stubRequest({ out, run: 'r1' }));
});

/** Asks under a name of one's own choosing, which `fetch` doesn't let. */
function statusAs(server: ServeCli, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { port: server.port, host: '127.0.0.1', path: '/runs/r1', setHost: false, ...(host && { headers: { host } }) },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    asking.on('error', reject);
    asking.end();
  });
}

describe('on loopback', () => {
  let server: ServeCli;
  beforeAll(async () => {
    server = await startServe({ out }, afterAll);
  });

  it('answers by the names of this machine alone, so that no site can bend its name to it', async () => {
    const { port } = server;
    for (const name of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
      expect([name, await statusAs(server, name)]).toEqual([name, 200]);
    }
    for (const name of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      'localhost:1',
      `localhost.:${port}`,
      `${port}.evil.example`,
    ]) {
      expect([name, await statusAs(server, name)]).toEqual([name, 421]);
    }
    expect(await statusAs(server, undefined)).toBe(400);
  });

  it('reads and never writes: other methods are refused', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await server.get('/runs/r1', { method });
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD']);
    }
    // Without a token there is nothing to log in to.
    expect((await server.get('/login', { method: 'POST', body: 'token=x' })).status).toBe(404);
    const head = await server.get('/runs/r1', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('gives every answer headers that keep browsers from doing more than show it', async () => {
    const paths = [
      '/',
      '/runs/r1',
      '/nowhere',
      '/api/runs',
      '/runs/r1/files/plan.json',
      '/runs/r1/files/report.html',
      '/runs/r1/files/curve.svg',
    ];
    for (const path of paths) {
      const { headers } = await server.get(path);
      expect([path, Object.fromEntries(headers)]).toEqual([
        path,
        expect.objectContaining({
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'x-frame-options': 'DENY',
          'cross-origin-resource-policy': 'same-origin',
          'cache-control': 'no-store',
          'content-security-policy': expect.stringMatching(/^default-src 'none'.*frame-ancestors 'none'/) as string,
        }),
      ]);
      for (const name of ['server', 'x-powered-by', 'strict-transport-security', 'access-control-allow-origin']) {
        expect([path, name, headers.get(name)]).toEqual([path, name, null]);
      }
    }
    const own = (await server.get('/')).headers.get('content-security-policy');
    expect(own).not.toContain('unsafe');
    const page = (await server.get('/runs/r1/files/report.html')).headers.get('content-security-policy');
    expect(page).toMatch(/; sandbox allow-scripts/);
    expect(page).not.toContain('allow-same-origin');
  });

  it('ends within two seconds of being told to, with a request under way', async () => {
    const other = await startServe({ out }, onTestFinished);
    const socket = connect(other.port, '127.0.0.1');
    onTestFinished(() => {
      socket.destroy();
    });
    socket.on('error', () => undefined);
    // A request that never ends.
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${other.port}\r\nX-Slow: `);
    await other.text('/');
    const told = performance.now();
    process.kill(other.pid, 'SIGTERM');
    await until(other.ended, Boolean);
    expect(performance.now() - told).toBeLessThan(2_000);
    expect(other.output()).not.toContain('perimeter:');
  });
});

describe('elsewhere', () => {
  let server: ServeCli;
  beforeAll(async () => {
    const tokenFile = join(temporaryFolder(afterAll), 'serve.token');
    writeFileSync(tokenFile, `${TOKEN}\n`);
    server = await startServe({ out, args: ['--host', '0.0.0.0', '--token-file', tokenFile] }, afterAll);
  });

  const logIn = (token: string, to = '/runs/r1', more: Record<string, string> = {}) =>
    server.get('/login', { method: 'POST', body: new URLSearchParams({ token, to }), headers: more });

  it('shows nothing of the store without the token', async () => {
    for (const path of [
      '/',
      '/runs/r1',
      '/api/runs',
      '/runs/r1/files/plan.json',
      '/nowhere',
      '/session',
      '/audits/..%2f',
    ]) {
      const answer = await server.get(path);
      const text = await answer.text();
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(text).not.toContain(out);
      expect(text).not.toContain('claim');
    }
    expect(await (await server.get('/api/runs')).json()).toEqual({
      error: 'A token is needed: Authorization: Bearer …',
    });
    expect(await server.json('/healthz')).toEqual({ status: 'ok' });
  });

  it('takes the token as a bearer, by any name of the server', async () => {
    const bearing = (token: string) => server.get('/api/runs', { headers: { authorization: `Bearer ${token}` } });
    expect((await bearing(TOKEN)).status).toBe(200);
    expect((await bearing(`${TOKEN}x`)).status).toBe(401);
    expect((await bearing(TOKEN.slice(0, -1))).status).toBe(401);
    const basic = { authorization: `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}` };
    expect((await server.get('/api/runs', { headers: basic })).status).toBe(401);
  });

  it('begins a session by the form, with a cookie that says nothing of the token', async () => {
    const form = await (await server.get('/runs/r1?page=2')).text();
    expect(form).toContain('name="to" value="/runs/r1?page=2"');
    const wrong = await logIn('not-the-token-at-all');
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null]);
    expect(await wrong.text()).toContain('That is not the token.');
    const right = await logIn(TOKEN);
    expect([right.status, right.headers.get('location')]).toEqual([303, '/runs/r1']);
    const cookie = right.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect(cookie).not.toContain(TOKEN);
    expect(cookie).not.toContain('Secure');
    expect((await logIn(TOKEN, '/', { 'x-forwarded-proto': 'https' })).headers.get('set-cookie')).toContain('; Secure');
    const [pair] = cookie.split(';');
    expect((await server.get('/runs/r1', { headers: { cookie: pair } })).status).toBe(200);
    expect((await server.get('/session', { headers: { cookie: pair } })).status).toBe(204);

    const [name, value] = pair.split('=');
    const [until_, signature] = decodeURIComponent(value).split('.');
    const forged = [
      `${Number(until_) + 1_000_000}.${signature}`,
      `${until_}.${'A'.repeat(43)}=`,
      until_,
      `${Date.now() + 1_000_000}.`,
    ];
    for (const each of forged) {
      const headers = { cookie: `${name}=${encodeURIComponent(each)}` };
      expect([each, (await server.get('/runs/r1', { headers })).status]).toEqual([each, 401]);
    }
  });

  it('leads to no other site after the log-in', async () => {
    for (const to of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/x\\@evil.example',
      '/a\r\nX: y',
      '',
    ]) {
      expect([to, (await logIn(TOKEN, to)).headers.get('location')]).toEqual([to, '/']);
    }
  });

  it('makes who guesses wait, and not who is there', async () => {
    const own = await startServe(
      { out, args: ['--host', '0.0.0.0'], env: { PERIMETER_SERVE_TOKEN: TOKEN } },
      onTestFinished,
    );
    const bearing = (token: string) => own.get('/api/runs', { headers: { authorization: `Bearer ${token}` } });
    const session = await own.get('/login', { method: 'POST', body: new URLSearchParams({ token: TOKEN }) });
    const [cookie] = (session.headers.get('set-cookie') ?? '').split(';');
    for (let guess = 0; guess < 10; guess += 1) expect((await bearing(`wrong-token-${guess}`)).status).toBe(401);
    const late = await bearing(TOKEN);
    expect([late.status, Number(late.headers.get('retry-after'))]).toEqual([429, expect.closeTo(60, -1) as number]);
    expect((await own.get('/api/runs', { headers: { cookie } })).status).toBe(200);
  });
});

describe('what it refuses to start with', () => {
  const folder = temporaryFolder(afterAll);
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const short = 'fifteen-letters';

  it.each([
    [
      'a missing token',
      { host: '0.0.0.0' },
      /^Other machines reach 0\.0\.0\.0, so a token is needed: .*--token-file.*PERIMETER_SERVE_TOKEN/,
    ],
    [
      'an empty variable',
      { host: '::', env: { PERIMETER_SERVE_TOKEN: ' ' } },
      /^Other machines reach ::, so a token is needed/,
    ],
    ['a short token', { host: '0.0.0.0', tokenFile: file('short', short) }, /short must be at least 16 letters/],
    [
      'a token with spaces',
      { host: '0.0.0.0', tokenFile: file('spaced', 'a token with spaces') },
      /must be at least 16 letters, digits and signs, without spaces/,
    ],
    ['an empty file, on loopback too', { tokenFile: file('empty', '\n') }, /empty must be at least 16 letters/],
    [
      'a file that is not there',
      { tokenFile: join(folder, 'absent') },
      /^The token's file .*absent can't be read: ENOENT/,
    ],
    [
      'a short variable',
      { env: { PERIMETER_SERVE_TOKEN: short } },
      /^The token of PERIMETER_SERVE_TOKEN must be at least 16/,
    ],
  ])(
    '%s',
    (
      _,
      { host = '127.0.0.1', tokenFile, env = {} }: { host?: string; tokenFile?: string; env?: NodeJS.ProcessEnv },
      sentence,
    ) => {
      expect(() => readToken({ host, tokenFile, env })).toThrow(sentence);
    },
  );

  it('the file wins over the variable, and loopback needs neither', () => {
    const env = { PERIMETER_SERVE_TOKEN: 'the-token-of-the-variable' };
    const tokenFile = file('token', `${TOKEN}\n`);
    expect(readToken({ host: '127.0.0.1', tokenFile, env })).toBe(TOKEN);
    expect(readToken({ host: '0.0.0.0', tokenFile: undefined, env })).toBe('the-token-of-the-variable');
    expect(readToken({ host: '::1', tokenFile: undefined, env: {} })).toBeUndefined();
  });

  it.each([
    [['--host', '0.0.0.0'], /so a token is needed/],
    [['--host', 'example.org'], /--host is "example\.org", but must be an IP address of this machine/],
  ])('%j, in one sentence, with exit code 2', async (args, sentence) => {
    const options = { env: { PERIMETER_SERVE_TOKEN: '' } };
    const { code, stdout, stderr } = await runCli(['serve', '--no-temporal', '--out', out, ...args], options);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('a port that is taken', async () => {
    const server = await startServe({ out }, onTestFinished);
    const { code, stderr } = await runCli(['serve', '--no-temporal', '--out', out, '--port', String(server.port)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/The pages can't be served at 127\.0\.0\.1:\d+: something listens there already/);
  });
});
