import { chromiumPath, hasChromium } from '../browser/chromium.ts';

/** Says once, before all tests, what this machine cannot run. */
export default function tellLeftOut(): void {
  if (hasChromium()) return;
  process.stderr.write(
    `The tests in a browser are left out: there is no Chromium at ${chromiumPath} (install it, or name it with CHROMIUM_PATH).\n`,
  );
}
