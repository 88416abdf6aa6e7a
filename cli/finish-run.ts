import { runFiles } from '../certification/records/run-keys.ts';
import type { AnySummary, PredictionSummary } from '../certification/records/summary.ts';
import type { SignedRun } from '../certification/sign-run.ts';
import { accuracyTable } from '../certification/report/accuracy-table.ts';
import { exitCodes } from './exit-codes.ts';
import { floorPercent } from '../certification/report/floor-percent.ts';
import { NOT_REPLAYABLE } from '../certification/report/not-replayable.ts';
import { SIMULATED } from '../certification/report/simulated.ts';
import { shownLocation } from './shown-location.ts';
import { signatureLine } from './signature-line.ts';

/** Prints what a run found, where its files are and who signed it, and sets the exit code. */
export function finishRun({
  run,
  url,
  generation,
  summary,
  signed,
  json,
}: {
  run: string;
  url: string;
  generation: number;
  summary: AnySummary;
  signed: SignedRun | undefined;
  json: boolean;
}) {
  if (json) {
    const signature = signed && { fingerprint: signed.fingerprint, url: signed.url };
    process.stdout.write(`${JSON.stringify({ run, url, generation, summary, signature })}\n`);
  } else {
    printSummary({ run, url: generation === 1 ? url : `${url}/${runFiles.inGeneration('', generation)}`, summary });
    if (signed !== undefined) process.stdout.write(`${signatureLine(signed)}\n`);
  }
  if (summary.failed === 0) return;
  process.exitCode = exitCodes.finishedWithFailures;
  if (!json) {
    const failed = summary.failed === 1 ? '1 example' : `${summary.failed} examples`;
    process.stderr.write(`${failed} failed: "perimeter retry ${run}" tries them again.\n`);
  }
}

function printSummary({ run, url, summary }: { run: string; url: string; summary: AnySummary }) {
  const table = summary.mode === 'predict' ? predictionLines(summary) : accuracyTable(summary);
  process.stdout.write(`\n${table.trimEnd()}\n\nRun ${run}: ${shownLocation(url)}\n`);
}

function predictionLines(summary: PredictionSummary): string {
  const { examples, predicted, abstained, failed, accuracy, simulated, replayable } = summary;
  return [
    ...(simulated ? [SIMULATED, ''] : []),
    ...(replayable === false ? [NOT_REPLAYABLE, ''] : []),
    `accuracy    ${floorPercent(Math.round(accuracy * examples), examples)} of ${examples} examples`,
    `predicted   ${predicted}`,
    `abstained   ${abstained}`,
    `failed      ${failed}`,
  ].join('\n');
}
