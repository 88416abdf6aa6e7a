import { buildWithGo } from '../../support/build-with-go.ts';
import { applyTypes } from './apply-types.ts';
import { buildOnce } from './build-once.ts';
import { findKeda } from './find-keda.ts';
import { copyModule } from './go-commands.ts';
import type { Kubectl } from './kubectl.ts';

const KARPENTER = {
  module: 'sigs.k8s.io/karpenter@v1.14.1',
  sum: 'h1:GjqvOHLjl2+OXM0ti5VEZSQuvcitB0pETd8zdChXEtI=',
};
const KARPENTER_CRDS = 'pkg/apis/crds';

/** Tells a Kubernetes the types of KEDA and Karpenter that `k8s/` uses, without the programs that act on them. */
export async function applyCustomTypes(kubectl: Kubectl): Promise<void> {
  const keda = await findKeda();
  const karpenter = await findKarpenterTypes();
  await applyTypes(kubectl, keda.crds, karpenter);
}

/** Finds Karpenter's types in the project's cache, or puts them there once. */
export async function findKarpenterTypes(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const folder = await buildOnce({
    name: 'karpenter-types-1.14.1',
    from: { versions: [KARPENTER.module, KARPENTER.sum] },
    takes: 'seconds',
    env,
    build: ({ target, work }) =>
      buildWithGo({
        folder: work,
        env,
        build: (go) => copyModule({ go, ...KARPENTER, target, folders: [KARPENTER_CRDS], cwd: work, env }),
      }),
  });
  return `${folder}/${KARPENTER_CRDS}`;
}
