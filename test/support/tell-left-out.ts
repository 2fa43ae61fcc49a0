import { chromiumPath, hasChromium } from '../browser/chromium.ts';
import { canBeAnotherUser } from './another-user.ts';

/** Says once, before all tests, what this machine cannot run. */
export default function tellLeftOut(): void {
  if (!hasChromium()) {
    process.stderr.write(
      `The tests in a browser are left out: there is no Chromium at ${chromiumPath} (install it, or name it with CHROMIUM_PATH).\n`,
    );
  }
  if (!canBeAnotherUser) {
    process.stderr.write(
      'The tests as another user of this machine are left out: only root can become one.\n',
    );
  }
}
