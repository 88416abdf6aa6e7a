/** What the checks look at in objects of the API; the API server itself says whether all of an object is well-formed. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly data?: Labels;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
}

export type Labels = Readonly<Partial<Record<string, string>>>;

export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

export interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: Selector;
    readonly strategy?: { readonly rollingUpdate?: { readonly maxSurge?: unknown; readonly maxUnavailable?: unknown } };
    readonly template: { readonly metadata: ObjectMeta; readonly spec: PodSpec };
  };
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly nodeSelector?: Labels;
  readonly tolerations?: readonly { key?: string; operator?: string; value?: string; effect?: string }[];
  readonly serviceAccountName?: string;
  readonly priorityClassName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly resourceClaims?: readonly { readonly name: string; readonly resourceClaimTemplateName?: string }[];
  readonly securityContext?: {
    readonly runAsNonRoot?: boolean;
    readonly runAsUser?: number;
    readonly runAsGroup?: number;
    readonly seccompProfile?: { readonly type: string };
  };
  readonly topologySpreadConstraints?: readonly { readonly topologyKey: string }[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly resources?: { readonly requests?: Labels; readonly limits?: Labels; readonly claims?: unknown };
  readonly securityContext?: {
    readonly privileged?: boolean;
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

export interface Volume {
  readonly name: string;
  readonly emptyDir?: { readonly sizeLimit?: string };
  readonly secret?: { readonly secretName: string; readonly defaultMode?: number };
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string | number };
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
}

export interface PodDisruptionBudget extends KubernetesObject {
  readonly spec: {
    readonly selector: Selector;
    readonly minAvailable?: unknown;
    readonly maxUnavailable?: unknown;
    readonly unhealthyPodEvictionPolicy?: string;
  };
}

export interface PriorityClass extends KubernetesObject {
  readonly value: number;
  readonly preemptionPolicy?: string;
  readonly globalDefault?: boolean;
}

export interface Service extends KubernetesObject {
  readonly spec: {
    readonly selector: Labels;
    readonly ports: readonly { readonly port: number; readonly targetPort: string | number }[];
  };
}

export interface ValidatingAdmissionPolicy extends KubernetesObject {
  readonly spec: { readonly failurePolicy?: string };
}

export interface ValidatingAdmissionPolicyBinding extends KubernetesObject {
  readonly spec: {
    readonly policyName: string;
    readonly validationActions: readonly string[];
    readonly matchResources?: { readonly namespaceSelector?: Selector };
  };
}

/** Of KEDA. */
export interface ScaledObject extends KubernetesObject {
  readonly spec: {
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly pollingInterval?: number;
    readonly cooldownPeriod?: number;
    readonly minReplicaCount?: number;
    readonly maxReplicaCount: number;
    readonly fallback?: unknown;
    readonly advanced?: {
      readonly scalingModifiers?: { readonly formula?: string };
      readonly horizontalPodAutoscalerConfig?: { readonly behavior?: { readonly scaleDown?: ScaleDown } };
    };
    readonly triggers: readonly {
      readonly type: string;
      /** What it is called in the formula. */
      readonly name?: string;
      readonly metadata: Labels;
      readonly authenticationRef?: { readonly name: string };
    }[];
  };
}

interface ScaleDown {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: string;
}

/** Of Karpenter. */
export interface NodePool extends KubernetesObject {
  readonly spec: {
    readonly limits?: Labels;
    readonly template: {
      readonly metadata: { readonly labels?: Labels };
      readonly spec: {
        readonly taints?: readonly { readonly key: string; readonly effect: string }[];
        readonly requirements: readonly { readonly key: string; readonly values?: readonly string[] }[];
        readonly terminationGracePeriod?: string;
      };
    };
    readonly disruption: { readonly consolidationPolicy: string };
  };
}
