import { maskKeyField, secretFields, type Connector } from '../connectors/connector.ts';
import { secretPlaceholder } from './placeholder.ts';
import type { Secret } from './ports.ts';

/**
 * Which fields a person has still to fill in.
 *
 * @param masks whether something is masked, which takes a key
 * @returns their names, in words, or null if the secret is whole
 */
export function missingFields(connector: Connector, masks: boolean, secret: Secret): string | null {
  const wanted = [...secretFields(connector), ...(masks ? [maskKeyField] : [])];
  const missing = wanted.filter((field) => {
    const value = secret.fields[field];
    return value === undefined || value.trim() === '' || value === secretPlaceholder;
  });
  return missing.length === 0 ? null : missing.join(' and ');
}
