import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import type { Connector } from '../../lib/connectors/connector.ts';
import { close, listen } from '../loopback/listen.ts';
import { namesThisMachine } from '../loopback/names-this-machine.ts';
import { answerWith } from './frame/exchange.ts';
import type { FaultPlan } from './frame/fault-plan.ts';
import type { Simulator } from './frame/simulator.ts';
import { createRequestLog, type RequestLogEntry } from './frame/request-log.ts';
import { hasOwnSimulator, simulatorOf, simulators } from './registry.ts';

export interface SimulatedVendorOptions {
  /** Makes the data and the credentials; 1 unless given. The same seed makes the same ones. */
  readonly seed?: number;
  /** The credentials to accept, by the names they have in the connection's secret, instead of the seed's. */
  readonly secret?: Readonly<Record<string, string>>;
  /** How many rows, by stream (`users`, `positions`); of Bob's streams that belong to people as `people` have it. */
  readonly sizes?: Readonly<Partial<Record<string, number>>>;
  /** Requests allowed in a minute: of Mobaro's `account`, of each of Bob's paths (`/people/search`). */
  readonly limitsPerMinute?: Readonly<Partial<Record<string, number>>>;
  /** What Bob's invented company has bought of `bobModules`; nothing unless given. */
  readonly modules?: readonly string[] | 'all';
  /** What goes wrong; the demonstration's plan unless given, `[]` for nothing. */
  readonly faults?: FaultPlan;
  /** Epoch milliseconds, for limits, dates and the log. */
  readonly clock?: () => number;
  /** Called with each request once it is answered or its connection gone. */
  readonly log?: (entry: RequestLogEntry) => void;
}

export interface SimulatedVendor {
  /** Base URL: `http://127.0.0.1:PORT/api/customers`. */
  readonly url: string;
  /** The credentials accepted now, by the names they have in the connection's secret. */
  readonly secret: Readonly<Record<string, string>>;
  /** From now on these credentials are accepted, and no others. */
  accept(secret: Readonly<Record<string, string>>): void;
  /** From now on this goes wrong. The counts of requests go on. */
  inflict(faults: FaultPlan): void;
  /** By stream: the external ids of all that the vendor holds; of what it shows by time, of the default history up to now. */
  readonly externalIds: Readonly<Record<string, readonly string[]>>;
  /** All requests since the start, in the order of their arrival. */
  readonly requests: readonly RequestLogEntry[];
  /** Ends what is under way, too. */
  close(): Promise<void>;
}

/**
 * Starts one vendor on a free port of this machine alone.
 *
 * @param connector the name of one that has its own simulator; or any, which is else simulated from its definition
 * @throws Error if the connector is not simulated
 */
export async function startSimulatedVendor(
  connector: string | Connector,
  options: SimulatedVendorOptions = {},
): Promise<SimulatedVendor> {
  const { seed = 1, sizes = {}, limitsPerMinute = {}, modules = [], clock = Date.now } = options;
  const simulator = typeof connector === 'string' ? ownSimulator(connector) : simulatorOf(connector);
  if (simulator === null) {
    const name = typeof connector === 'string' ? connector : connector.name;
    throw new Error(`There is no simulator of ${name}.`);
  }
  const vendor = simulator.create({ seed, sizes, limitsPerMinute, modules, clock });
  const log = createRequestLog(clock, options.log);
  const closing = new AbortController();
  let accepted = options.secret ?? vendor.secret;
  let faults = options.faults ?? simulator.demoFaults;

  const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (isFromElsewhere(incoming)) {
      outgoing.writeHead(403, { connection: 'close' }).end();
      return;
    }
    const state = { vendor, log, clock, accepted: () => accepted, faults: () => faults };
    void answerWith(state, incoming, outgoing, closing.signal);
  });
  const origin = await listen(server);

  return {
    url: `${origin}${vendor.basePath}`,
    get secret() {
      return accepted;
    },
    accept(secret) {
      accepted = secret;
    },
    inflict(plan) {
      faults = plan;
    },
    externalIds: vendor.externalIds,
    requests: log.entries,
    async close() {
      closing.abort();
      if (server.listening) await close(server);
    },
  };
}

function ownSimulator(name: string): Simulator | null {
  return hasOwnSimulator(name) ? (simulators[name] ?? null) : null;
}

/**
 * A web page, which must not count as requests of ours; what is typed into a browser or told to `curl` may come. Node's own
 * `fetch` says `sec-fetch-mode`, and no `sec-fetch-site`.
 */
function isFromElsewhere(incoming: IncomingMessage): boolean {
  const { origin, 'sec-fetch-site': site = 'none' } = incoming.headers;
  return origin !== undefined || site !== 'none' || !namesThisMachine(incoming);
}
