import { PRIVATE, rowsOf, type BadEdit, type Row } from './bad-edit.ts';

const OF_SCALING: Row[] = [
  [
    'a number where a string must be',
    "threshold: '1'",
    'threshold: 1',
    /threshold.*expected string|must be of type string/,
  ],
  [
    'another queue',
    'taskQueue: perimeter-sampler-cuda',
    'taskQueue: perimeter-sampler-gpu',
    /not of perimeter-sampler-cuda/,
  ],
  ['tasks of workflows', 'queueTypes: activity', 'queueTypes: workflow', /other tasks than activities/],
  [
    'an address that nobody sets',
    'endpointFromEnv: TEMPORAL_ADDRESS',
    'endpointFromEnv: TEMPORAL_HOST',
    /address of Temporal is not in/,
  ],
  [
    'samplers at work are not counted',
    'temporal_worker_task_slots_used',
    'temporal_worker_task_slots_available',
    /samplers at work are not counted/,
  ],
  [
    'the formula forgets them',
    'max((waiting ?? working ?? 4) / 4, working ?? 0)',
    'max((waiting ?? 4) / 4, 0)',
    /the formula leaves out working/,
  ],
  ['the last one goes at once', 'cooldownPeriod: 180', 'cooldownPeriod: 30', /within a heartbeat timeout/],
  ['scales down at once', 'stabilizationWindowSeconds: 420', 'stabilizationWindowSeconds: 0', /scales down before/],
  ['one is always there', 'minReplicaCount: 0', 'minReplicaCount: 1', /keeps samplers that have nothing to do/],
  [
    'more samplers than GPUs',
    'maxReplicaCount: 16',
    'maxReplicaCount: 64',
    /64 samplers are wanted of at most 16 GPUs/,
  ],
  ['an unknown field', 'cooldownPeriod', 'coolDownPeriod', /coolDownPeriod: field not declared in schema/],
  [
    'another Deployment',
    'kind: Deployment, name: sampler',
    'kind: Deployment, name: samplers',
    /names the Deployment samplers/,
  ],
  [
    'nobody to Temporal',
    'authenticationRef: { name: temporal }',
    'authenticationRef: { name: cloud }',
    /names the TriggerAuthentication cloud/,
  ],
];

export const OF_COMPONENTS: readonly BadEdit[] = [
  ...rowsOf('components/keda/scaled-object.yaml', 'gpu', OF_SCALING),
  ...rowsOf('components/gpu/kustomization.yaml', 'gpu', [
    ['no toleration', 'key: nvidia.com/gpu', 'key: nvidia.com/gpus', /must tolerate nvidia.com\/gpu/],
    ['two GPUs', "nvidia.com/gpu: '1'", "nvidia.com/gpu: '2'", /runs on a GPU and holds 2/],
    ['the second GPU', "'cuda:0'", "'cuda:1'", /runs on cuda:1, while/],
    ['a device that is none', "'cuda:0'", 'gpu', /The device is "gpu"/],
    [
      'on nodes without GPUs',
      'nodeSelector: { accelerator: nvidia }',
      'nodeSelector: { accelerator: any }',
      /no node is bought with accelerator=any/,
    ],
    ['an unknown field', 'tolerations:', 'tolerationz:', /tolerationz: field not declared in schema/],
  ]),
  ...rowsOf('components/spot/kustomization.yaml', 'spot', [
    [
      'capacity that is not bought',
      'capacity-type: spot',
      'capacity-type: cheap',
      /no node is bought with karpenter.sh\/capacity-type=cheap/,
    ],
  ]),
  ...rowsOf('components/mig/kustomization.yaml', 'with-mig', [
    ['a GPU besides its slice', 'nvidia.com/gpu: null, ', '', /holds 2/],
  ]),
  ...rowsOf('components/dra/kustomization.yaml', 'with-dra', [
    [
      'a claim that is not there',
      'resourceClaimTemplateName: sampler-gpu',
      'resourceClaimTemplateName: gpu',
      /names the ResourceClaimTemplate gpu/,
    ],
  ]),
  ...rowsOf('components/temporal-mtls/kustomization.yaml', 'with-mtls', [
    ['a key that others may read', 'defaultMode: 0440', 'defaultMode: 440', /another mode than 0440/],
    ['a Secret that nobody makes', 'secretName: temporal-mtls', 'secretName: temporal', /which nothing tells to make/],
    ['a variable that nobody reads', 'CLIENT_CERT_PATH', 'CERT_PATH', /nothing reads TEMPORAL_TLS_CERT_PATH/],
  ]),
  ...rowsOf('components/temporal-mtls/network-policy.yaml', 'with-mtls', [
    ['no way out', 'port: 7233', 'port: 443', /to Temporal Cloud, TCP 7233, is blocked/],
    ['a way into the network', PRIVATE, '127.0.0.0/8, ', /to a private address, TCP 7233, is let through/],
  ]),
  ...rowsOf('components/temporal-cloud-apikey/kustomization.yaml', 'with-api-key', [
    [
      'a variable that nobody reads',
      'name: TEMPORAL_API_KEY',
      'name: TEMPORAL_APIKEY',
      /nothing reads TEMPORAL_APIKEY/,
    ],
  ]),
];
