import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { auditFileJsonSchema } from '../../certification/records/audit-request.ts';
import { readAuditFile } from '../../cli/read-audit-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder(afterAll);
const uri = (...parts: string[]) => pathToFileURL(join(folder, ...parts)).href;

function write(value: unknown, name = 'audit.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, typeof value === 'string' ? value : stringify(value));
  return file;
}

const line = { schedule: { cron: '0 2 * * *' }, request: { dataset: 'test.npz', model: 'm.onnx', sigma: 0.5 } };
const withLine = (more: object) => ({ lines: { cnn: { ...line, ...more } } });

describe('an audit file', () => {
  it('says of each line what is audited, with all paths absolute and all defaults filled in', () => {
    mkdirSync(join(folder, 'requests'), { recursive: true });
    write({ dataset: 'test.npz', sigma: 0.25, sampling: { mode: 'sequential', radii: [0, 0.25] } }, 'requests/r.yaml');
    const file = write({
      out: 'store',
      pages: 'https://perimeter.example/',
      lines: {
        cnn: { ...line, gates: { drop: { radii: [0.5] } } },
        newest: {
          schedule: { cron: ['0 2 * * 1', '0 3 * * 2'], timeZone: 'Europe/Paris', jitter: '10m' },
          model: { newest: 'models', by: 'time' },
          request: 'requests/r.yaml',
          baseline: { run: 'first' },
          notify: [{ urlEnv: 'HOOK', secretEnv: 'SECRET', on: ['failed'] }],
        },
      },
    });
    const [cnn, newest] = readAuditFile(file);
    expect(cnn).toMatchObject({
      schedule: { cron: ['0 2 * * *'], timeZone: 'UTC', catchUp: '6h', pauseOnFailure: true },
      input: {
        line: 'cnn',
        out: uri('store'),
        pages: 'https://perimeter.example',
        request: { model: uri('m.onnx'), dataset: uri('test.npz'), sigma: 0.5, n: 100_000, out: uri('store') },
        gates: { certifiedAccuracy: [], drop: { radii: [0.5], atMost: 0 }, significance: 0.05 },
        baseline: 'last',
        notify: [],
      },
    });
    expect(cnn.input).not.toHaveProperty('newest');
    expect(newest).toMatchObject({
      schedule: { cron: ['0 2 * * 1', '0 3 * * 2'], timeZone: 'Europe/Paris', jitter: '10m' },
      input: {
        newest: 'time',
        request: { model: uri('models'), dataset: uri('requests', 'test.npz'), radii: [0, 0.25] },
        baseline: { run: 'first' },
        notify: [{ urlEnv: 'HOOK', secretEnv: 'SECRET', format: 'json', on: ['failed'] }],
      },
    });
  });

  it.each<[what: string, value: unknown, sentence: RegExp]>([
    ['no settings', '- a list', /: expected an audit file, which is an object of settings\.$/],
    ['no YAML', 'lines: [', / is neither JSON nor YAML: /],
    ['no lines', { lines: {} }, /: "lines" is {}, but there must be a line at least\.$/],
    ['a misspelt key', withLine({ shedule: {} }), /: unknown key "lines\.cnn\.shedule"\. Did you mean "schedule"\?$/],
    [
      'a misspelt gate',
      withLine({ gates: { dorp: {} } }),
      /unknown key "lines\.cnn\.gates\.dorp"\. Did you mean "drop"\?$/,
    ],
    [
      'a line that is no name',
      { lines: { 'A b': line } },
      /: "A b" can't be the name of a line: it must be 1 to 60 of a-z/,
    ],
    ['no times', { lines: { cnn: { request: line.request } } }, /: "lines\.cnn\.schedule" is missing; it is needed/],
    [
      'an unknown zone',
      withLine({ schedule: { cron: '0 2 * * *', timeZone: 'Mars/Olympus' } }),
      /"lines\.cnn\.schedule\.timeZone" is "Mars\/Olympus", but it must be a name of the time zone database/,
    ],
    [
      'a window without unit',
      withLine({ schedule: { cron: '0 2 * * *', catchUp: '6' } }),
      /catchUp" is "6", but it must be a time such as/,
    ],
    [
      'a share as per cent',
      withLine({ gates: { certifiedAccuracy: [{ radius: 0, atLeast: 80 }] } }),
      /atLeast" is 80, but it must be: expected number to be <1\.$/,
    ],
    [
      'two addresses',
      withLine({ notify: [{ url: 'https://a.example', urlEnv: 'A' }] }),
      /but give "url" or "urlEnv", one of them\.$/,
    ],
    [
      'an address that is none',
      withLine({ notify: [{ url: 'ftp://a.example' }] }),
      /url" is "ftp:\/\/a\.example", but /,
    ],
    [
      'a fault of the request',
      withLine({ request: { ...line.request, sigma: -1 } }),
      /, line "cnn": "sigma" is -1, but sigma, the standard deviation/,
    ],
    [
      'a run id',
      withLine({ request: { ...line.request, run: 'r1' } }),
      /, line "cnn": "run" can't be in the request of an audit/,
    ],
    [
      'PREDICT',
      withLine({ request: { ...line.request, mode: 'predict' } }),
      /, line "cnn": "mode" is predict, but audits are of CERTIFY/,
    ],
    [
      'a gate that is not decided',
      withLine({ request: { ...line.request, radii: [0, 0.25] }, gates: { drop: { radii: [0.25, 0.5] } } }),
      /a gate is about radius 0\.5, but the request decides 0, 0\.25 alone: add it to "radii"\.$/,
    ],
    [
      'no file of the request',
      withLine({ request: 'nowhere.yaml' }),
      /nowhere\.yaml can't be read: expected a request file/,
    ],
  ])('with %s is refused by one sentence', (_what, value, sentence) => {
    const file = write(value, 'bad.yaml');
    let message = 'nothing was refused';
    try {
      readAuditFile(file);
    } catch (error) {
      expect(error).toMatchObject({ code: 'InvalidRequest' });
      ({ message } = error as Error);
    }
    expect(message).toMatch(sentence);
    expect(message).not.toContain('\n');
  });

  it('has a schema for editors, which is that of the code', () => {
    const path = fileURLToPath(new URL('../../docs/audit.schema.json', import.meta.url));
    // Written by "npm run schema".
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(auditFileJsonSchema())));
  });

  it('is there as an example, which can be scheduled as it is', () => {
    const file = fileURLToPath(new URL('../../examples/fashion-mnist/audit.yaml', import.meta.url));
    const [{ input }] = readAuditFile(file);
    expect(input).toMatchObject({ line: 'fashion-mnist', newest: 'version' });
  });
});
