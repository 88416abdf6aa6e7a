/** `npm run schema`: writes the JSON Schemas of request, study and audit files, for editors and other languages. */
import { writeFileSync } from 'node:fs';
import { auditFileJsonSchema } from '../certification/records/audit-request.ts';
import { requestJsonSchema } from '../certification/records/request.ts';
import { studyJsonSchema } from '../certification/records/study-file.ts';

write('request', requestJsonSchema());
write('study', studyJsonSchema());
write('audit', auditFileJsonSchema());

function write(name: string, schema: unknown) {
  writeFileSync(new URL(`../docs/${name}.schema.json`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
