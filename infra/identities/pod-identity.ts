import type { Cluster } from 'aws-cdk-lib/aws-eks-v2';
import { CfnPodIdentityAssociation } from 'aws-cdk-lib/aws-eks';
import { PrincipalWithConditions, Role, ServicePrincipal, SessionTagsPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** Of k8s/: where the service accounts are. */
export const NAMESPACE = 'perimeter';

/**
 * A role for the pods of a service account, and of no other: EKS Pod Identity says in each request whose pod of which cluster asks, and
 * the role believes those alone.
 *
 * @param options.path of the role, where it matters.
 */
export function podIdentity(
  scope: Construct,
  id: string,
  options: { cluster: Cluster; serviceAccount: string; path?: string },
): Role {
  const { cluster, serviceAccount, path } = options;
  const asked = {
    'aws:RequestTag/eks-cluster-arn': cluster.clusterArn,
    'aws:RequestTag/kubernetes-namespace': NAMESPACE,
    'aws:RequestTag/kubernetes-service-account': serviceAccount,
  };
  const pods = new PrincipalWithConditions(new ServicePrincipal('pods.eks.amazonaws.com'), { StringEquals: asked });
  const role = new Role(scope, id, {
    description: `Perimeter: the service account ${serviceAccount}`,
    assumedBy: new SessionTagsPrincipal(pods),
    ...(path !== undefined && { path }),
  });
  new CfnPodIdentityAssociation(scope, `${id}Association`, {
    clusterName: cluster.clusterName,
    namespace: NAMESPACE,
    serviceAccount,
    roleArn: role.roleArn,
  });
  return role;
}
