import { PRIVATE, rowsOf, type BadEdit, type Row } from './bad-edit.ts';

const OF_NETWORK: Row[] = [
  [
    'no DNS',
    '[{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]',
    '[{ port: 5353, protocol: UDP }]',
    /to DNS, UDP 53, is blocked/,
  ],
  [
    'no Temporal',
    '- to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: temporal } } }]',
    '- to: [{ podSelector: {} }]',
    /to Temporal in its namespace, TCP 7233, is blocked/,
  ],
  ['no S3', '[{ port: 443, protocol: TCP }]', '[{ port: 80, protocol: TCP }]', /to S3, TCP 443, is blocked/],
  ['no S3 by IPv6', "cidr: '::/0'", "cidr: 'fd00::/8'", /must be a strict subset|to S3, TCP 443, is blocked/],
  ['no identity', '169.254.170.23/32', '169.254.170.24/32', /Pod Identity agent, TCP 80, is blocked/],
  ['the metadata service', PRIVATE, '10.0.0.0/8, ', /metadata service at 169.254.169.254, TCP 443, is let through/],
  ['everything out', '  egress:\n', '  egress:\n    - {}\n', /to SSH, TCP 22, is let through/],
  [
    'everybody in',
    '- from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } } }]\n      ports',
    '- ports',
    /a pod of another namespace, TCP 9464, to \S+ is let through/,
  ],
  [
    'no metrics',
    '[{ port: 9464, protocol: TCP }]',
    '[{ port: 9090, protocol: TCP }]',
    /Prometheus, TCP 9464, to \S+ is blocked/,
  ],
  ['denies nothing', 'podSelector: {}', 'podSelector: { matchLabels: { app: none } }', /is let through/],
  ['an address that is none', '169.254.170.23/32', '169.254.170.23/33', /Invalid value/],
];

const OF_ADMISSION: Row[] = [
  [
    'binds to another namespace',
    'kubernetes.io/metadata.name: perimeter }',
    'kubernetes.io/metadata.name: default }',
    /does not hold in the namespace/,
  ],
  ['audits alone', 'validationActions: [Deny]', 'validationActions: [Audit]', /does not Deny/],
  ['lets pass what it can not judge', 'failurePolicy: Fail', 'failurePolicy: Ignore', /lets pass what it can't judge/],
  ['an expression that is none', "c.image.matches('@sha256", 'c.image.matches(@sha256', /compilation failed/],
  [
    'binds a policy that is not there',
    'policyName: perimeter-pods',
    'policyName: perimeter-pod',
    /names the ValidatingAdmissionPolicy perimeter-pod,/,
  ],
];

export const OF_BASE: readonly BadEdit[] = [
  ...rowsOf('base/network-policies.yaml', 'gpu', OF_NETWORK),
  ...rowsOf('base/admission.yaml', 'gpu', OF_ADMISSION),
  ...rowsOf('base/control.yaml', 'gpu', [
    ['a rollout without a worker', 'maxUnavailable: 0', 'maxUnavailable: 1', /stops workers before others are there/],
    [
      'no settings',
      'envFrom: [{ configMapRef: { name: worker-env } }]',
      'env: []',
      /doesn't ask \/healthz where it is served/,
    ],
  ]),
  ...rowsOf('base/disruption-budgets.yaml', 'gpu', [
    ['minAvailable', 'maxUnavailable: 1', 'minAvailable: 1', /may hold the last pod for good/],
    [
      'selects nothing',
      'selector: { matchLabels: { app.kubernetes.io/name: sampler } }',
      'selector: { matchLabels: { app: sampler } }',
      /Deployment sampler has 0 budgets/,
    ],
    ['holds what never came up', '  unhealthyPodEvictionPolicy: AlwaysAllow\n', '', /pods that never became ready/],
    [
      'both kinds in one',
      'matchLabels: { app.kubernetes.io/name: sampler }',
      'matchLabels: { app.kubernetes.io/part-of: perimeter }',
      /has 2 budgets|of several kinds/,
    ],
  ]),
  ...rowsOf('base/priority-class.yaml', 'gpu', [
    ['ends other pods', 'preemptionPolicy: Never', 'preemptionPolicy: PreemptLowerPriority', /ends other pods/],
    ['before everything else', 'value: -10', 'value: 1000', /doesn't make way/],
  ]),
  ...rowsOf('base/namespace.yaml', 'gpu', [
    ['refuses less', 'enforce: restricted', 'enforce: baseline', /enforces baseline/],
    ['refuses what the cluster says', 'enforce-version: v1.34', 'enforce-version: latest', /changes with the version/],
  ]),
  ...rowsOf('base/kustomization.yaml', 'gpu', [
    [
      'metrics for itself alone',
      'METRICS_ADDRESS=0.0.0.0:9464',
      'METRICS_ADDRESS=127.0.0.1:9464',
      /metrics are served at/,
    ],
    ['health elsewhere', 'HEALTH_ADDRESS=0.0.0.0:8080', 'HEALTH_ADDRESS=0.0.0.0:8081', /where it is served \(8081\)/],
    [
      'a setting that nobody reads',
      'PERIMETER_METRICS_ADDRESS',
      'PERIMETER_METRIC_ADDRESS',
      /nothing reads PERIMETER_METRIC_ADDRESS/,
    ],
    ['no budgets', '  - disruption-budgets.yaml\n', '', /has 0 budgets/],
  ]),
];
