/** A control worker that tells how much memory it has in use when it is asked. */
import { runWorkers } from '../workers/run-workers.ts';
import { heapUsage } from './heap-usage.ts';

process.on('message', () => void heapUsage().then((usage) => process.send?.(usage)));
process.on('disconnect', () => process.exit(0));

await runWorkers({ roles: ['control'], address: process.argv[2], namespace: 'default', logLevel: 'WARN' });
