import type { Place } from './deployed-names.ts';
import type { Statement } from './policy-document.ts';

/** Of the roles that `cdk bootstrap` makes, those that a person takes on to deploy and to see differences; CloudFormation has one of its own. */
const roles = ['deploy-role', 'file-publishing-role', 'lookup-role'] as const;

/** That of the CDK, where cdk.json names no other. */
const defaultQualifier = 'hnb659fds';

/** @param context of cdk.json */
export function qualifierOf(context: Readonly<Record<string, unknown>>): string {
  const given = context['@aws-cdk/core:bootstrapQualifier'];
  return typeof given === 'string' ? given : defaultQualifier;
}

/**
 * All that `cdk diff` and `cdk deploy` do goes by the roles of the bootstrap; the version of the bootstrap, too, is read by
 * one of them. Pure.
 */
export function bootstrapRoles({ partition, region, account }: Place, qualifier: string): Statement {
  return {
    Sid: 'BootstrapRoles',
    Effect: 'Allow',
    Action: ['sts:AssumeRole'],
    Resource: roles.map(
      (role) => `arn:${partition}:iam::${account}:role/cdk-${qualifier}-${role}-${account}-${region}`,
    ),
  };
}
