import { rowsOf, type BadEdit } from './bad-edit.ts';

export const OF_OVERLAYS: readonly BadEdit[] = [
  ...rowsOf('overlays/gpu/kustomization.yaml', 'gpu', [
    ['an image by tag', `digest: sha256:${'0'.repeat(64)}`, 'newTag: latest', /images must be pinned by digest/],
  ]),
  ...rowsOf('overlays/local-cpu/kustomization.yaml', 'local-cpu', [
    ['writes everywhere', 'mountPath: /data', 'mountPath: /app/data', /may write to \/app\/data/],
    [
      'another Temporal',
      'TEMPORAL_ADDRESS=temporal:7233',
      'TEMPORAL_ADDRESS=temporal:7234',
      /looks for Temporal elsewhere/,
    ],
    ['refuses nothing', '[Warn]', '[Audit]', /does not Warn/],
  ]),
  ...rowsOf('overlays/local-cpu/temporal.yaml', 'local-cpu', [
    [
      'runs can not be searched',
      '            - --search-attribute=PerimeterState=Keyword\n',
      '',
      /lacks --search-attribute=PerimeterState=Keyword/,
    ],
    ['another version', 'temporal:1.9.1@', 'temporal:1.8.0@', /not of version 1.9.1/],
    [
      'its page for workers',
      'ports: [{ port: 7233, protocol: TCP }]',
      'ports: [{ port: 7233, endPort: 8233, protocol: TCP }]',
      /page of the installation, TCP 8233, is let through/,
    ],
  ]),
  ...rowsOf('overlays/local-cpu/store.yaml', 'local-cpu', [
    ['another claim', 'name: store', 'name: stored', /names the PersistentVolumeClaim store/],
  ]),
  ...rowsOf('platform/gpu-nodes.yaml', 'spot', [
    ['a taint that nobody tolerates', 'key: nvidia.com/gpu, value', 'key: gpu, value', /do not tolerate gpu/],
    [
      'takes nodes from samplers at work',
      'consolidationPolicy: WhenEmpty',
      'consolidationPolicy: WhenEmptyOrUnderutilized',
      /taken from samplers at work/,
    ],
    [
      'nodes that go before their pods',
      'terminationGracePeriod: 10m',
      'terminationGracePeriod: 1m',
      /before its pods have ended/,
    ],
    [
      'no spot capacity',
      'values: [spot, on-demand]',
      'values: [on-demand]',
      /no node is bought with karpenter.sh\/capacity-type=spot/,
    ],
  ]),
];
