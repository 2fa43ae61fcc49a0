/** A setting that cannot be deployed. The message is one sentence for the person who wrote it: path, what is wrong, what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** @param path dotted, from `pagekeeper` on; names that the user has chosen went through `below`. */
export function wrongValue(path: string, rule: string, value: unknown): SettingsError {
  const isUrl = /\.(baseUrl|tokenUrl|runbookUrl|https(\.\d+)?)$/.test(path);
  return new SettingsError(`${path}: ${rule}, not ${isUrl ? hidden : shown(value)}`);
}

/** The path of a setting within another one. What may be a secret in the place of a name is left out of it. */
export function below(path: string, name: PropertyKey): string {
  return `${path}.${mayBeSecret(String(name)) ? '…' : String(name)}`;
}

/** Of a URL, too: credentials may stand before its host, a webhook's key behind it, or a key in place of all of it. */
const hidden = 'what is there';
/** Of a word with a digit in it; `cron(0/15` is one. */
const maxShownLength = 11;

function shown(value: unknown): string {
  if (value === undefined) return 'left out';
  const text = JSON.stringify(value);
  if (mayBeSecret(text)) return hidden;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Somebody's address, a URL, the value of a header, or a long word with a digit in it, as keys have them. */
function mayBeSecret(text: string): boolean {
  if (/@|\/\/|\b(?:(?:bearer|basic)[\s\\]|https?:)/i.test(text)) return true;
  return text.split(/[\s"'{}[\],]+/).some((word) => word.length > maxShownLength && /\d/.test(word));
}
