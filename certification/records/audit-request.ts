import { z } from 'zod';
import { gatesSchema, lineSchema, outcomeSchema } from './audit.ts';
import { requestSchema } from './request.ts';

const duration = z.string().regex(/^[1-9]\d{0,5}(s|m|h|d)$/, 'it must be a time such as "30s", "10m", "6h" or "2d"');
const environmentName = z.string().regex(/^[A-Za-z_]\w*$/, 'it must be the name of an environment variable');

/** How models under a prefix are put in order: by the numbers in their names, or by when they were written. */
export const newestBySchema = z.enum(['version', 'time']);
export type NewestBy = z.infer<typeof newestBySchema>;

const scheduleSchema = z.strictObject({
  cron: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .transform((one) => (typeof one === 'string' ? [one] : one))
    .describe('When: five fields, or several such texts; "0 2 * * *" is every night at two.'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'it must be a name of the time zone database, such as "Europe/Paris"')
    .default('UTC')
    .describe('Of the cron expression.'),
  jitter: duration
    .optional()
    .describe('Start each audit so much later at most, at random, so that not all begin at once.'),
  within: duration
    .default('20h')
    .describe('An audit that takes longer is given up, and told as an error; its run can go on later.'),
  catchUp: duration.default('6h').describe('Make up for an audit that was missed, by an outage, no later than this.'),
  pauseOnFailure: z.boolean().default(true).describe('Pause when a gate fails or an audit ends with an error.'),
});

/** Whom an audit tells of its outcome. */
export const notifySchema = z
  .strictObject({
    url: z
      .string()
      .refine(isWebAddress, 'it must be an address such as https://…, without a user and password')
      .optional()
      .describe('The address that is posted to.'),
    urlEnv: environmentName
      .optional()
      .describe(
        'In place of `url`: the environment variable of the control workers that holds it, where it is a secret.',
      ),
    secretEnv: environmentName
      .optional()
      .describe('The environment variable of the control workers with the secret that signs it (HMAC-SHA256).'),
    format: z.enum(['json', 'slack']).default('json').describe('The whole event, or a text as Slack takes it.'),
    on: z.array(outcomeSchema).min(1).default(['failed', 'undecided', 'error']).describe('The outcomes that are told.'),
  })
  .refine(({ url, urlEnv }) => (url === undefined) !== (urlEnv === undefined), 'give "url" or "urlEnv", one of them');
export type Notify = z.output<typeof notifySchema>;

/** The run that a line's audits are compared with: that of its last successful audit, or always the same. */
export const baselineChoiceSchema = z.union(
  [z.literal('last'), z.strictObject({ run: requestSchema.shape.run.unwrap() })],
  'it must be "last" or { run: <id> }',
);
export type BaselineChoice = z.output<typeof baselineChoiceSchema>;

/** A line of audits, as its file has it. */
export const auditLineSchema = z.strictObject({
  schedule: scheduleSchema,
  model: z
    .union([
      z.string().min(1),
      z.strictObject({
        newest: z.string().min(1).describe('A prefix: a folder, file:// or s3://.'),
        by: newestBySchema.default('version'),
      }),
    ])
    .optional()
    .describe("The model, or where the newest is found; the request's own where left out."),
  request: z
    .union([z.string().min(1), z.record(z.string(), z.unknown())])
    .describe('The rest of the request: its keys, or the path of its file.'),
  baseline: baselineChoiceSchema.default('last'),
  gates: gatesSchema.default(() => gatesSchema.parse({})),
  notify: z.array(notifySchema).default([]),
});
export type AuditLine = z.output<typeof auditLineSchema>;

/** `audit.yaml`: lines of audits by their names, and where their runs and audits are kept. */
export const auditFileSchema = z.strictObject({
  out: z.string().min(1).default('perimeter-results').describe('Where runs and audits are kept: a folder or s3://.'),
  pages: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where `perimeter serve` is, for links in what is told.'),
  lines: z
    .record(lineSchema, auditLineSchema)
    .refine((lines) => Object.keys(lines).length > 0, 'there must be a line at least'),
});

/** All keys of an audit file, for the nearest to one that is misspelt. */
export const auditFileKeys = [
  auditFileSchema,
  auditLineSchema,
  scheduleSchema,
  gatesSchema,
  gatesSchema.shape.drop.unwrap(),
  gatesSchema.shape.certifiedAccuracy.unwrap().element,
  notifySchema,
].flatMap(({ shape }) => Object.keys(shape));

/** Whether a text is an address of the web; one with a user and password can't be posted to. */
export function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The JSON Schema of an audit file; what a line's request may say is that of a request file. */
export function auditFileJsonSchema() {
  return z.toJSONSchema(auditFileSchema, { io: 'input' });
}
