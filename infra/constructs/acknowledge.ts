import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says why a finding of cdk-nag's AwsSolutions checks is right as it is. There is no other way past one.
 * @param rule as its report names it, `SQS3`
 */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `Annotation::AwsSolutions-${rule}`, reason });
}
