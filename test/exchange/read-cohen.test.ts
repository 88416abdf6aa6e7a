import { describe, expect, it } from 'vitest';
import { readCohen } from '../../certification/exchange/read-cohen.ts';

const HEADER = 'idx\tlabel\tpredict\tradius\tcorrect\ttime';
const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readCohen(bytesOf(text), 'a.tsv');
const fileOf = (...rows: string[]) => [HEADER, ...rows, ''].join('\n');
const row = (fields: Partial<Record<'idx' | 'label' | 'predict' | 'radius' | 'correct' | 'time', string>>) =>
  Object.values({ idx: '0', label: '3', predict: '3', radius: '0.5', correct: '1', time: '15.4', ...fields }).join(
    '\t',
  );

const plain = read(
  fileOf('0\t3\t3\t0.378\t1\t0:00:14.206886', '20\t7\t-1\t0.0\t0\t0:00:15', '40\t1\t2\t0.0186\t0\t0:00:15'),
);

describe('readCohen', () => {
  it('reads the columns of certify.py, and has nothing to say of a plain file', () => {
    expect([...plain.indices]).toEqual([0, 20, 40]);
    expect([...plain.labels]).toEqual([3, 7, 1]);
    expect([...plain.predictions]).toEqual([3, -1, 2]);
    expect([...plain.radii]).toEqual([0.378, 0, 0.0186]);
    expect(plain.radiusTexts).toEqual(['0.378', '0.0', '0.0186']);
    expect(plain.notes).toEqual([]);
  });

  it.each(['0:00:14.206886', '0:00:14', '1:02:03', '1 day, 2:03:04.5', '2 days, 0:00:00', '15.4', '15', '1.2e-05'])(
    'takes the time %s',
    (time) => {
      expect(read(fileOf(row({ time }))).radii).toHaveLength(1);
    },
  );

  it('knows a file without times, as runs of ours are', () => {
    expect(plain.timed).toBe(true);
    expect(read(fileOf(row({ time: '0:00:00' }), row({ idx: '1', time: '0:00:00.000000' }))).timed).toBe(false);
    expect(read(fileOf(row({ time: '0:00:00' }), row({ idx: '1', time: '0:00:01' }))).timed).toBe(true);
  });

  it('takes CRLF, a byte order mark, exponents and blank lines at the end', () => {
    const rows = read(
      `\uFEFF${[HEADER, row({ radius: '1.2e-05' }), row({ idx: '1', radius: '1.5E+00' })].join('\r\n')}\r\n\r\n`,
    );
    expect([...rows.radii]).toEqual([1.2e-5, 1.5]);
    expect(rows.notes).toEqual([]);
  });

  it('has no rows of a header alone', () => {
    for (const text of [HEADER, `${HEADER}\n`]) expect(read(text).indices).toHaveLength(0);
  });

  it('drops a last line that was cut short, and says so', () => {
    const whole = fileOf(row({}), row({ idx: '1' }));
    for (const cut of ['2', '2\t3', '2\t3\t3\t0.', '2\t3\t3\t0.5\t1', '2\t3\t3\t0.5\t1\t', '2\t3\t3\t0.5\t1\t0:00']) {
      const rows = read(whole + cut);
      expect([...rows.indices]).toEqual([0, 1]);
      expect(rows.notes).toEqual(['Line 4, the last, was cut short and is left out.']);
    }
    // With a line's end after it, it wasn't cut, but is wrong.
    expect(() => read(`${whole}2\t3\n`)).toThrow('a.tsv, line 4: expected 6 values');
  });

  it('keeps a whole last line without a line’s end', () => {
    const rows = read(fileOf(row({}), row({ idx: '1' })).trimEnd());
    expect([...rows.indices]).toEqual([0, 1]);
    expect(rows.notes).toEqual([]);
  });

  it('says that it leaves out columns after the last', () => {
    const text = `${HEADER}\tstep\n${row({})}\t7\n`;
    expect(read(text).notes).toEqual(['1 column after "time" was not read.']);
    expect(read(`${HEADER}\ta\tb\n${row({})}\t7\t8\n`).notes).toEqual(['2 columns after "time" were not read.']);
  });

  it('reads 50,000 rows', () => {
    const rows = Array.from({ length: 50_000 }, (_, at) => row({ idx: String(at), radius: (at / 1e5).toPrecision(3) }));
    expect(read(fileOf(...rows)).indices).toHaveLength(50_000);
  });
});

