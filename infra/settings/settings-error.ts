import { hiddenValue, mayBeSecret, shownValue } from '../terminal/shown-value.ts';

/** A setting that cannot be deployed. The message is one sentence for the person who wrote it: path, what is wrong, what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** @param path dotted, from `pagekeeper` on; names that the user has chosen went through `below`. */
export function wrongValue(path: string, rule: string, value: unknown): SettingsError {
  // Of a URL credentials may stand before its host, a webhook's key behind it, or a key in place of all of it.
  const isUrl = /\.(baseUrl|tokenUrl|runbookUrl|https(\.\d+)?)$/.test(path);
  return new SettingsError(`${path}: ${rule}, not ${isUrl ? hiddenValue : shownValue(value)}`);
}

/** The path of a setting within another one. What may be a secret in the place of a name is left out of it. */
export function below(path: string, name: PropertyKey): string {
  return `${path}.${mayBeSecret(String(name)) ? '…' : String(name)}`;
}
