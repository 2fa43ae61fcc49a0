import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';

import type { Finding } from '../../../lib/operations/check.ts';
import { forTicks, queueConcurrencies } from '../../settings/queue-concurrency.ts';
import type { Settings } from '../../settings/settings.ts';
import { counted } from '../../terminal/words.ts';
import type { Deployment } from '../store/deployment.ts';
import { ownFinding } from './finding.ts';

/** Whether the account may run as many functions at once as the deployment can have messages and ticks for. */
export async function checkConcurrency(
  { lambda, options }: Deployment,
  { connections }: Pick<Settings, 'connections'>,
): Promise<Finding> {
  try {
    const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
    return concurrencyFinding(AccountLimit?.UnreservedConcurrentExecutions ?? null, connections, options);
  } catch (error) {
    // A person without the permission is told so, and the rest is looked at all the same.
    const name = error instanceof Error ? error.name : String(error);
    return ownFinding('concurrency', 'unknown', `it could not be looked at: AWS answered with ${name}.`);
  }
}

/**
 * Pure.
 * @param allowed invocations at once that the account has for functions without a share of their own; null where AWS did not say
 * @param options what the commands of AWS need to reach the same account: ` --region eu-west-1`, or nothing
 */
export function concurrencyFinding(
  allowed: number | null,
  connections: readonly { readonly streams: readonly unknown[] }[],
  options: string,
): Finding {
  if (allowed === null)
    return ownFinding('concurrency', 'unknown', 'AWS did not say what the account allows.');
  const queues = queueConcurrencies(connections.map(({ streams }) => streams.length)).reduce(
    (sum, share) => sum + share,
    0,
  );
  const account = `the account runs up to ${counted(allowed, 'function')} at once`;
  if (queues + forTicks <= allowed) {
    return ownFinding(
      'concurrency',
      'good',
      `${account}; the queues of this deployment take up to ${String(queues)}.`,
    );
  }
  return ownFinding(
    'concurrency',
    'fault',
    `${account}, and the queues of this deployment may take ${String(queues)}: ticks and the watchdog come late while they do. ` +
      `Ask for more: aws service-quotas request-service-quota-increase${options} --service-code lambda --quota-code L-B99A9384 --desired-value 1000`,
  );
}
