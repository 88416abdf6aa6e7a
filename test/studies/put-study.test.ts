import { describe, expect, it } from 'vitest';
import type { Study } from '../../certification/records/study.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { putStudy, refuseOtherStudy } from '../../certification/studies/put-study.ts';
import { readStudies, readStudy } from '../../certification/studies/read-study.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const runOf = (sigma: number) => ({
  ...{ run: `s-${sigma}`, model: 'file:///m.onnx', sigma, generation: 1, claim: '0'.repeat(64) },
});
const record: Study = { version: 1, study: 's', runs: [runOf(0.25), runOf(0.5)] };
const table = (text: string) => () => Promise.resolve([{ name: 'table.md', text, contentType: 'text/markdown' }]);

describe('the record of a study', () => {
  it('is written after its tables, and read as it was', async () => {
    const store = openStore(temporaryFolder());
    const url = await putStudy(store, record, async () => {
      expect(await readStudy(store, 's')).toBeUndefined();
      return table('a table')();
    });
    expect(url).toBe(store.url('studies/s'));
    expect(await store.list('studies/')).toEqual(['studies/s/study.json', 'studies/s/table.md']);
    expect(await readStudies(store)).toEqual([record]);
  });

  it('stays as it is where it is put again, with the tables that were drawn then', async () => {
    const store = openStore(temporaryFolder());
    await putStudy(store, record, table('a table'));
    await putStudy(store, record, table('the same, as a later version draws it'));
    expect(new TextDecoder().decode(await store.get('studies/s/table.md'))).toBe('a table');
  });

  it('is not taken for that of results which a retry has made anew', async () => {
    const store = openStore(temporaryFolder());
    await putStudy(store, record, table('a table'));
    const retried = { ...record, runs: [record.runs[0], { ...record.runs[1], generation: 2 }] };
    const sentence =
      /^Study s is recorded in .*study\.json with other results \(runs\.s-0\.5\.generation is 1 there and 2 here\): its table and plot lie beside it/;
    await expect(putStudy(store, retried, table('another'))).rejects.toThrow(sentence);
    expect(await readStudy(store, 's')).toEqual(record);
  });

  it('lets the same study go on, and no other of its name', async () => {
    const store = openStore(temporaryFolder());
    await refuseOtherStudy(store, 's', [runOf(1)]);
    await putStudy(store, record, table('a table'));
    await refuseOtherStudy(store, 's', record.runs);
    for (const runs of [[runOf(0.25)], [runOf(0.5), runOf(0.25)], [runOf(0.25), runOf(1)]]) {
      await expect(refuseOtherStudy(store, 's', runs)).rejects.toMatchObject({ code: 'RunExists' });
    }
  });

  it('that no version has written is refused by its place', async () => {
    const store = openStore(temporaryFolder());
    await store.putIfAbsent('studies/s/study.json', new TextEncoder().encode('{"version":2}'));
    await expect(readStudies(store)).rejects.toThrow(/studies\/s\/study\.json is not the record of a study/);
  });
});
