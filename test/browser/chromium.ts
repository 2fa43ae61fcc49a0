import { accessSync, constants } from 'node:fs';

/** Debian's, unless `CHROMIUM_PATH` names another one. */
export const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Without one the tests in a browser are left out; a path that was named and leads nowhere is a mistake all the same. */
export function hasChromium(): boolean {
  if (process.env['CHROMIUM_PATH'] !== undefined) return true;
  try {
    accessSync(chromiumPath, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
