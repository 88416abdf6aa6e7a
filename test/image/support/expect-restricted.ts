import { expect } from 'vitest';
import { bytesOf, type PodSpec } from './pod-spec.ts';
import { memoryLimit, processStatus } from './process-status.ts';

/** Expects that the kernel holds a container's processes to what its manifest says. */
export function expectRestricted(processes: readonly number[], pod: PodSpec): void {
  const { runAsUser, runAsGroup } = pod.securityContext;
  const statuses = processes.map(processStatus);
  expect(statuses[0].Name).toBe('tini');
  expect(statuses.length).toBeGreaterThan(1);
  for (const status of statuses) {
    expect(status).toMatchObject({
      Uid: Array(4).fill(runAsUser).join('\t'),
      Gid: Array(4).fill(runAsGroup).join('\t'),
      CapEff: '0'.repeat(16),
      CapBnd: '0'.repeat(16),
      NoNewPrivs: '1',
      Seccomp: '2',
    });
  }
  const limit = bytesOf(pod.containers[0].resources.limits.memory);
  expect(processes.map(memoryLimit)).toEqual(processes.map(() => limit));
}