describe('the column "correct"', () => {
  const rights = [true, true, false, true, false, true];
  const withCorrect = (texts: readonly string[]) =>
    read(fileOf(...rights.map((right, at) => row({ idx: String(at), label: right ? '3' : '4', correct: texts[at] }))));
  const sums = rights.map((_, at) => rights.slice(0, at + 1).filter(Boolean).length);

  it('is not spoken of where it is 1 or True for a right prediction, and 0 or False for another', () => {
    expect(withCorrect(['1', '1', '0', '1', '0', '1']).notes).toEqual([]);
    expect(withCorrect(['True', 'True', 'False', 'True', 'False', 'True']).notes).toEqual([]);
  });

  it('is known as a running number, a running share, or as wrong; whatever it says, label and predict count', () => {
    const number = withCorrect(sums.map(String));
    expect(number.notes).toEqual([
      'The column "correct" holds the number of correct examples so far: it was recomputed from label and predict.',
    ]);
    const shares = sums.map((sum, at) => sum / (at + 1));
    for (const texts of [
      shares.map(String),
      shares.map((share) => share.toFixed(3)),
      ['1.0', '1.0', '0.667', '0.75', '0.6', '0.667'],
    ]) {
      expect(withCorrect(texts).notes).toEqual([
        'The column "correct" holds the share of correct examples so far: it was recomputed from label and predict.',
      ]);
    }
    expect(withCorrect(['1', '0', '0', '1', '1', '1']).notes).toEqual([
      'The column "correct" contradicts label and predict in 2 of 6 rows: it was recomputed from label and predict.',
    ]);
    expect([...number.labels]).toEqual([3, 3, 4, 3, 4, 3]);
  });
});

describe('a bad file', () => {
  it.each([
    [
      'PK\u0003\u0004',
      'a.tsv, line 1: it is no tab-separated file of certificates: expected the columns idx, label, predict, radius, correct, time, found "PK\\u0003\\u0004".',
    ],
    ['', 'a.tsv, line 1: it is no tab-separated file of certificates'],
    ['idx,label,predict,radius,correct,time\n0,1,1,0.5,1,2', 'line 1: it is no tab-separated file'],
    [
      'idx\tlabel\tpredict\tcorrect\tradius\ttime\n',
      'a.tsv, line 1: expected the columns idx, label, predict, radius, correct, time, found "idx, label, predict, correct, radius, time".',
    ],
    ['idx\tlabel\tpredict\n', 'line 1: expected the columns'],
  ])('is refused for its first line: %j', (text, sentence) => {
    expect(() => read(text)).toThrow(sentence);
  });

  it.each([
    [{ radius: 'nan' }, 'radius is "nan": expected a number from 0 to 1000000000'],
    [{ radius: '1e155' }, 'radius is "1e155"'],
    [{ radius: 'inf' }, 'radius is "inf"'],
    [{ radius: '1e999' }, 'radius is "1e999"'],
    [{ radius: '-0.5' }, 'radius is "-0.5"'],
    [{ radius: '' }, 'radius is ""'],
    [{ label: '3.0' }, 'label is "3.0": expected a whole number from 0 to 2147483647'],
    [{ label: 'cat' }, 'label is "cat"'],
    [{ label: '-1' }, 'label is "-1"'],
    [{ label: '2147483648' }, 'label is "2147483648"'],
    [{ predict: '-2' }, 'predict is "-2": expected a whole number from 0 to 2147483647, or -1 for an abstention'],
    [{ predict: '' }, 'predict is ""'],
    [{ idx: 'x' }, 'idx is "x": expected a whole number of at least 0'],
    [{ idx: '7' }, 'idx is 7 after 7: expected each example once, in ascending order'],
    [{ idx: '6' }, 'idx is 6 after 7'],
    [{ predict: '-1', radius: '0.5' }, 'radius is 0.5 where predict is -1: expected 0'],
    [{ correct: 'yes' }, 'correct is "yes": expected 0 or 1'],
    [{ time: 'soon' }, 'time is "soon": expected h:mm:ss'],
  ])('is refused with the line’s number: %j', (fields, sentence) => {
    const text = fileOf(row({ idx: '7' }), row({ idx: '9', ...fields }), row({ idx: '10' }));
    expect(() => read(text)).toThrow(`a.tsv, line 3: ${sentence}`);
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'InvalidRequest' }) as Error);
  });

  it('is refused for a blank line amid rows, and a long line is quoted in part', () => {
    expect(() => read(fileOf(row({}), '', row({ idx: '1' })))).toThrow(
      'line 3: expected 6 values with tabs between them, found ""',
    );
    expect(() => read(`${HEADER}\n${'x'.repeat(500)}\n`)).toThrow(`found "${'x'.repeat(60)}…".`);
  });
});
