/** What the tests look at, and change, in a ScaledObject. */
export interface ScaledObject {
  readonly apiVersion: string;
  readonly kind: 'ScaledObject';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly pollingInterval: number;
    readonly cooldownPeriod: number;
    readonly fallback?: unknown;
    readonly advanced: {
      readonly scalingModifiers: { readonly formula: string };
      readonly horizontalPodAutoscalerConfig: { readonly behavior: { readonly scaleDown: object } };
    };
    readonly triggers: readonly Trigger[];
  };
}

interface Trigger {
  readonly type: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Of the project's seconds, one of the test's: 15, 180 and 420 become less than 1, 6 and 14. */
const TIMES_FASTER = 30;

/** The ScaledObject as it is, but for its times, Prometheus' address, and the queue of samplers without a GPU. */
export function forTest(scaledObject: ScaledObject, prometheus: string): ScaledObject {
  const { spec } = scaledObject;
  const { behavior } = spec.advanced.horizontalPodAutoscalerConfig;
  const faster = (seconds: number) => Math.max(1, Math.round(seconds / TIMES_FASTER));
  const { stabilizationWindowSeconds = 0 } = behavior.scaleDown as { stabilizationWindowSeconds?: number };
  const scaleDown = { ...behavior.scaleDown, stabilizationWindowSeconds: faster(stabilizationWindowSeconds) };
  const onCpu = (text: string) => text.replace('perimeter-sampler-cuda', 'perimeter-sampler-cpu');
  return {
    ...scaledObject,
    spec: {
      ...spec,
      pollingInterval: faster(spec.pollingInterval),
      cooldownPeriod: faster(spec.cooldownPeriod),
      advanced: { ...spec.advanced, horizontalPodAutoscalerConfig: { behavior: { ...behavior, scaleDown } } },
      triggers: spec.triggers.map((trigger) => ({
        ...trigger,
        metadata: {
          ...Object.fromEntries(Object.entries(trigger.metadata).map(([key, value]) => [key, onCpu(value)])),
          ...(trigger.type === 'prometheus' && { serverAddress: prometheus }),
        },
      })),
    },
  };
}

/** The same without what protects samplers at work: their slots, and the cool-down. */
export function byBacklogAlone(scaledObject: ScaledObject): ScaledObject {
  const { spec } = scaledObject;
  return {
    ...scaledObject,
    spec: {
      ...spec,
      cooldownPeriod: 0,
      advanced: { ...spec.advanced, scalingModifiers: { ...spec.advanced.scalingModifiers, formula: 'waiting / 4' } },
      triggers: spec.triggers.filter(({ name }) => name === 'waiting'),
    },
  };
}
