import type { HereContext } from '../laptop/options/commands-here.ts';
import { defaultPort } from '../laptop/options/options.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { PortTakenError, startPageServer, type PageServer } from './page-server.ts';
import { Watcher } from './watcher.ts';

export interface PageOptions {
  /** Of this project. */
  readonly version: string;
  readonly port: number | 'default';
  /** Whole names of the selected streams. */
  readonly streams: readonly string[];
  readonly here: HereContext;
}

/** Opens the page of `npm start -- --watch`. @throws UsageError if the port that was asked for is taken */
export async function showPage(options: PageOptions) {
  const watcher = new Watcher(options);
  const server = await startOn(watcher, options.port);
  return {
    watcher,
    /** For the terminal. */
    sentence: `Look at it on ${server.url} until Ctrl-C.`,
    close: () => server.close(),
  };
}

async function startOn(watcher: Watcher, port: number | 'default'): Promise<PageServer> {
  try {
    return await startPageServer(watcher, port === 'default' ? defaultPort : port);
  } catch (error) {
    if (!(error instanceof PortTakenError)) throw error;
    // Another watch on this machine: nobody has asked for this very port.
    if (port === 'default') return startPageServer(watcher, 0);
    throw new UsageError(
      `--port: ${String(port)} is taken on this machine; name another one, or 0 for any that is free.`,
    );
  }
}
