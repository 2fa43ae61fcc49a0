/** A setting that cannot be deployed. The message is one sentence for whoever wrote it: path, what is wrong, what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** @param path dotted, from `pagekeeper` on. */
export function wrongValue(path: string, rule: string, value: unknown): SettingsError {
  return new SettingsError(`${path}: ${rule}, not ${shown(value)}`);
}

/** A URL is shown to its host: credentials may stand before that, and a webhook's key behind it. */
function shown(value: unknown): string {
  if (typeof value === 'string' && value.includes('://')) {
    const url = value.includes('@') ? null : URL.parse(value);
    return url === null ? 'what is there' : `"${url.protocol}//${url.host}/…"`;
  }
  const text = value === undefined ? 'left out' : JSON.stringify(value).replace(/:\/\/[^"\s]*/g, '://…');
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
