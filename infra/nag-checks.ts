import { AwsSolutionsChecks, type IApplyRule } from 'cdk-nag';

/** A finding of the rule against wildcards that is about keys, below one of the buckets. */
const KEY_PATTERN = /^Resource::(PerimeterStorage:ExportsOutput\w+|arn:<AWS::Partition>:s3:::[a-z0-9.-]+)\/.*\*/;

/**
 * cdk-nag's AwsSolutions rules, but that a policy may name keys by a pattern: there is no other way to name those of all runs.
 * What each pattern lets through, and what not, is tested key by key. Every other wildcard is a violation still.
 */
export class NagChecks extends AwsSolutionsChecks {
  protected override applyRule(params: IApplyRule): void {
    if (params.ruleSuffixOverride !== 'IAM5') {
      super.applyRule(params);
      return;
    }
    const rule: IApplyRule['rule'] = (node) => {
      const found = params.rule(node);
      return Array.isArray(found) ? found.filter((finding) => !KEY_PATTERN.test(finding)) : found;
    };
    super.applyRule({ ...params, rule });
  }
}
