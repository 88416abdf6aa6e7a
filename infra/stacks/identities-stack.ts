import { CfnOutput, Stack, type App } from 'aws-cdk-lib';
import type { Cluster } from 'aws-cdk-lib/aws-eks-v2';
import { ArnPrincipal, CompositePrincipal, ManagedPolicy, Role, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  controlStatements,
  gcStatements,
  reviewerStatements,
  samplerStatements,
  serveStatements,
  signerStatements,
} from '../identities/permissions.ts';
import { podIdentity } from '../identities/pod-identity.ts';
import type { Settings } from '../settings.ts';
import type { Stores } from '../storage/stores.ts';
import { GC_ROLE_PATH } from '../storage/write-once.ts';

type IdentitySettings = Pick<Settings, 'reviewers' | 'signers' | 'gc' | 'serve'> & {
  readonly stores: Stores;
  readonly cluster: Cluster;
};

/** Who may do what: one role each for workers, for what runs beside them, and for people. */
export class IdentitiesStack extends Stack {
  constructor(app: App, id: string, { stores, cluster, reviewers, signers, gc, serve }: IdentitySettings) {
    super(app, id, { description: 'Perimeter: identities' });
    this.permit('Sampler', podIdentity(this, 'Sampler', { cluster, serviceAccount: 'sampler' }), {
      statements: samplerStatements(stores),
    });
    this.permit('Control', podIdentity(this, 'Control', { cluster, serviceAccount: 'control' }), {
      statements: controlStatements(stores),
    });
    if (serve) {
      this.permit('Serve', podIdentity(this, 'Serve', { cluster, serviceAccount: 'serve' }), {
        statements: serveStatements(stores),
      });
    }
    if (gc) {
      this.permit('Gc', podIdentity(this, 'Gc', { cluster, serviceAccount: 'gc', path: GC_ROLE_PATH }), {
        statements: gcStatements(stores),
      });
    }
    if (reviewers.length > 0) {
      this.permit('Reviewer', this.person('Reviewer', reviewers), {
        statements: reviewerStatements(stores),
        told: true,
      });
    }
    if (signers.length > 0) {
      this.permit('Signer', this.person('Signer', signers), { statements: signerStatements(stores), told: true });
    }
  }

  private person(id: string, arns: readonly string[]): Role {
    return new Role(this, id, {
      description: `Perimeter: ${id.toLowerCase()}s`,
      assumedBy: new CompositePrincipal(...arns.map((arn) => new ArnPrincipal(arn))),
    });
  }

  /** @param told whether people need to know the role's name, to assume it. */
  private permit(
    id: string,
    role: Role,
    { statements, told = false }: { statements: PolicyStatement[]; told?: boolean },
  ) {
    new ManagedPolicy(this, `${id}Policy`, { roles: [role], statements });
    if (told) new CfnOutput(this, `${id}Role`, { value: role.roleArn });
  }
}
