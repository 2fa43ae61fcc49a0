import { maskKeyField, maskKeyIn, secretFields, type Connector } from '../connectors/connector.ts';
import { secretPlaceholder } from './placeholder.ts';
import type { Secret } from './ports.ts';

/**
 * Which fields a person has still to fill in.
 *
 * @param masks whether something is masked, which takes a key
 * @returns their names, in words, or null if the secret is whole
 */
export function missingFields(connector: Connector, masks: boolean, secret: Secret): string | null {
  const fields = secretFields(connector).filter((field) => {
    const value = secret.fields[field];
    return value === undefined || value.trim() === '' || value === secretPlaceholder;
  });
  const missing = masks && maskKeyIn(secret.fields) === null ? [...fields, maskKeyField] : fields;
  return missing.length === 0 ? null : missing.join(' and ');
}
