import { concludeAudit } from '../certification/audits/conclude-audit.ts';
import { beginAudit } from '../certification/audits/begin-audit.ts';
import { readAudit } from '../certification/audits/audit-index.ts';
import { latestGeneration } from '../certification/generations.ts';
import { PerimeterError } from '../certification/perimeter-error.ts';
import { auditKeys } from '../certification/records/audit-keys.ts';
import { jsonDigest } from '../certification/records/canonical-json.ts';
import { openStore } from '../certification/storage/open-store.ts';
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
        return { ...begun, requestDigest: jsonDigest(JSON.parse(JSON.stringify(begun.request))) };
      }),
    concludeAudit: ({ out, run, ...done }) =>
      controlled(async () => {
        const store = openStore(out);
        const generation = run && (await latestGeneration(store, run));
        const results = run && generation ? { results: { run, generation } } : {};
        const { line, date, outcome, reason, skipped } = await concludeAudit(store, { ...done, ...results });
        return { outcome, reason, skipped: skipped !== undefined, url: store.url(auditKeys.audit(line, date)) };
      }),
    notifyOfAudit: ({ out, line, date, notify, number, pages }) =>
      controlled(async () => {
        const store = openStore(out);
        const audit = await readAudit(store, line, date);
        if (audit === undefined) {
          throw new PerimeterError('NotFound', `There is no ${store.url(auditKeys.audit(line, date))} to tell of.`);
        }
        const event = auditEvent(store, audit, pages);
        const body = notify.format === 'slack' ? { text: event.text } : event;
        await sendWebhook(webhookTarget(notify, env), { id: `${line}/${date}/${number}`, body, now: new Date() });
      }),
  };
}
