import { CfnOutput, RemovalPolicy, Stack, Validations, type App } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  Cluster,
  ClusterLoggingTypes,
  DefaultCapacityType,
  EndpointAccess,
  KubernetesVersion,
} from 'aws-cdk-lib/aws-eks-v2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Settings } from '../settings.ts';

/**
 * EKS's own default, said aloud: in Auto Mode a node answers its pods' DNS questions at the tenth address, which a network policy has to let
 * through by number (k8s/platform/eks-auto-mode.yaml).
 */
const SERVICE_CIDR = '172.20.0.0/16';

/** What EKS asks for of the role of an Auto Mode cluster's nodes. */
const NODE_POLICIES = ['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly'];
/** And of the cluster itself. */
const CLUSTER_POLICIES = [
  'AmazonEKSClusterPolicy',
  'AmazonEKSComputePolicy',
  'AmazonEKSBlockStoragePolicy',
  'AmazonEKSLoadBalancingPolicy',
  'AmazonEKSNetworkingPolicy',
];

type ClusterSettings = Pick<
  Settings,
  'adminRoleArn' | 'clusterName' | 'kubernetesVersion' | 'publicAccessCidrs' | 'natGateways'
> & { readonly vpc: IVpc };

/** The cluster, in Auto Mode: nodes with and without GPUs, their drivers, network policies and pods' identities are EKS's to run. */
export class ClusterStack extends Stack {
  readonly cluster: Cluster;

  constructor(app: App, id: string, settings: ClusterSettings) {
    super(app, id, { description: 'Perimeter: Kubernetes', terminationProtection: true });
    const { adminRoleArn, clusterName, kubernetesVersion, publicAccessCidrs, vpc } = settings;
    // Made before EKS does, which would keep everything for ever.
    const logs = new LogGroup(this, 'ControlPlaneLogs', {
      logGroupName: `/aws/eks/${clusterName}/cluster`,
      retention: RetentionDays.SIX_MONTHS,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.cluster = new Cluster(this, 'Cluster', {
      clusterName,
      version: KubernetesVersion.of(kubernetesVersion),
      vpc,
      vpcSubnets: [{ subnetGroupName: 'nodes' }],
      serviceIpv4Cidr: SERVICE_CIDR,
      defaultCapacityType: DefaultCapacityType.AUTOMODE,
      compute: { nodePools: ['system', 'general-purpose'], nodeRole: this.nodeRole() },
      endpointAccess:
        publicAccessCidrs.length === 0
          ? EndpointAccess.PRIVATE
          : EndpointAccess.PUBLIC_AND_PRIVATE.onlyFrom(...publicAccessCidrs),
      bootstrapClusterCreatorAdminPermissions: false,
      clusterLogging: Object.values(ClusterLoggingTypes),
      secretsEncryptionKey: new Key(this, 'SecretsKey', {
        description: "Perimeter: the cluster's secrets",
        enableKeyRotation: true,
      }),
    });
    this.cluster.node.addDependency(logs);
    this.cluster.grantClusterAdmin('Admin', adminRoleArn);
    this.acknowledge(publicAccessCidrs);
    const { region } = this;
    new CfnOutput(this, 'Kubeconfig', {
      value: `aws eks update-kubeconfig --name ${clusterName} --region ${region} --role-arn ${adminRoleArn}`,
    });
  }

  private nodeRole(): Role {
    return new Role(this, 'NodeRole', {
      description: 'Perimeter: nodes of the cluster',
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: NODE_POLICIES.map((name) => ManagedPolicy.fromAwsManagedPolicyName(name)),
    });
  }

  private acknowledge(publicAccessCidrs: readonly string[]) {
    const acknowledge = (id: string, reason: string) => {
      Validations.of(this).acknowledge({ id, reason });
    };
    for (const policy of [...CLUSTER_POLICIES, ...NODE_POLICIES]) {
      acknowledge(
        `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`,
        'EKS asks for it in Auto Mode, and changes it when it needs other rights.',
      );
    }
    acknowledge(
      'CloudFormation-Validate::W9009',
      'The CDK says which resources are encrypted: secrets, as there are no others.',
    );
    if (publicAccessCidrs.length === 0) return;
    acknowledge('AwsSolutions-EKS1', `publicAccessCidrs asks for it, for ${publicAccessCidrs.join(', ')} alone.`);
  }
}
