/** Writes the request's JSON Schema for editors and other languages. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { requestFileSchema } from '../certification/records/request.ts';

const path = new URL('../docs/request.schema.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(z.toJSONSchema(requestFileSchema, { io: 'input' }), null, 2)}\n`);
