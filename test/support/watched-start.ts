import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { startSimulatedVendor, type SimulatedVendor } from '../../infra/simulators/start-simulated-vendor.ts';
import type { PageState } from '../../infra/watch/page-state.ts';
import { launch, temporaryData, type Finished } from './start-command.ts';

/** `npm start -- --watch` as a user runs it, on a simulated Mobaro and a data folder of its own. */
export interface WatchedStart {
  readonly vendor: SimulatedVendor;
  /** The data folder. */
  readonly data: string;
  /** Starts it, once. */
  watch(
    streams: readonly string[],
    /** The one that the vendor takes, unless given. */
    key?: string,
  ): Promise<{ readonly child: ChildProcess; readonly finished: Promise<Finished> }>;
  /** Of the page. */
  url(): string;
  /** What the page is told when it is opened now. */
  snapshot(): Promise<PageState>;
  /** Ends all of it, however far it is. */
  remove(): Promise<void>;
}

export async function watchedStart(): Promise<WatchedStart> {
  const data = await temporaryData();
  const vendor = await startSimulatedVendor('mobaro', { faults: [], secret: { apiKey: 'made-up' } });
  let running: (ReturnType<typeof launch> & { readonly url: string }) | undefined;
  const url = (): string => {
    if (running === undefined) throw new Error('Nothing has been started');
    return running.url;
  };
  return {
    vendor,
    data: data.path,
    url,
    async watch(streams, key = 'made-up') {
      const options = ['--watch', '--port', '0', '--data', data.path, '--base-url', `mobaro=${vendor.url}`];
      const selected = streams.flatMap((stream) => ['--stream', stream]);
      const started = launch('infra/start.ts', [...options, ...selected], { MOBARO_API_KEY: key });
      const [line] = (await once(started.child.stdout!, 'data')) as [Buffer];
      const [, found] =
        /^Look at it on (http:\/\/127\.0\.0\.1:\d+\/) until Ctrl-C\.$/m.exec(line.toString()) ?? [];
      if (found === undefined) throw new Error(`No address in ${line.toString()}`);
      running = { ...started, url: found };
      return started;
    },
    async snapshot() {
      const abort = new AbortController();
      const response = await fetch(`${url()}events`, { signal: abort.signal });
      let text = '';
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const [, found] = /^data: (.*)\n\n/m.exec(text) ?? [];
        if (found === undefined) continue;
        abort.abort();
        return JSON.parse(found) as PageState;
      }
      throw new Error(`No snapshot in ${text}`);
    },
    async remove() {
      running?.child.kill('SIGKILL');
      await running?.finished;
      await vendor.close();
      await data.remove();
    },
  };
}
