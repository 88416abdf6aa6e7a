import type { ScaledObject } from './objects.ts';

/** Of the project's seconds, one of the test's: 15, 180 and 420 become 1, 6 and 14. */
const TIMES_FASTER = 30;

/** The ScaledObject as it is, but for its times, Prometheus' address, and the queue, which is that of samplers without a GPU. */
export function forTest(scaledObject: ScaledObject, prometheus: string): ScaledObject {
  const { spec } = scaledObject;
  const faster = (seconds = 0) => Math.max(1, Math.round(seconds / TIMES_FASTER));
  const onCpu = (text = '') => text.replace('perimeter-sampler-cuda', 'perimeter-sampler-cpu');
  const { behavior } = spec.advanced?.horizontalPodAutoscalerConfig ?? {};
  const stabilizationWindowSeconds = faster(behavior?.scaleDown?.stabilizationWindowSeconds);
  const scaleDown = { ...behavior?.scaleDown, stabilizationWindowSeconds };
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
  const scalingModifiers = { ...spec.advanced?.scalingModifiers, formula: 'waiting / 4' };
  return {
    ...scaledObject,
    spec: {
      ...spec,
      cooldownPeriod: 0,
      advanced: { ...spec.advanced, scalingModifiers },
      triggers: spec.triggers.filter(({ name }) => name === 'waiting'),
    },
  };
}
