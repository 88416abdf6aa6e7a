import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it } from 'vitest';
import { sendWebhook, webhookTarget } from '../../activities/send-webhook.ts';
import { notifySchema } from '../../certification/records/audit-request.ts';
import { freePort } from '../../cli/dev/free-port.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
});

const target = (env: NodeJS.ProcessEnv, more: object = {}) =>
  webhookTarget(notifySchema.parse({ url: receiver.url, ...more }), env);
const event = (now = new Date()) => ({
  id: 'cnn/2026-01-01T020000Z/0',
  body: { type: 'audit.failed', text: 'é' },
  now,
});
const send = (env: NodeJS.ProcessEnv = {}, more: object = {}) => sendWebhook(target(env, more), event());

describe('a webhook', () => {
  it('arrives as JSON, signed so that the library of Standard Webhooks verifies it, and no other secret does', async () => {
    await send({ S: SECRET }, { secretEnv: 'S' });
    const { body, headers } = receiver.received[receiver.received.length - 1];
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': event().id,
      'idempotency-key': event().id,
    });
    expect(new Webhook(SECRET).verify(body, headers)).toEqual({ type: 'audit.failed', text: 'é' });
    expect(() => new Webhook('whsec_b3RoZXI=').verify(body, headers)).toThrow();
    const later = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) };
    expect(() => new Webhook(SECRET).verify(body, later)).toThrow();
  });

  it('takes a secret that is a text too, and is unsigned without one', async () => {
    await send({ S: 'a text of some length' }, { secretEnv: 'S' });
    const signed = receiver.received[receiver.received.length - 1];
    expect(new Webhook('a text of some length', { format: 'raw' }).verify(signed.body, signed.headers)).toBeTruthy();
    await send();
    expect(receiver.received[receiver.received.length - 1].headers).not.toHaveProperty('webhook-signature');
  });

  it.each([
    [500, false],
    [503, false],
    [429, false],
    [408, false],
    [404, true],
    [401, true],
    [302, true],
  ])('answered %d is tried again unless that is for good', async (status, nonRetryable) => {
    receiver.answers = [{ status, headers: { location: receiver.url } }];
    const before = receiver.received.length;
    const message = expect.stringMatching(/^The webhook at 127\.0\.0\.1:\d+ answered \d{3}\.$/) as string;
    await expect(send()).rejects.toMatchObject({ type: 'WebhookFailed', nonRetryable, message });
    expect(receiver.received).toHaveLength(before + 1);
  });

  it('waits for as long as it is asked to, within reason', async () => {
    const answered = (value: string) => {
      receiver.answers = [{ status: 429, headers: { 'retry-after': value } }];
      return send().then(undefined, (error: unknown) => error);
    };
    expect(await answered('7')).toMatchObject({ nextRetryDelay: 7_000 });
    expect(await answered('86400')).toMatchObject({ nextRetryDelay: 600_000 });
    expect(await answered('Fri, 27 Nov 2026 02:00:00 GMT')).not.toMatchObject({
      nextRetryDelay: expect.anything() as number,
    });
  });

  it('that nobody takes is tried again, and its message shows no more than the host', async () => {
    const nobody = { url: undefined, urlEnv: 'HOOK' };
    const port = await freePort();
    const hook = sendWebhook(target({ HOOK: `http://127.0.0.1:${port}/services/secret-token` }, nobody), event());
    const error = (await hook.then(undefined, (reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ type: 'WebhookFailed', nonRetryable: false });
    expect(error.message).toMatch(/^The webhook at 127\.0\.0\.1:\d+ can't be reached: .*ECONNREFUSED/);
    expect(error.message).not.toContain('secret-token');
  });

  it('whose address or secret is missing is refused by the name of the variable', () => {
    const nobody = { url: undefined, urlEnv: 'HOOK' };
    expect(() => target({}, nobody)).toThrow('lacks HOOK, the address that audits are told to');
    for (const address of ['not an address', 'ftp://a.example', 'https://user:pass@hooks.example/token']) {
      expect(() => target({ HOOK: address }, nobody)).toThrow(
        'HOOK is no address that can be posted to: expected https://',
      );
    }
    for (const secret of ['whsec_', 'whsec_!!!!', 'whsec_c2hvcnQ=', 'too short']) {
      expect(() => target({ S: secret }, { secretEnv: 'S' })).toThrow(
        'S is no secret to sign with: expected 16 characters',
      );
    }
    expect(() => target({}, { secretEnv: 'S' })).toThrow('lacks S, the secret that signs what audits tell');
  });
});
