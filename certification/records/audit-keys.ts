const folder = (line: string) => `audits/${line}`;

/** Keys of a line's audits in their store. */
export const auditKeys = {
  lines: 'audits/',
  /** The folder of a line's audits. */
  line: (line: string) => `${folder(line)}/`,
  index: (line: string) => `${folder(line)}/index.json`,
  audit: (line: string, date: string) => `${folder(line)}/${date}/audit.json`,
  /** The run's page with the baseline beside it. */
  report: (line: string, date: string) => `${folder(line)}/${date}/report.html`,
};

/** The audit date of a time: `2026-11-27T020000Z`. */
export function auditDate(time: Date): string {
  return `${time.toISOString().slice(0, 19).replaceAll(':', '')}Z`;
}

/** An audit date in ISO 8601, `2026-11-27T02:00:00Z`. */
export function auditIsoTime(date: string): string {
  return date.replace(/T(\d\d)(\d\d)(\d\d)Z$/, 'T$1:$2:$3Z');
}

/** The time of an audit date. */
export function auditTime(date: string): Date {
  return new Date(auditIsoTime(date));
}
