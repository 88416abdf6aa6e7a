import { findKarpenterTypes } from './custom-types.ts';
import { findKeda } from './find-keda.ts';
import { findKubernetes } from './find-kubernetes.ts';

/** Builds what the test files need before any of them begins: once, and for as long as it takes. */
export async function setup(): Promise<void> {
  await findKubernetes();
  await findKeda();
  await findKarpenterTypes();
}
