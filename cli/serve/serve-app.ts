import { Hono, type Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { timeout } from 'hono/timeout';
import { readAudit, readAuditIndex } from '../../certification/audits/audit-index.ts';
import { auditKeys } from '../../certification/records/audit-keys.ts';
import { isRunId } from '../../certification/records/request.ts';
import { runKeys } from '../../certification/records/run-keys.ts';
import type { InputFolder } from '../../certification/storage/input-folder.ts';
import type { Store } from '../../certification/storage/store.ts';
import { addGate } from './add-gate.ts';
import { hostCheck, type Access, type ServeEnv } from './access.ts';
import { linesJson, progressJson, runsJson } from './api.ts';
import { assets } from './assets/assets.ts';
import { faultOf } from './faults.ts';
import { historySvg } from './history-svg.ts';
import { describeRun, listRuns } from './list-runs.ts';
import type { Live, LiveRuns, LiveStatus } from './live-runs.ts';
import { askedPage, pageOf } from './page-of.ts';
import { auditPage } from './pages/audit-page.ts';
import { linePage } from './pages/line-page.ts';
import { homePage, linesPage, runsPage } from './pages/list-pages.ts';
import { messagePage } from './pages/message-pages.ts';
import { isOver, noProgressPart, progressPart } from './pages/progress.ts';
import { runPage } from './pages/run-page.ts';
import { isAuditDate, isLine, listLines, readGates } from './read-audits.ts';
import { readRun, readSignature, type StoredRun } from './read-run.ts';
import { auditFile, runFile } from './run-file.ts';
import { securityHeaders } from './security-headers.ts';
import { sendObject } from './send-object.ts';

/** Longer than the store's client tries to connect; what has begun to come may take its time. */
const ANSWER_TIMEOUT_MS = 45_000;
/** Nights in a line's table. */
const NIGHTS_A_PAGE = 30;
/** All that paths have: names in a store that have others are not asked for. */
const PATH = /^\/[A-Za-z0-9._/-]*$/;

export interface ServeAppOptions {
  readonly store: Store;
  /** Opens the store for reading its objects in pieces: a folder may come into being after the server. */
  readonly openFolder: () => InputFolder;
  readonly live: LiveRuns;
  readonly access: Access;
  /** The store, as people type it. */
  readonly place: string;
  /** Told of what nobody foresaw. */
  readonly onFault: (error: unknown) => void;
}

type Ask = Context<ServeEnv>;

/** The pages over a store as an application: it reads, and writes nothing. */
export function serveApp({ store, openFolder, live, access, place, onFault }: ServeAppOptions): Hono<ServeEnv> {
  const app = new Hono<ServeEnv>();
  const say = (c: Ask, status: 404 | 405 | 413 | 421 | 500 | 502 | 503 | 504, title: string, sentence: string) => {
    if (c.req.path.startsWith('/api/')) return c.json({ error: sentence }, status);
    return c.html(messagePage({ title, sentence, place: status === 421 ? undefined : place }), status);
  };
  const notFound = (c: Ask, sentence = 'There is nothing at this address.') => say(c, 404, 'Not found', sentence);

  app.onError((error, c) => {
    const { status, title, sentence } = faultOf(error);
    if (status === 500) onFault(error);
    return say(c, status, title, sentence);
  });
  app.notFound((c) => notFound(c));

  app.use(securityHeaders());
  app.use(async (c, next) => {
    await next();
    // What a page shows changes, and another store may be served at the same address tomorrow.
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  });
  app.use(async (c, next) => {
    const { method, path } = c.req;
    if (['GET', 'HEAD'].includes(method) || (method === 'POST' && path === '/login')) return next();
    c.header('Allow', 'GET, HEAD');
    return say(c, 405, 'Not allowed', `These pages are for reading: ${method} is not answered.`);
  });
  app.use(timeout(ANSWER_TIMEOUT_MS, () => new HTTPException(504, { message: 'The store did not answer in time.' })));

  if ('hosts' in access) {
    const { hosts } = access;
    app.use(
      hostCheck(hosts, (c, host) =>
        say(
          c,
          421,
          'Not here',
          `This server is ${hosts.join(', ')}, and not “${host}”: --token-file lets it have other names.`,
        ),
      ),
    );
  }
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  for (const { path, text, contentType } of Object.values(assets)) {
    app.get(path, (c) => {
      c.header('Cache-Control', 'public, max-age=31536000, immutable');
      return c.body(text, 200, { 'Content-Type': contentType });
    });
  }
  if ('token' in access) addGate(app, access.token);
  app.get('/session', (c) => c.body(null, 204));
  app.get('/login', (c) => c.redirect('/'));

  app.use(async (c, next) => (PATH.test(c.req.path) ? next() : notFound(c)));

  app.get('/', async (c) => {
    const [lines, runs] = await Promise.all([listLines(store, 1), listRuns({ store, live, page: 1 })]);
    return c.html(homePage({ lines, runs, place }));
  });
  app.get('/audits', async (c) =>
    c.html(linesPage({ lines: await listLines(store, askedPage(c.req.query('page'))), place })),
  );
  app.get('/runs', async (c) => {
    const runs = await listRuns({ store, live, page: askedPage(c.req.query('page')) });
    return c.html(runsPage({ runs, place }));
  });

  app.get('/audits/:line', async (c) => {
    const index = await indexOf(c.req.param('line'));
    if (index === undefined) return notFound(c, 'There is no line of that name in this store.');
    const history = { audits: index.audits, gates: await readGates(store, index) };
    const charts =
      index.audits.length === 0 ? [] : [await historySvg(history, 'broad'), await historySvg(history, 'narrow')];
    const audits = pageOf(index.audits.toReversed(), { page: askedPage(c.req.query('page')), size: NIGHTS_A_PAGE });
    return c.html(linePage({ line: index.line, audits, charts: charts.filter((chart) => chart !== undefined), place }));
  });
  app.get('/audits/:line/:date', async (c) => {
    const { line, date } = c.req.param();
    const audit = isLine(line) && isAuditDate(date) ? await readAudit(store, line, date) : undefined;
    if (audit === undefined) return notFound(c, 'There is no audit of that line and date in this store.');
    const hasReport = await store.has(auditKeys.report(line, date));
    return c.html(auditPage({ audit, hasReport, place }));
  });
  app.get('/audits/:line/:date/:name', (c) => {
    const { line, date, name } = c.req.param();
    const as = auditFile(name);
    if (as === undefined || !isLine(line) || !isAuditDate(date))
      return notFound(c, 'An audit has no file of that name.');
    return sendObject(c, { folder: openFolder(), key: as.key(line, date), saveAs: `${line}-${date}-${name}`, as });
  });

  app.get('/runs/:run', async (c) => {
    const run = c.req.param('run');
    const { stored, status } = await look(run);
    if (!isKnown(stored, status)) return notFound(c, 'There is no run of that id in this store.');
    const results = stored?.results;
    const signature = results && (await readSignature(store, run, results.generation));
    return c.html(runPage({ run, stored, live: status, signature, place }));
  });
  app.get('/runs/:run/progress', async (c) => {
    const run = c.req.param('run');
    const status: Live<LiveStatus | undefined> = isRunId(run) ? await live.statusOf(run) : { value: undefined };
    if ('unavailable' in status) return c.html(noProgressPart(status.unavailable));
    if (status.value === undefined) return notFound(c, 'There is no run of that id under way.');
    return c.html(progressPart(status.value));
  });
  app.get('/runs/:run/files/:name{.+}', (c) => {
    const { run, name } = c.req.param();
    const as = runFile(name);
    if (as === undefined || !isRunId(run)) return notFound(c, 'A run has no file of that name.');
    const saveAs = `${run}-${name.replaceAll('/', '-')}`;
    return sendObject(c, { folder: openFolder(), key: `${runKeys.folder(run)}/${name}`, saveAs, as });
  });
  // As the files lie in the store, so that links from one to another hold.
  app.get('/runs/:run/:name{.+}', (c) => {
    const { run, name } = c.req.param();
    if (runFile(name) === undefined || !isRunId(run)) return notFound(c, 'A run has no file of that name.');
    return c.redirect(`/runs/${run}/files/${name}`);
  });

  app.get('/api/audits', async (c) => c.json(linesJson(await listLines(store, askedPage(c.req.query('page'))))));
  app.get('/api/audits/:line', async (c) => {
    const index = await indexOf(c.req.param('line'));
    return index === undefined ? notFound(c, 'There is no line of that name in this store.') : c.json(index);
  });
  app.get('/api/runs', async (c) =>
    c.json(runsJson(await listRuns({ store, live, page: askedPage(c.req.query('page')) }))),
  );
  app.get('/api/runs/:run', async (c) => {
    const run = c.req.param('run');
    const { stored, status } = await look(run);
    if (!isKnown(stored, status)) return notFound(c, 'There is no run of that id in this store.');
    const under = 'value' in status ? status.value : undefined;
    const isUnderWay = under !== undefined && !isOver(under);
    const described = stored === undefined ? { run, state: 'under way' } : describeRun(stored, isUnderWay);
    return c.json({ ...described, ...progressJson(status) });
  });

  /** A line's audits; undefined where it has none, or can't be a line's name. */
  const indexOf = async (line: string) => {
    const index = isLine(line) ? await readAuditIndex(store, line) : undefined;
    return index === undefined || index.audits.length === 0 ? undefined : index;
  };

  /** What store and Temporal know of a run. Of one that is finished, Temporal is asked only whether it is under way again. */
  const look = async (
    run: string,
  ): Promise<{ stored: StoredRun | undefined; status: Live<LiveStatus | undefined> }> => {
    if (!isRunId(run)) return { stored: undefined, status: { value: undefined } };
    const stored = await readRun(store, run);
    if (stored?.results === undefined) return { stored, status: await live.statusOf(run) };
    const underWay = await live.underWay();
    if ('unavailable' in underWay) return { stored, status: underWay };
    const isUnderWay = underWay.value.some((each) => each.run === run);
    return { stored, status: isUnderWay ? await live.statusOf(run) : { value: undefined } };
  };

  return app;
}

function isKnown(stored: StoredRun | undefined, status: Live<LiveStatus | undefined>): boolean {
  return stored !== undefined || ('value' in status && status.value !== undefined);
}
