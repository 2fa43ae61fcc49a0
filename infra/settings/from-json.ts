import { wrongValue } from './settings-error.ts';

/** @throws SettingsError */
export function fromJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw wrongValue('pagekeeper', 'must be JSON when it is given on the command line', json);
  }
}
