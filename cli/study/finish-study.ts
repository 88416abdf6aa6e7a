import { readRunResults } from '../../certification/comparison/read-run-results.ts';
import type { Study } from '../../certification/records/study.ts';
import type { CertifiedResults } from '../../certification/report/certified-results.ts';
import { envelopedTable } from '../../certification/report/tables/enveloped.ts';
import { writeTable } from '../../certification/report/tables/write-table.ts';
import type { Store } from '../../certification/storage/store.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { putStudy } from '../../certification/studies/put-study.ts';
import { studyFiles } from '../../certification/studies/study-files.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { resultsJson } from '../results-json.ts';
import { shownLocation } from '../shown-location.ts';
import { signatureLine } from '../signature-line.ts';
import type { AskedStudy } from './read-study.ts';
import type { FailedRun, FinishedRun, RunOutcome } from './run-outcome.ts';

/**
 * Records a study where all of its runs are finished, prints its table, where its runs are and which of them failed, and
 * sets the exit code: 1 where a run failed (2 where all did, by what was asked for), 3 where a finished one has failed
 * examples.
 */
export async function finishStudy({
  asked,
  outcomes,
  json,
}: {
  asked: AskedStudy;
  outcomes: readonly RunOutcome[];
  json: boolean;
}) {
  const store = openStore(asked.out);
  const finished = outcomes.filter((outcome) => 'summary' in outcome);
  const failed = outcomes.filter((outcome) => 'failure' in outcome);
  const results: CertifiedResults[] = [];
  for (const { request, generation } of finished) results.push(await readRunResults(store, request.run, generation));
  const url = failed.length > 0 ? undefined : await record(store, asked, finished, results);
  if (json) printJson({ asked, outcomes, url, results });
  else printTexts({ asked, finished, failed, url, results });
  if (failed.length > 0) {
    const code = failed.map(({ failure }) => exitCodeOf(failure)).find((each) => each !== exitCodes.badInput);
    process.exitCode = finished.length > 0 ? exitCodes.failed : (code ?? exitCodes.badInput);
  } else if (finished.some(({ summary }) => summary.failed > 0)) {
    process.exitCode = exitCodes.finishedWithFailures;
  }
}

function record(
  store: Store,
  { study }: AskedStudy,
  finished: readonly FinishedRun[],
  results: readonly CertifiedResults[],
): Promise<string> {
  const runs: Study['runs'] = finished.map(({ request: { run, model, sigma, lambda }, generation, summary }) => ({
    ...{ run, model, sigma, ...(lambda !== undefined && { lambda }), generation },
    claim: summary.claim,
  }));
  return putStudy(store, { version: 1, study, runs }, () => studyFiles(results));
}

interface Found {
  readonly asked: AskedStudy;
  /** Where the study's files are; undefined where it isn't recorded. */
  readonly url: string | undefined;
  readonly results: readonly CertifiedResults[];
}

function printJson({ asked, outcomes, url, results }: Found & { outcomes: readonly RunOutcome[] }) {
  const runs = outcomes.map((outcome) => {
    const { run, model, sigma, lambda } = outcome.request;
    if ('failure' in outcome) {
      const { code, message } = outcome.failure;
      return { run, model, sigma, lambda, error: { code, message } };
    }
    const { generation, summary, signed } = outcome;
    const signature = signed && { fingerprint: signed.fingerprint, url: signed.url };
    return { run, model, sigma, lambda, url: outcome.url, generation, summary, signature };
  });
  const table = results.length === 0 ? undefined : resultsJson(results);
  process.stdout.write(`${JSON.stringify({ study: asked.study, url, runs, table })}\n`);
}

function printTexts({
  asked,
  finished,
  failed,
  url,
  results,
}: Found & { finished: readonly FinishedRun[]; failed: readonly FailedRun[] }) {
  const { study } = asked;
  const lines = finished.flatMap(({ request: { run }, url: at, signed }) => [
    `Run ${run}: ${shownLocation(at)}`,
    ...(signed === undefined ? [] : [signatureLine(signed)]),
  ]);
  if (results.length > 0) process.stdout.write(`\n${writeTable(envelopedTable(results), 'text').trimEnd()}\n\n`);
  for (const line of lines) process.stdout.write(`${line}\n`);
  if (url !== undefined) process.stdout.write(`Study ${study}: ${shownLocation(url)}\n`);
  for (const { request, failure } of failed) {
    process.stderr.write(`perimeter: run ${request.run} failed: ${failure.message}\n`);
  }
  if (failed.length > 0) {
    process.stderr.write(
      `Study ${study} isn't recorded while ${failed.length} of its ${asked.runs.length} runs ${failed.length === 1 ? 'is' : 'are'} missing: the same command with --run ${study} goes on.\n`,
    );
    return;
  }
  for (const { request, summary } of finished) {
    if (summary.failed === 0) continue;
    const examples = summary.failed === 1 ? '1 example' : `${summary.failed} examples`;
    process.stderr.write(
      `${examples} of run ${request.run} failed: "perimeter retry ${request.run}" tries them again.\n`,
    );
  }
}
