import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { checkout } from './find-images.ts';

/** Of a pod, what a container runtime is told. */
export interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: {
    readonly runAsUser: number;
    readonly runAsGroup: number;
    readonly fsGroup: number;
    readonly seccompProfile: { readonly type: string };
  };
  readonly containers: readonly [
    {
      readonly args: readonly string[];
      readonly resources: { readonly limits: { readonly memory: string } };
      readonly securityContext: {
        readonly allowPrivilegeEscalation: boolean;
        readonly readOnlyRootFilesystem: boolean;
        readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] };
      };
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
    },
  ];
  readonly volumes: readonly { readonly name: string; readonly emptyDir?: { readonly sizeLimit: string } }[];
}

/** The pod of a Deployment of `k8s/base`. */
export function readPodSpec(deployment: 'control' | 'sampler'): PodSpec {
  const text = readFileSync(join(checkout, 'k8s/base', `${deployment}.yaml`), 'utf8');
  return (parse(text) as { spec: { template: { spec: PodSpec } } }).spec.template.spec;
}

const UNITS = ['Ki', 'Mi', 'Gi'];

/** The bytes of a quantity, as of "512Mi". */
export function bytesOf(quantity: string): number {
  const unit = UNITS.indexOf(quantity.slice(-2));
  const number = Number(quantity.slice(0, -2));
  if (unit < 0 || !Number.isInteger(number)) throw new Error(`${quantity} is no whole number of Ki, Mi or Gi`);
  return number * 1024 ** (unit + 1);
}
