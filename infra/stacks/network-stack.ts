import { Fn, Stack, Validations, type App } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { s3EndpointStatements } from '../network/s3-endpoint-statements.ts';
import type { Settings } from '../settings.ts';
import type { Stores } from '../storage/stores.ts';

/** The control plane asks for two; a third keeps GPUs to be had when one zone has none. */
const ZONES = 3;

/** What nodes without a way to the internet ask: images, their own machine, their cluster, and their pods' identities. */
const nodeServices = {
  Ec2: InterfaceVpcEndpointAwsService.EC2,
  Ecr: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Eks: InterfaceVpcEndpointAwsService.EKS,
  EksAuth: InterfaceVpcEndpointAwsService.EKS_AUTH,
  Sts: InterfaceVpcEndpointAwsService.STS,
};

type NetworkSettings = Pick<Settings, 'vpcCidr' | 'availabilityZones' | 'natGateways' | 'interfaceEndpoints'> & {
  readonly stores: Stores;
};

/** The network: nodes in private subnets, S3 by a gateway endpoint, the rest by NAT or by interface endpoints. */
export class NetworkStack extends Stack {
  readonly vpc: Vpc;
  private readonly zones: readonly string[];

  constructor(app: App, id: string, settings: NetworkSettings) {
    super(app, id, { description: 'Perimeter: network' });
    const { vpcCidr, availabilityZones, natGateways, interfaceEndpoints = natGateways === 0, stores } = settings;
    // By name or by number, and never looked up: a template is a function of the settings.
    this.zones =
      availabilityZones.length > 0
        ? availabilityZones
        : Array.from({ length: ZONES }, (_, at) => Fn.select(at, Fn.getAzs()));
    if (availabilityZones.length > 0) {
      const reason = 'Asked for by availabilityZones.';
      Validations.of(this).acknowledge({ id: 'CloudFormation-Validate::W3010', reason });
    }
    const inside = natGateways === 0 ? SubnetType.PRIVATE_ISOLATED : SubnetType.PRIVATE_WITH_EGRESS;
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(vpcCidr),
      maxAzs: this.zones.length,
      natGateways,
      subnetConfiguration: [
        { name: 'nodes', subnetType: inside },
        ...(natGateways === 0 ? [] : [{ name: 'public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false }]),
      ],
      flowLogs: {
        Flows: {
          destination: FlowLogDestination.toCloudWatchLogs(
            new LogGroup(this, 'FlowLogs', { retention: RetentionDays.ONE_MONTH }),
          ),
        },
      },
    });
    const s3 = this.vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    for (const statement of s3EndpointStatements(stores)) s3.addToPolicy(statement);
    if (interfaceEndpoints) {
      const fromInside = new SecurityGroup(this, 'FromInside', {
        vpc: this.vpc,
        description: 'Perimeter: HTTPS from within the network',
        allowAllOutbound: false,
      });
      fromInside.addIngressRule(Peer.ipv4(vpcCidr), Port.HTTPS);
      for (const [name, service] of Object.entries(nodeServices)) {
        this.vpc.addInterfaceEndpoint(name, { service, open: false, securityGroups: [fromInside] });
      }
    }
  }

  override get availabilityZones(): string[] {
    return [...this.zones];
  }
}
