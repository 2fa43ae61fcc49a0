import type { Summary } from '../../infra/laptop/report/summary.ts';
import { startHttpServer, type SeenRequest, type TestHttpServer } from './http-server.ts';
import { launch, start, temporaryData } from './start-command.ts';
import { pageOf } from './sync-world.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly afterMs?: number;
}

/** A Mobaro of the test's own, a data folder, and the commands of a user on both. */
export interface Laptop {
  /** Undefined is a page of `rows`. */
  answer: (request: SeenRequest, offset: number) => Answer | undefined;
  /** When each request came. */
  asked: { readonly path: string; readonly offset: number; readonly at: number }[];
  rows: number;
  /** `npm start -- --json` to its end. */
  run(streams: readonly string[], key?: string): ReturnType<typeof start>;
  /** `npm start`, which is left running. */
  launch(streams: readonly string[], ...options: readonly string[]): ReturnType<typeof launch>;
  /** What `npx pagekeeper` prints; it throws unless that ends well. */
  pagekeeper(...args: readonly string[]): Promise<string>;
  storedIds(stream: string): Promise<string[]>;
  allRows(): string[];
  remove(): Promise<void>;
}

export async function laptop(): Promise<Laptop> {
  const data = await temporaryData();
  const server: TestHttpServer = await startHttpServer((request, response) => {
    const url = new URL(request.url, server.origin);
    const offset = Number(url.searchParams.get('Offset'));
    here.asked.push({ path: url.pathname.replace('/api/customers', ''), offset, at: Date.now() });
    const ordinary = pageOf(here.rows, offset, Math.min(20, Number(url.searchParams.get('Limit'))));
    const {
      status,
      headers,
      body,
      afterMs = 0,
    } = here.answer(request, offset) ?? { ...ordinary, status: 200 };
    setTimeout(() => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    }, afterMs);
  });
  const argumentsFor = (streams: readonly string[]): string[] => {
    const base = `mobaro=${server.origin}/api/customers`;
    return ['--data', data.path, '--base-url', base, ...streams.flatMap((stream) => ['--stream', stream])];
  };
  const here: Laptop = {
    answer: () => undefined,
    asked: [],
    rows: 100,
    run: (streams, key = 'made-up-key') => start(argumentsFor(streams), { MOBARO_API_KEY: key }),
    launch: (streams, ...options) =>
      launch('infra/start.ts', [...options, ...argumentsFor(streams)], { MOBARO_API_KEY: 'made-up-key' }),
    pagekeeper: async (...args) => {
      const ended = await launch('infra/cli.ts', [...args, '--data', data.path]).finished;
      if (ended.status !== 0 || ended.stderr !== '') throw new Error(JSON.stringify(ended));
      return ended.stdout;
    },
    storedIds: async (stream) => {
      const lines = (await here.pagekeeper('records', stream)).split('\n').filter((line) => line !== '');
      return lines.map((line) => (JSON.parse(line) as { id: string }).id);
    },
    allRows: () => Array.from({ length: here.rows }, (_, row) => `row-${row}`).sort(),
    remove: async () => {
      await server.stop();
      await data.remove();
    },
  };
  return here;
}

export function of(summary: Summary, stream: string): Summary['streams'][number] {
  const found = summary.streams.find((candidate) => candidate.stream === stream);
  if (found === undefined) throw new Error(`No ${stream} in ${JSON.stringify(summary.streams)}`);
  return found;
}

/** The names of the alarms that are in ALARM. */
export function ringing(summary: Summary): string[] {
  return summary.alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
}

/** The subjects of what people were sent. */
export function toldPeople({ notifications }: Summary): string[] {
  return notifications.filter(({ listeners }) => listeners === 'people').map(({ subject }) => subject);
}
