import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Design } from './design.ts';
import { defaultBehavior, type Behavior } from './hpa.ts';

interface Manifest {
  readonly spec: {
    readonly pollingInterval: number;
    readonly cooldownPeriod: number;
    readonly maxReplicaCount: number;
    readonly fallback: { readonly failureThreshold: number; readonly behavior: string };
    readonly advanced: {
      readonly scalingModifiers: { readonly formula: string };
      readonly horizontalPodAutoscalerConfig: { readonly behavior: Partial<Behavior> };
    };
  };
}
interface NodePool {
  readonly spec: { readonly disruption: { readonly consolidateAfter: string } };
}

const readManifest = (path: string): unknown =>
  parse(readFileSync(new URL(`../../k8s/${path}`, import.meta.url), 'utf8'));

/** What `k8s/` says, so that what is simulated is what is installed. */
export function installedDesign(): Design {
  const { spec } = readManifest('components/keda/scaled-object.yaml') as Manifest;
  const { disruption } = (readManifest('platform/gpu-nodes.yaml') as NodePool).spec;
  const { formula } = spec.advanced.scalingModifiers;
  const waitingPerSampler = /^max\(\(waiting \?\? working \?\? (\d+)\) \/ \1, working \?\? 0\)$/.exec(formula)?.[1];
  const consolidateAfterSeconds = /^(\d+)s$/.exec(disruption.consolidateAfter)?.[1];
  if (waitingPerSampler === undefined || consolidateAfterSeconds === undefined) {
    throw new Error(
      `The simulation doesn't know the formula ${formula}, or consolidateAfter: ${disruption.consolidateAfter}.`,
    );
  }
  const { behavior } = spec.advanced.horizontalPodAutoscalerConfig;
  return {
    name: 'as installed',
    pollingInterval: spec.pollingInterval,
    cooldownPeriod: spec.cooldownPeriod,
    maxReplicaCount: spec.maxReplicaCount,
    waitingPerSampler: Number(waitingPerSampler),
    slots: true,
    fallback: { behavior: 'scalingModifiers', failureThreshold: spec.fallback.failureThreshold },
    behavior: {
      scaleUp: { ...defaultBehavior.scaleUp, ...behavior.scaleUp },
      scaleDown: { ...defaultBehavior.scaleDown, ...behavior.scaleDown },
    },
    consolidateAfterSeconds: Number(consolidateAfterSeconds),
  };
}

/** The designs that one might choose instead, and the installed one last. */
export function comparedDesigns(installed: Design, { prometheus }: { prometheus: boolean }): Design[] {
  return [...(prometheus ? otherScalings(installed) : otherFallbacks(installed)), installed];
}

function otherScalings(installed: Design): Design[] {
  const backlog = { ...installed, slots: false, fallback: undefined };
  const defaults = { pollingInterval: 30, cooldownPeriod: 300, behavior: defaultBehavior };
  const down = (scaleDown: Partial<Behavior['scaleDown']>) => ({
    behavior: { ...installed.behavior, scaleDown: { ...installed.behavior.scaleDown, ...scaleDown } },
  });
  return [
    { ...backlog, ...defaults, name: 'backlog alone, all defaults' },
    { ...backlog, name: 'backlog alone, with the numbers installed' },
    { ...backlog, name: '… and running workflows count', includeRunningWorkflowCount: true },
    {
      ...backlog,
      ...down({ selectPolicy: 'Disabled' }),
      cooldownPeriod: 600,
      name: '… scale-down disabled, cooldown 600 s',
    },
    { ...installed, ...down({ stabilizationWindowSeconds: 0 }), name: 'backlog and slots, scale-down at once' },
    { ...installed, ...defaults, name: '… all defaults' },
    {
      ...installed,
      ...down({ stabilizationWindowSeconds: 600, policies: [{ type: 'Pods', value: 1, periodSeconds: 120 }] }),
      cooldownPeriod: 600,
      name: '… one pod every 2 min after 10 min, cooldown 600 s',
    },
    { ...installed, ...down({ selectPolicy: 'Disabled' }), name: '… scale-down disabled' },
  ];
}

function otherFallbacks(installed: Design): Design[] {
  const failureThreshold = installed.fallback?.failureThreshold ?? 0;
  const replicas = 1;
  return [
    { ...installed, name: 'two triggers without fallback', fallback: undefined },
    {
      ...installed,
      name: '… with the fallback currentReplicasIfHigher',
      fallback: { behavior: 'currentReplicasIfHigher', failureThreshold, replicas },
    },
    { ...installed, name: '… with the fallback static', fallback: { behavior: 'static', failureThreshold, replicas } },
  ];
}

/** The installed design with one number changed at a time. */
export function variations(installed: Design): Design[] {
  const { behavior } = installed;
  const down = (scaleDown: Partial<Behavior['scaleDown']>) => ({
    behavior: { ...behavior, scaleDown: { ...behavior.scaleDown, ...scaleDown } },
  });
  const pods = (value: number, periodSeconds: number) => down({ policies: [{ type: 'Pods', value, periodSeconds }] });
  return [
    installed,
    ...[1, 2, 8, 16].map((waitingPerSampler) => ({
      ...installed,
      name: `a sampler for ${waitingPerSampler} waiting`,
      waitingPerSampler,
    })),
    ...[0, 120, 300, 360, 600].map((stabilizationWindowSeconds) => ({
      ...installed,
      name: `stabilization ${stabilizationWindowSeconds} s`,
      ...down({ stabilizationWindowSeconds }),
    })),
    { ...installed, name: 'down by 1 a minute', ...pods(1, 60) },
    { ...installed, name: 'down by 4 a minute', ...pods(4, 60) },
    ...[60, 120, 300, 600].map((cooldownPeriod) => ({
      ...installed,
      name: `cooldown ${cooldownPeriod} s`,
      cooldownPeriod,
    })),
    ...[5, 30, 60].map((pollingInterval) => ({
      ...installed,
      name: `polled every ${pollingInterval} s`,
      pollingInterval,
    })),
    ...[30, 120, 300].map((consolidateAfterSeconds) => ({
      ...installed,
      name: `nodes kept for ${consolidateAfterSeconds} s`,
      consolidateAfterSeconds,
    })),
    {
      ...installed,
      name: 'up by 4 a minute',
      behavior: {
        ...behavior,
        scaleUp: { ...behavior.scaleUp, policies: [{ type: 'Pods', value: 4, periodSeconds: 60 }] },
      },
    },
  ];
}
