import { rowsOf, type BadEdit, type Row } from './bad-edit.ts';

const SECURED = 'allowPrivilegeEscalation: false';
const ROWS: Row[] = [
  ['privileged', SECURED, 'privileged: true', /violates PodSecurity.*privileged/],
  ['gains privileges', SECURED, 'allowPrivilegeEscalation: true', /violates PodSecurity.*allowPrivilegeEscalation/],
  ['keeps capabilities', '{ drop: [ALL] }', '{ drop: [NET_RAW] }', /violates PodSecurity.*capabilities/],
  [
    'on the network of its node',
    'enableServiceLinks',
    'hostNetwork: true\n      enableServiceLinks',
    /host namespaces/,
  ],
  ['no seccomp profile', 'seccompProfile: { type: RuntimeDefault }', 'fsGroup: 10001', /already defined/],
  ['unconfined', 'type: RuntimeDefault', 'type: Unconfined', /violates PodSecurity.*seccomp/],
  ['root', 'runAsNonRoot: true', 'runAsNonRoot: false', /violates PodSecurity.*runAsNonRoot/],
  ['another user', 'runAsUser: 10001', 'runAsUser: 1000', /another user than 10001/],
  [
    'root file system can be written',
    'readOnlyRootFilesystem: true',
    'readOnlyRootFilesystem: false',
    /must be read-only/,
  ],
  [
    'token of the service account',
    'automountServiceAccountToken: false',
    'automountServiceAccountToken: true',
    /service account's token/,
  ],
  ['no limits', 'limits: { memory: 4Gi, ephemeral-storage: 4Gi }', 'limits: {}', /must have a memory limit/],
  [
    'no limit of disk',
    'limits: { memory: 4Gi, ephemeral-storage: 4Gi }',
    'limits: { memory: 4Gi }',
    /no limit of memory or of ephemeral/,
  ],
  [
    'a request above its limit',
    'memory: 4Gi, ephemeral-storage: 4Gi',
    'memory: 2Gi, ephemeral-storage: 4Gi',
    /must be less than or equal to memory limit/,
  ],
  ['a quantity in wrong units', 'sizeLimit: 2Gi', 'sizeLimit: 2GiB', /quantities must match/],
  ['a volume without a limit', 'emptyDir: { sizeLimit: 2Gi }', 'emptyDir: {}', /may fill its node's disk/],
  ['another place to write', 'mountPath: /tmp', 'mountPath: /app', /may write to \/app/],
  [
    'grace of 30 s',
    'terminationGracePeriodSeconds: 90',
    'terminationGracePeriodSeconds: 30',
    /limit for ending .* is not shorter than the termination grace/,
  ],
  [
    'grace longer than the notice',
    'terminationGracePeriodSeconds: 90',
    'terminationGracePeriodSeconds: 180',
    /not shorter than the notice of a spot/,
  ],
  [
    'readiness asked at the wrong port',
    'path: /readyz, port: health',
    'path: /readyz, port: metrics',
    /readiness probe doesn't ask/,
  ],
  [
    'liveness depends on Temporal',
    '{ httpGet: { path: /healthz, port: health }, periodSeconds: 30',
    '{ httpGet: { path: /readyz, port: health }, periodSeconds: 30',
    /liveness probe doesn't ask \/healthz/,
  ],
  ['impatient liveness', 'failureThreshold: 4', 'failureThreshold: 1', /gives up after 30 s/],
  [
    'readiness sooner than Temporal',
    'periodSeconds: 10, timeoutSeconds: 5',
    'periodSeconds: 10, timeoutSeconds: 1',
    /before Temporal does/,
  ],
  ['no startup probe', 'startupProbe:', 'startupProbes:', /startupProbes: field not declared in schema/],
  [
    'metrics asked for elsewhere',
    "prometheus.io/port: '9464'",
    "prometheus.io/port: '9090'",
    /metrics are served at 9464/,
  ],
  ['a misspelt argument', '--processes', '--process', /unknown option '--process'/],
  ['the other role', 'args: [worker, --role, sampler', 'args: [worker, --role, control', /runs the role control/],
  [
    'nobody to the cloud',
    'serviceAccountName: sampler',
    'serviceAccountName: default',
    /runs as the service account default/,
  ],
  [
    'a fixed number of samplers',
    '  revisionHistoryLimit: 3',
    '  replicas: 1\n  revisionHistoryLimit: 3',
    /undoes the scaling/,
  ],
  ['a rollout with a spare GPU', 'maxSurge: 0', 'maxSurge: 1', /needs a spare device/],
  [
    'labels that its selector misses',
    'labels: { app.kubernetes.io/name: sampler }\n      annotations',
    'labels: { app.kubernetes.io/name: sampling }\n      annotations',
    /`selector` does not match template `labels`/,
  ],
  [
    'no priority class',
    'priorityClassName: perimeter-sampler',
    'priorityClassName: perimeter',
    /no PriorityClass with name perimeter|names the PriorityClass/,
  ],
];

export const OF_SAMPLER: readonly BadEdit[] = [...rowsOf('base/sampler.yaml', 'gpu', ROWS)];
