import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const share = z.number().min(0).max(1);

/** A line's name: it stands in keys and workflow ids, and begins the ids of its runs. */
export const lineSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,59}$/,
    'it must be 1 to 60 of a-z, 0-9, ".", "_" and "-", beginning with a letter or digit',
  );

/** An audit's date: the time that it was scheduled for, in UTC, such as `2026-11-27T020000Z`. */
export const auditDateSchema = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{6}Z$/);

/** What a gate says; `undecided` where the test set is too small to tell. */
export const verdictSchema = z.enum(['pass', 'fail', 'undecided']);
export type Verdict = z.infer<typeof verdictSchema>;

/** The gates of a line, as its file has them. */
export const gatesSchema = z.strictObject({
  certifiedAccuracy: z
    .array(
      z.strictObject({
        radius: z.number().min(0),
        atLeast: z
          .number()
          .min(0)
          .lt(1)
          .describe('A share, as 0.8 for 80 %; that all are certified no sample can show.'),
      }),
    )
    .default([])
    .describe('Least certified accuracy at given radii.'),
  drop: z
    .strictObject({
      radii: z
        .array(z.number().min(0))
        .min(1)
        .refine((radii) => new Set(radii).size === radii.length, 'each radius can be there once'),
      atMost: z.number().min(0).max(100).default(0).describe('Percentage points.'),
    })
    .optional()
    .describe('Greatest drop of certified accuracy against the baseline, at each of the radii.'),
  abstentionRate: z
    .strictObject({ atMost: share.gt(0) })
    .optional()
    .describe('Greatest share of examples that the smoothed classifier abstains on.'),
  failedShare: z.strictObject({ atMost: share }).optional().describe('Greatest share of examples that failed.'),
  significance: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.05)
    .describe('Probability, at most, that chance alone makes a gate fail, or pass one on a bound.'),
});
export type Gates = z.output<typeof gatesSchema>;

/** What a gate asked, what was found, and what that means. */
export const gateResultSchema = z.strictObject({
  gate: z.enum(['certifiedAccuracy', 'drop', 'abstentionRate', 'failedShare']),
  radius: z.number().optional().describe('Of certifiedAccuracy and drop.'),
  limit: z.number().describe('A share; of drop in percentage points.'),
  observed: z.number().nullable().describe('In the unit of the limit; null where nothing could be compared.'),
  lower: z.number().optional().describe('Exact one-sided bounds of what was observed, at the gates’ significance.'),
  upper: z.number().optional(),
  pValue: z.number().optional().describe('Of drop: exact McNemar, one-sided, by Holm over the gated radii.'),
  verdict: verdictSchema,
  reason: z.string().describe('One sentence.'),
});
export type GateResult = z.infer<typeof gateResultSchema>;

/** Certified accuracy of two runs on the same examples, at one radius. */
export const comparisonAtSchema = z.strictObject({
  radius: z.number(),
  certified: z.int().describe('Examples that are correct with at least this radius.'),
  baseline: z.int().describe('So many in the baseline.'),
  lost: z.int().describe('In the baseline, and not here.'),
  gained: z.int().describe('Here, and not in the baseline.'),
  pValue: z.number().describe('Exact McNemar, one-sided: that the loss is chance.'),
  adjustedPValue: z.number().describe('By Holm over the gated radii.'),
});
export type ComparisonAt = z.infer<typeof comparisonAtSchema>;

/** The run that an audit is compared with. */
const baselineSchema = z.strictObject({
  run: z.string(),
  date: auditDateSchema.optional().describe('Of the audit that it is from; left out of a pinned run.'),
  pinned: z.boolean(),
  examples: z.int(),
  comparison: z
    .array(comparisonAtSchema)
    .nullable()
    .describe('At the gated radii; null where the baseline is of other examples.'),
  differs: z.array(z.string()).describe('Keys of the claim, but the model’s, that differ from the baseline’s.'),
});

/** How an audit ended; `error` where no results came about. */
export const outcomeSchema = z.enum(['passed', 'failed', 'undecided', 'error']);
export type Outcome = z.infer<typeof outcomeSchema>;

/** Whether an audit was successful, so that its run is what the next one of its line is compared with. */
export function isSuccessful<A extends { readonly outcome: Outcome; readonly run: string | null }>(
  audit: A,
): audit is A & { readonly run: string } {
  return audit.run !== null && (audit.outcome === 'passed' || audit.outcome === 'undecided');
}

/** What makes two audits the same: then the later one is skipped. */
export const auditedSchema = z.strictObject({
  model: sha256,
  dataset: sha256,
  request: sha256.describe('Of the request without model, run and out.'),
});
export type Audited = z.infer<typeof auditedSchema>;

/** What an audit found: `audits/<line>/<date>/audit.json`, written once; only an error makes way for what comes later. */
export const auditSchema = z.strictObject({
  version: z.literal(1),
  line: lineSchema,
  date: auditDateSchema,
  outcome: outcomeSchema,
  reason: z.string().describe('One sentence, such as the first gate that failed, or the error.'),
  skipped: auditDateSchema
    .optional()
    .describe('The earlier audit of the same model, data and request, whose run and figures these are.'),
  model: z.string().describe('Its URI.'),
  audited: auditedSchema.nullable().describe('null where the model or dataset could not be read.'),
  run: z.string().nullable().describe('Its run; null where none was begun. Of an error it may have no results.'),
  generation: z.int().min(1).nullable().describe('Of the run’s results.'),
  gates: z.array(gateResultSchema),
  asked: sha256.describe('Digest of the gates and the baseline that were asked for.'),
  baseline: baselineSchema.nullable().describe('null of the first audit of a line.'),
  summary: z
    .strictObject({
      examples: z.int(),
      sigma: z.number(),
      lambda: z.number().optional().describe('Of uniform noise.'),
      norm: z.enum(['linf', 'l1']).optional().describe('Of the radii; there where it is not ℓ2.'),
      cleanAccuracy: z.number(),
      averageCertifiedRadius: z.number(),
      abstentionRate: z.number(),
      failed: z.int(),
      certifiedAccuracy: z
        .array(z.strictObject({ radius: z.number(), certified: z.int() }))
        .describe('At the gated radii, else at 0, 0.25, … as far as the run has them.'),
    })
    .nullable(),
});
export type Audit = z.infer<typeof auditSchema>;

/** A line's audits in the order of their dates: `audits/<line>/index.json`, changed by compare-and-swap. */
export const auditIndexSchema = z.strictObject({
  version: z.literal(1),
  line: lineSchema,
  audits: z.array(
    auditSchema.pick({
      date: true,
      outcome: true,
      reason: true,
      skipped: true,
      model: true,
      audited: true,
      run: true,
      generation: true,
      summary: true,
      asked: true,
    }),
  ),
});
export type AuditIndex = z.infer<typeof auditIndexSchema>;
export type IndexedAudit = AuditIndex['audits'][number];
