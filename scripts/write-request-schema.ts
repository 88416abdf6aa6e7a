/** Writes the request's JSON Schema for editors and other languages. */
import { writeFileSync } from 'node:fs';
import { requestJsonSchema } from '../certification/records/request.ts';

const path = new URL('../docs/request.schema.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(requestJsonSchema(), null, 2)}\n`);
