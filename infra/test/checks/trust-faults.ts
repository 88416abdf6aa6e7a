import type { Account } from '../support/account.ts';
import { decide } from '../support/policy.ts';
import { ACCOUNT, REGION } from '../support/resolve-intrinsics.ts';

const PODS = 'pods.eks.amazonaws.com';
/** The identities of service accounts. */
const serviceAccounts = { Sampler: 'sampler', Control: 'control', Serve: 'serve', Gc: 'gc' };
const CLUSTER = `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/perimeter`;

/** Who can take on a role that isn't theirs, or can't take on their own: a sentence each. */
export function trustFaults({ identities }: Account): string[] {
  const asked = Object.entries(serviceAccounts).flatMap(([name, serviceAccount]) => {
    const pod = { cluster: CLUSTER, namespace: 'perimeter', serviceAccount };
    return [
      { name, may: true, ...pod },
      { name, may: false, ...pod, namespace: 'default' },
      { name, may: false, ...pod, serviceAccount: 'default' },
      { name, may: false, ...pod, cluster: `${CLUSTER}-other` },
      ...Object.values(serviceAccounts)
        .filter((other) => other !== serviceAccount)
        .map((other) => ({ name, may: false, ...pod, serviceAccount: other })),
    ];
  });
  const faults = asked.flatMap(({ name, may, cluster, namespace, serviceAccount }) => {
    const context = {
      'aws:RequestTag/eks-cluster-arn': cluster,
      'aws:RequestTag/kubernetes-namespace': namespace,
      'aws:RequestTag/kubernetes-service-account': serviceAccount,
    };
    const { roleArn, trust } = identities[name];
    const answers = ['sts:AssumeRole', 'sts:TagSession'].map(
      (action) =>
        decide({ principal: PODS, action, resource: roleArn, context }, { identity: [], resource: trust }).allowed,
    );
    const fits = may ? answers.every(Boolean) : !answers.some(Boolean);
    return fits ? [] : [`${name} is ${may ? 'not ' : ''}taken on by ${namespace}/${serviceAccount} of ${cluster}`];
  });
  const people = ['Reviewer', 'Signer'].flatMap((name) =>
    ['arn:aws:iam::111122223333:role/Stranger', 'arn:aws:iam::999999999999:role/Auditor', PODS].flatMap((principal) => {
      const question = { principal, action: 'sts:AssumeRole', resource: identities[name].roleArn, context: {} };
      const { allowed } = decide(question, { identity: [], resource: identities[name].trust });
      return allowed ? [`${name} is taken on by ${principal}`] : [];
    }),
  );
  return [...faults, ...people];
}
