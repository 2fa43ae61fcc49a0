/** A setting that cannot be deployed. The message is one sentence for whoever wrote it: path, what is wrong, what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** @param path dotted, from `pagekeeper` on. */
export function wrongValue(path: string, rule: string, value: unknown): SettingsError {
  return new SettingsError(`${path}: ${rule}, not ${shown(value)}`);
}

function shown(value: unknown): string {
  const text = value === undefined ? 'left out' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
