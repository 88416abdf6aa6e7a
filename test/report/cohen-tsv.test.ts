import { describe, expect, it } from 'vitest';
import { cohenTsv } from '../../certification/report/cohen-tsv.ts';
import type { Certificate } from '../../certification/records/certificate.ts';
import { failedCertificate, sampleCertificates, sampleClaim, skippedCertificate } from './sample-certificates.ts';
import { tableBytes } from './table-bytes.ts';

const tsvOf = async (rows: readonly Certificate[], piece?: number) =>
  new TextDecoder().decode(await tableBytes(cohenTsv, rows, piece));
const [certified] = sampleCertificates(sampleClaim({ examples: 20 })).filter((row) => row.correct);

describe('cohenTsv', () => {
  it('has the columns of Cohen et al., with −1 and no radius where there is no certificate', async () => {
    const abstained = { ...certified, status: 'abstained', prediction: null, correct: false, radius: 0 } as const;
    const rows = [
      { ...certified, index: 0, label: 7, prediction: 7, radius: 0.1234567 },
      { ...certified, index: 20, label: 7, prediction: 2, correct: false, radius: 0.9999999 },
      { ...abstained, index: 40, label: 0 },
      { ...skippedCertificate(certified), index: 60, label: 1 },
      { ...failedCertificate(certified), index: 80, label: 9 },
    ];
    expect(await tsvOf(rows)).toBe(
      [
        'idx\tlabel\tpredict\tradius\tcorrect\ttime',
        '0\t7\t7\t0.123456\t1\t0:00:00',
        '20\t7\t2\t0.999999\t0\t0:00:00',
        '40\t0\t-1\t0.000000\t0\t0:00:00',
        '60\t1\t-1\t0.000000\t0\t0:00:00',
        '80\t9\t-1\t0.000000\t0\t0:00:00',
        '',
      ].join('\n'),
    );
  });

  it('never prints a radius above the certified one', async () => {
    const certificates = sampleCertificates(sampleClaim({ examples: 300 }));
    const radii = (await tsvOf(certificates))
      .split('\n')
      .slice(1, -1)
      .map((line) => Number(line.split('\t')[3]));
    expect(radii).toHaveLength(300);
    radii.forEach((radius, at) => {
      expect(radius).toBeLessThanOrEqual(certificates[at].radius);
    });
  });

  it('prints the radii of sequential mode as they were asked for, so that scripts find them', async () => {
    const asked = [0, 0.1, 0.25, 0.3, 0.7, 1.1];
    const rows = asked.map((radius) => ({ ...certified, radius, certifiedRadii: [radius], decisions: [] }));
    const radii = (await tsvOf([...rows, { ...rows[0], radius: 2 / 3 }]))
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split('\t')[3]);
    expect(radii).toEqual(['0.000000', '0.100000', '0.250000', '0.300000', '0.700000', '1.100000', '0.666666']);
  });

  it('is its header alone where there are no rows', async () => {
    expect(await tsvOf([])).toBe('idx\tlabel\tpredict\tradius\tcorrect\ttime\n');
  });

  it('is the same however its rows come', async () => {
    const certificates = sampleCertificates(sampleClaim({ examples: 300 }));
    const whole = await tsvOf(certificates);
    for (const piece of [1, 7, 299]) expect(await tsvOf(certificates, piece)).toBe(whole);
  });
});
