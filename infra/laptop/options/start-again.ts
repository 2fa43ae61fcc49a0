import { startWith } from '../../../lib/operations/words.ts';
import { quoted } from '../../terminal/words.ts';
import { standardInput } from './keys.ts';
import { defaultTimeoutSeconds, type StartOptions } from './options.ts';

/**
 * The command that starts the same once more, without what is only meant once. A time-out that was too short is not
 * proposed again: the default takes its place.
 */
export function startAgain(options: StartOptions, { timedOut }: { readonly timedOut: boolean }): string {
  const { connections, streams, baseUrls, data, keysFrom, json, watch } = options;
  const timeoutSeconds = timedOut
    ? Math.max(options.timeoutSeconds, defaultTimeoutSeconds)
    : options.timeoutSeconds;
  const args = [
    ...connections.flatMap((name) => ['--connection', name]),
    ...streams.flatMap((name) => ['--stream', name]),
    ...[...baseUrls].flatMap(([name, url]) => ['--base-url', `${name}=${url}`]),
    // What was piped in is gone: the next start asks, or somebody pipes it in again.
    ...(keysFrom === null || keysFrom === standardInput ? [] : ['--keys-from', keysFrom]),
    ...(data === null ? [] : ['--data', data]),
    ...(json ? ['--json'] : []),
    ...(watch === null ? [] : ['--watch']),
    ...(watch === null || watch.port === 'default' ? [] : ['--port', String(watch.port)]),
    ...(timeoutSeconds === defaultTimeoutSeconds ? [] : ['--timeout', String(timeoutSeconds)]),
  ];
  return startWith(args.map(quoted).join(' '));
}
