import { concludeAudit } from '../certification/audits/conclude-audit.ts';
import { beginAudit } from '../certification/audits/begin-audit.ts';
import { indexAudit, readAudit } from '../certification/audits/audit-index.ts';
import { latestGeneration } from '../certification/generations.ts';
import { PerimeterError } from '../certification/perimeter-error.ts';
import type { Audit } from '../certification/records/audit.ts';
import { auditKeys } from '../certification/records/audit-keys.ts';
import { requestDigest } from '../certification/records/request.ts';
import { openStore } from '../certification/storage/open-store.ts';
import type { Store } from '../certification/storage/store.ts';
import { auditEvent } from './audit-event.ts';
import { controlled } from './controlled.ts';
import type { AuditActivities } from './interfaces.ts';
import { webhookTarget, sendWebhook } from './send-webhook.ts';

/** Activities of audits: they need the store, the inputs and the network, and no device. */
export function createAuditActivities(env: NodeJS.ProcessEnv = process.env): AuditActivities {
  return {
    beginAudit: ({ out, notify, ...asked }) =>
      controlled(async () => {
        // Better said before the samples are drawn than after.
        notify.forEach((each) => webhookTarget(each, env));
        const begun = await beginAudit(openStore(out), asked);
        return { ...begun, requestDigest: requestDigest(begun.request) };
      }),
    concludeAudit: ({ out, ...done }) =>
      controlled(async () => {
        const store = openStore(out);
        const generation = done.run && (await latestGeneration(store, done.run));
        const audit = await concludeAudit(store, { ...done, ...(generation && { generation }) });
        const { line, date, outcome, reason, skipped } = audit;
        return { outcome, reason, skipped: skipped !== undefined, url: store.url(auditKeys.audit(line, date)) };
      }),
    indexAudit: ({ out, line, date }) =>
      controlled(async () => {
        const store = openStore(out);
        await indexAudit(store, await requireAudit(store, line, date));
      }),
    notifyOfAudit: ({ out, line, date, notify, number, pages }) =>
      controlled(async () => {
        const store = openStore(out);
        const audit = await requireAudit(store, line, date);
        const event = auditEvent(store, audit, pages);
        const body = notify.format === 'slack' ? { text: slackText(event.text) } : event;
        // A full stop separates what is signed.
        const id = `${line.replaceAll('.', '%2E')}/${date}/${number}`;
        await sendWebhook(webhookTarget(notify, env), { id, body, now: new Date() });
      }),
  };
}

async function requireAudit(store: Store, line: string, date: string): Promise<Audit> {
  const audit = await readAudit(store, line, date);
  if (audit !== undefined) return audit;
  throw new PerimeterError('NotFound', `There is no ${store.url(auditKeys.audit(line, date))}.`);
}

/** As Slack takes plain text: three characters are marks of its own. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
