import type { Deployment, KubernetesObject } from '../support/objects.ts';
import { ofKind, workerContainer, workers } from '../support/of-kind.ts';
import { workerOptions } from './command-line.ts';

const GPU = /^nvidia\.com\//;

/** A sampler has one GPU, or one slice of it, if and only if it runs on GPUs; and then it can be where they are. */
export function devices(objects: readonly KubernetesObject[]): string[] {
  return workers(objects).flatMap((deployment) => faultsOf(deployment, objects));
}

function faultsOf(deployment: Deployment, objects: readonly KubernetesObject[]): string[] {
  const { name } = deployment.metadata;
  const { tolerations = [], nodeSelector = {}, resourceClaims = [] } = deployment.spec.template.spec;
  const { args = [], resources } = workerContainer(deployment);
  const limits = Object.entries(resources?.limits ?? {}).filter(([resource]) => GPU.test(resource));
  const claimed = Array.isArray(resources?.claims) ? resourceClaims.length : 0;
  const gpus = limits.reduce((sum, [, count]) => sum + Number(count), 0) + claimed;
  const { device } = workerOptions(args);
  const onGpu = device !== undefined && device !== 'cpu';
  if (!onGpu) return gpus === 0 ? [] : [`Deployment ${name} holds ${gpus} GPUs and runs on the CPU`];
  const tolerated = tolerations.some(({ key, operator }) => key === 'nvidia.com/gpu' && operator === 'Exists');
  const driver = ofKind(objects, 'ResourceClaimTemplate').length > 0;
  return [
    ...(gpus === 1 ? [] : [`Deployment ${name} runs on a GPU and holds ${gpus}`]),
    ...(device === 'cuda:0' ? [] : [`Deployment ${name} runs on ${device}, while a container sees its GPU as cuda:0`]),
    ...(tolerated ? [] : [`Deployment ${name} does not tolerate nvidia.com/gpu`]),
    ...(nodeSelector.accelerator === 'nvidia' ? [] : [`Deployment ${name} may wait for a GPU on a node without one`]),
    ...(claimed > 0 === driver ? [] : [`Deployment ${name} and its claims of GPUs don't belong together`]),
  ];
}
