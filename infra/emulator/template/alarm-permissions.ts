import { functionArn, localAccount } from './local-account.ts';
import type { PropertiesOf } from './resource-types.ts';

type Permission = PropertiesOf<'AWS::Lambda::Permission'>;

/** Whom CloudWatch invokes functions as, by "Invoke a Lambda function from an alarm" in the CloudWatch user guide. */
export const alarmPrincipal = 'lambda.alarms.cloudwatch.amazonaws.com';

const actions = new Set(['lambda:InvokeFunction', 'lambda:*', '*']);

/** Whether a permission lets an alarm invoke a function. A condition that it does not have lets every alarm. */
export function permits(permission: Permission, functionName: string, alarmArn: string): boolean {
  const { Action, FunctionName, Principal, SourceAccount, SourceArn } = permission;
  return (
    Principal === alarmPrincipal &&
    actions.has(Action) &&
    [functionName, functionArn(functionName)].includes(FunctionName) &&
    (SourceAccount === undefined || SourceAccount === localAccount) &&
    (SourceArn === undefined || isLike(SourceArn, alarmArn))
  );
}

/**
 * IAM's ArnLike, by which Lambda compares the SourceArn: `*` and `?` stand for characters of one of an ARN's six parts, the
 * last of which may have colons.
 */
function isLike(pattern: string, arn: string): boolean {
  const [patterns, parts] = [partsOf(pattern), partsOf(arn)];
  return parts.every((part, index) => {
    const wanted = (patterns[index] ?? '').replaceAll(/\W/g, (one) => wildcards[one] ?? `\\${one}`);
    return new RegExp(`^${wanted}$`, 's').test(part);
  });
}

const wildcards: Readonly<Record<string, string>> = { '*': '.*', '?': '.' };

function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}
