import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../../../cli/dev/free-port.ts';
import { findPrometheus } from './find-prometheus.ts';
import type { Kubernetes } from './start-kubernetes.ts';
import { untilUp } from './until-up.ts';

export interface Prometheus {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Whom it scrapes from now on, every second: `ip:port` each. */
  scrape(targets: readonly string[]): void;
  stop(): Promise<void>;
}

/** Starts a Prometheus that ends with the test's Kubernetes. */
export async function startPrometheus({ folder, run }: Pick<Kubernetes, 'folder' | 'run'>): Promise<Prometheus> {
  const home = join(folder, 'prometheus');
  mkdirSync(home);
  const targets = join(home, 'targets.json');
  const scrape: Prometheus['scrape'] = (addresses) => {
    // Renamed into its place, so that it is never read half-written.
    writeFileSync(`${targets}.new`, JSON.stringify([{ targets: addresses }]));
    renameSync(`${targets}.new`, targets);
  };
  scrape([]);
  const configuration = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'perimeter', file_sd_configs: [{ files: [targets], refresh_interval: '1s' }] }],
  };
  const file = join(home, 'prometheus.yml');
  writeFileSync(file, stringify(configuration));
  const address = `127.0.0.1:${await freePort()}`;
  const program = await findPrometheus();
  const started = await run('prometheus', program, [
    ...['--config.file', file, '--storage.tsdb.path', join(home, 'data'), '--web.listen-address', address],
  ]);
  const url = `http://${address}`;
  await untilUp(started, `${url}/-/ready`);
  return { url, scrape, stop: () => started.stop() };
}
