/**
 * Run by itself under `node --expose-gc`: one call of KyVendor while garbage is collected all the time. Prints the answer, or
 * `null` where there is none after a minute.
 *
 *     node --expose-gc call-while-collecting.ts URL TIMEOUT_MS STOP_AFTER_MS
 */
import { KyVendor } from '../../lib/http/ky-vendor.ts';

const [url = '', timeoutMs, stopAfterMs] = process.argv.slice(2);
const stop = new AbortController();
setTimeout(() => {
  stop.abort();
}, Number(stopAfterMs));
setInterval(() => {
  globalThis.gc?.();
}, 20);
const vendor = new KyVendor({ timeoutMs: Number(timeoutMs), clock: { now: () => 0 } });
const nothing = new Promise<null>((resolve) => {
  setTimeout(resolve, 60_000, null);
});
const called = vendor.call({ method: 'GET', url, headers: {}, body: null }, stop.signal);
const answer = await Promise.race([called, nothing]);
process.stdout.write(JSON.stringify(answer));
process.exit();
