import { compareCertified } from '../comparison/compare-certified.ts';
import { sameExamples } from '../comparison/same-examples.ts';
import { countCertified, readCertifiedRadii, type CertifiedRadii } from '../comparison/certified-radii.ts';
import { latestGeneration } from '../generations.ts';
import { PerimeterError } from '../perimeter-error.ts';
import { requirePlan } from '../plan-run.ts';
import { readSummary } from '../read-summary.ts';
import type { Audit, Gates } from '../records/audit.ts';
import { canonicalJson } from '../records/canonical-json.ts';
import type { Claim } from '../records/claim.ts';
import { normOf, normSymbols } from '../records/norm.ts';
import type { Plan } from '../records/plan.ts';
import type { Summary } from '../records/summary.ts';
import { tableRadii } from '../report/table-radii.ts';
import type { Store } from '../storage/store.ts';
import { readAuditIndex } from './audit-index.ts';
import { askedDigest, type AuditAsked } from './audit-asked.ts';
import type { BegunAudit } from './begin-audit.ts';
import { chooseBaseline, type ChosenBaseline } from './choose-baseline.ts';
import { judgeGates, outcomeOf, type Judged } from './judge-gates.ts';

/** A run's results, of one generation. */
export interface Results {
  readonly run: string;
  readonly generation: number;
}

/** A finished run as it is judged and compared. */
interface JudgedRun extends Results {
  readonly plan: Plan;
  readonly summary: Summary;
  readonly radii: CertifiedRadii;
}

/** What a run was found to be. */
export interface Judgement {
  readonly audit: Omit<Audit, 'version' | 'line' | 'date' | 'skipped'>;
  /** The results that it was compared with, and the date of their audit. */
  readonly baseline?: Results & { readonly date?: string };
}

/** Judges a run by the gates of its line, and against its baseline. */
export async function judgeRun(
  store: Store,
  { asked, begun, results }: { asked: AuditAsked; begun: BegunAudit; results: Results },
): Promise<Judgement> {
  const judged = await readRun(store, results);
  const { plan, summary, radii } = judged;
  const { audits } = await readAuditIndex(store, asked.line);
  const chosen = chooseBaseline(audits, asked, results.run);
  const against = chosen && (await readBaseline(store, { judged, chosen, gates: asked.gates }));
  const { abstained, failed, examples, cleanAccuracy, averageCertifiedRadius, abstentionRate } = summary;
  const comparison = against?.comparison ?? {
    none: 'There is no baseline yet: this audit is the first of its line that could be one.',
    verdict: 'pass' as const,
  };
  const gates = judgeGates(asked.gates, { radii, abstained, failed, comparison });
  const shown = gatedRadii(asked.gates);
  const audit: Judgement['audit'] = {
    ...outcomeOf(gates),
    model: begun.request.model,
    // What was certified, should a file have changed since its digest was read.
    audited: { ...begun.audited, model: plan.claim.model.sha256, dataset: plan.claim.dataset.sha256 },
    asked: askedDigest(asked),
    ...results,
    gates,
    baseline: against?.record ?? null,
    summary: {
      examples,
      sigma: plan.claim.noise.sigma,
      ...(plan.claim.noise.lambda !== undefined && { lambda: plan.claim.noise.lambda }),
      ...(plan.claim.norm !== undefined && { norm: plan.claim.norm }),
      cleanAccuracy,
      averageCertifiedRadius,
      abstentionRate,
      failed,
      certifiedAccuracy: (shown.length > 0 ? shown : tableRadii(summary)).map((radius) => ({
        radius,
        certified: countCertified(radii, radius),
      })),
    },
  };
  return { audit, ...(against?.results && { baseline: against.results }) };
}

/** The radii that gates are about, ascending. */
function gatedRadii({ certifiedAccuracy, drop }: Gates): number[] {
  const all = [...certifiedAccuracy.map(({ radius }) => radius), ...(drop?.radii ?? [])];
  return [...new Set(all)].sort((a, b) => a - b);
}

async function readRun(store: Store, { run, generation }: Results): Promise<JudgedRun> {
  const plan = await requirePlan(store, run);
  const { summary } = await readSummary(store, run, generation);
  if (summary.mode === 'predict') {
    throw new PerimeterError(
      'InvalidRequest',
      `Run ${run} is of PREDICT, which has no radii to audit: choose another.`,
    );
  }
  return { run, generation, plan, summary, radii: await readCertifiedRadii(store, plan, generation) };
}

async function readBaseline(
  store: Store,
  { judged, chosen, gates }: { judged: JudgedRun; chosen: ChosenBaseline; gates: Gates },
): Promise<{ record: Audit['baseline']; comparison: Judged['comparison']; results?: Judgement['baseline'] }> {
  const pinned = chosen.date === undefined;
  const about = { run: chosen.run, ...(chosen.date !== undefined && { date: chosen.date }), pinned };
  const generation = await latestGeneration(store, chosen.run);
  if (generation === undefined) {
    const none = `The baseline, run ${chosen.run}, has no results in the store any more.`;
    return { record: null, comparison: { none, verdict: 'undecided' } };
  }
  let baseline: JudgedRun;
  try {
    baseline = await readRun(store, { run: chosen.run, generation });
  } catch (error) {
    if (!(error instanceof PerimeterError) || error.code === 'StoreUnavailable') throw error;
    const none = `The baseline, run ${chosen.run}, can't be compared with: ${error.message}`;
    return { record: null, comparison: { none, verdict: 'undecided' } };
  }
  const { claim } = baseline.plan;
  const differs = differences(judged.plan.claim, claim);
  const record = { ...about, examples: baseline.summary.examples, differs };
  const results = { ...chosen, generation };
  if (!sameExamples(judged.plan.claim, claim)) {
    const none = `The baseline, run ${chosen.run}, is of other examples, so that no pairs can be compared.`;
    return { record: { ...record, comparison: null }, comparison: { none, verdict: 'undecided' }, results };
  }
  const norms = [judged.plan.claim, claim].map((each) => normSymbols[normOf(each)]);
  if (norms[0] !== norms[1]) {
    const none = `The baseline, run ${chosen.run}, has ${norms[1]} radii and this run ${norms[0]} ones, which can't be compared.`;
    return { record: { ...record, comparison: null }, comparison: { none, verdict: 'undecided' } };
  }
  const radii = gates.drop?.radii ?? gatedRadii(gates);
  const comparison = compareCertified({ radii, run: judged.radii, baseline: baseline.radii });
  return { record: { ...record, comparison }, comparison, results };
}

/** Keys of the claim by which two runs differ beside model and seed. */
function differences(one: Claim, other: Claim): string[] {
  const [a, b] = [one, other].map(comparable);
  return Object.keys(a).filter((key) => canonicalJson(a[key]) !== canonicalJson(b[key]));
}

function comparable({ dataset, sampling, noise, norm, arithmetic, code, stub }: Claim): Record<string, unknown> {
  // The probe's digest is of the model's own logits.
  const { provider, runtime, threads, batchSize } = arithmetic;
  return {
    dataset,
    sampling,
    noise,
    norm: normOf({ norm }),
    arithmetic: { provider, runtime, threads, batchSize },
    code,
    stub: stub ?? null,
  };
}
