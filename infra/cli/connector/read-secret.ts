import { secretFields, type Connector } from '../../../lib/connectors/connector.ts';
import { readSecretValue } from '../../../lib/operations/secret-value.ts';
import { keyVariables } from '../../laptop/options/selection.ts';
import type { AskHidden } from '../../terminal/ask-hidden.ts';
import { UsageError } from '../../terminal/usage-error.ts';

/**
 * The fields of a connector's secret: from the environment, as `npm start` takes them, or typed without being shown.
 * @param ask null where there is no terminal
 * @throws UsageError that repeats nothing of what was given
 */
export async function readSecretOf(
  connector: Connector,
  variables: Readonly<Record<string, string | undefined>>,
  ask: AskHidden | null,
): Promise<Readonly<Record<string, string>>> {
  const fields: [string, string][] = [];
  const missing: string[] = [];
  for (const field of secretFields(connector)) {
    const names = keyVariables(connector.name, connector.name, field);
    const found = names.map((name) => variables[name]).find((value) => (value ?? '').trim() !== '');
    const value = found ?? (await ask?.(`${connector.title}'s ${field} (not shown): `)) ?? '';
    if (value.trim() === '') missing.push(names.join(' or '));
    else fields.push([field, value]);
  }
  if (missing.length > 0) {
    throw new UsageError(
      `The key of ${connector.title} is not given: set ${missing.join(' and ')} in the environment, or type it on a terminal.`,
    );
  }
  const reading = readSecretValue(connector, Object.fromEntries(fields));
  if (reading.kind === 'wrong') {
    throw new UsageError(`The key of ${connector.title} is of no use: ${reading.reason}.`);
  }
  return reading.fields;
}
