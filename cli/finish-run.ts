import { fileURLToPath } from 'node:url';
import type { AnySummary, PredictionSummary } from '../certification/records/summary.ts';
import { accuracyTable } from '../certification/report/accuracy-table.ts';
import { exitCodes } from './exit-codes.ts';
import { floorPercent } from '../certification/report/floor-percent.ts';

/** Prints what a run found and where its files are, and sets the exit code. */
export function finishRun({
  run,
  url,
  summary,
  json,
}: {
  run: string;
  url: string;
  summary: AnySummary;
  json: boolean;
}) {
  if (json) process.stdout.write(`${JSON.stringify({ run, url, summary })}\n`);
  else printSummary({ run, url, summary });
  if (summary.failed > 0) process.exitCode = exitCodes.finishedWithFailures;
}

function printSummary({ run, url, summary }: { run: string; url: string; summary: AnySummary }) {
  const table = summary.mode === 'predict' ? predictionLines(summary) : accuracyTable(summary);
  const folder = url.startsWith('file://') ? fileURLToPath(url) : url;
  process.stdout.write(`\n${table.trimEnd()}\n\nRun ${run}: ${folder}\n`);
}

function predictionLines({ examples, predicted, abstained, failed, accuracy }: PredictionSummary): string {
  return [
    `accuracy    ${floorPercent(Math.round(accuracy * examples), examples)} of ${examples} examples`,
    `predicted   ${predicted}`,
    `abstained   ${abstained}`,
    `failed      ${failed}`,
  ].join('\n');
}
