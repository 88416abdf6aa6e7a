import { dirname, resolve } from 'node:path';
import { msToNumber } from '@temporalio/common/lib/time.js';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { issueSentence } from '../certification/records/issue-sentence.ts';
import { auditFileKeys, auditFileSchema, type AuditLine } from '../certification/records/audit-request.ts';
import type { Request } from '../certification/records/request.ts';
import type { AuditModelInput } from '../workflows/types.ts';
import { absoluteLocation } from './absolute-location.ts';
import { readSettings, resolveRequest } from './read-request.ts';

/** A line of an audit file: when its audits run, and what each is told. */
export interface ScheduledLine {
  readonly schedule: AuditLine['schedule'];
  readonly input: Omit<AuditModelInput, 'queues'>;
}

/**
 * The lines of an audit file, complete and checked. Paths are relative to the file; those of a request in a file of its
 * own, to that.
 *
 * @throws PerimeterError `InvalidRequest` naming the first fault.
 */
export function readAuditFile(file: string): ScheduledLine[] {
  const folder = dirname(file);
  const value = readSettings(file, 'an audit file');
  const parsed = auditFileSchema.safeParse(value);
  if (!parsed.success) throw refusal(file, fault(parsed.error.issues, value));
  const { out, pages, lines } = parsed.data;
  return Object.entries(lines).map(([line, asked]) => {
    const { schedule, model, baseline, gates, notify } = asked;
    const source = `${file}, line "${line}"`;
    const newest = typeof model === 'object' ? model.by : undefined;
    const request = readLineRequest(asked, { folder, source });
    checkGates(asked, { request, source });
    return {
      schedule,
      input: {
        line,
        out: absoluteLocation(out, folder),
        request: { ...request, out: absoluteLocation(out, folder) },
        ...(newest !== undefined && { newest }),
        gates,
        baseline,
        notify,
        withinMs: msToNumber(schedule.within),
        ...(pages !== undefined && { pages: pages.replace(/\/+$/, '') }),
      },
    };
  });
}

function readLineRequest(
  { model, request }: AuditLine,
  { folder, source }: { folder: string; source: string },
): Request {
  const own =
    model === undefined ? {} : { model: absoluteLocation(typeof model === 'object' ? model.newest : model, folder) };
  const from =
    typeof request === 'string'
      ? {
          settings: readSettings(resolve(folder, request), 'a request file'),
          folder: dirname(resolve(folder, request)),
        }
      : { settings: request, folder };
  const parsed = resolveRequest(from.settings, { ...from, source, more: own });
  const given = (['run', 'out'] as const).find((key) => key in from.settings);
  if (given !== undefined) {
    throw refusal(
      source,
      `"${given}" can't be in the request of an audit: each has a run of its own, in the file's "out".`,
    );
  }
  if (parsed.mode !== 'certify') throw refusal(source, '"mode" is predict, but audits are of CERTIFY: leave it out.');
  return parsed;
}

/** Sequential mode decides the radii of the request alone. */
function checkGates({ gates }: AuditLine, { request: { radii }, source }: { request: Request; source: string }) {
  const gated = [...gates.certifiedAccuracy.map(({ radius }) => radius), ...(gates.drop?.radii ?? [])];
  const other = radii && gated.find((radius) => !radii.includes(radius));
  if (other === undefined) return;
  throw refusal(
    source,
    `a gate is about radius ${other}, but the request decides ${radii?.join(', ')} alone: add it to "radii".`,
  );
}

function fault(issues: Parameters<typeof issueSentence>[0][], value: unknown): string {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue.path.length === 0 && issue.code !== 'unrecognized_keys') return 'expected settings with "lines".';
  if (issue.code === 'invalid_key') {
    return `"${String(issue.path.at(-1))}" can't be the name of a line: ${issue.issues[0].message}.`;
  }
  return issueSentence(issue, { value, knownKeys: auditFileKeys, describeKey: () => 'see docs/audits.md' });
}

function refusal(source: string, why: string): PerimeterError {
  return new PerimeterError('InvalidRequest', `${source}: ${why}`);
}
