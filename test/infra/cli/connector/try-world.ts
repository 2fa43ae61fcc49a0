import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Connector, StreamDefinition } from '../../../../lib/connectors/connector.ts';
import { pagekeeper } from '../../../../infra/cli/program.ts';
import type { Ask } from '../../../../infra/terminal/ask.ts';
import type { AskHidden } from '../../../../infra/terminal/ask-hidden.ts';
import { UsageError } from '../../../../infra/terminal/usage-error.ts';
import { fakeOutput } from '../../../support/fake-output.ts';
import { startHttpServer, type Handler, type TestHttpServer } from '../../../support/http-server.ts';

export const users: StreamDefinition = {
  about: 'a user',
  method: 'GET',
  path: '/users',
  items: { path: ['items'] },
  id: [[['id']]],
  paging: {
    kind: 'offset',
    limit: 'limit',
    offset: 'offset',
    total: ['total'],
    pageSize: { default: 20, max: 100 },
  },
  grade: 'unverified',
};

export const acme: Connector = {
  name: 'acme',
  title: 'Acme',
  baseUrl: 'https://api.acme.example/v1',
  authentication: { kind: 'header', header: 'X-Key', field: 'apiKey' },
  limitScope: 'account',
  limitsPerMinute: {},
  timeoutSeconds: 30,
  streams: { users },
};

export const key = 'made-up-and-secret';

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  /** Of a usage error. */
  readonly stderr: string;
}

/** A vendor on this machine, and the command that tries a connector on it. */
export class TryWorld {
  readonly folder: string;
  readonly server: TestHttpServer;

  private constructor(folder: string, server: TestHttpServer) {
    this.folder = folder;
    this.server = server;
  }

  static async start(): Promise<TryWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
    return new TryWorld(folder, await startHttpServer());
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await rm(this.folder, { recursive: true });
  }

  /** How the vendor answers, and that it has been asked nothing yet. */
  handle(handler: Handler): void {
    this.server.requests.length = 0;
    this.server.handle(handler);
  }

  /** The vendor gives these answers, one after the other, and the last one for ever. */
  answers(...bodies: readonly unknown[]): void {
    this.handle((_, response) => {
      const body = bodies[Math.min(this.server.requests.length, bodies.length) - 1];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }

  /** A list that is paged by offset. */
  gives(rows: readonly unknown[], total: number | null = rows.length): void {
    this.handle(({ url }, response) => {
      const { searchParams } = new URL(url, 'http://vendor');
      const [offset, limit] = [Number(searchParams.get('offset')), Number(searchParams.get('limit'))];
      const items = rows.slice(offset, offset + limit);
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ items, ...(total !== null && { total }) }));
    });
  }

  /** Each under a name of its own, for a module is loaded once. */
  async file(connector: unknown = acme): Promise<string> {
    const file = join(this.folder, `connector-${String(Math.random()).slice(2)}.ts`);
    await writeFile(file, `export const connector = ${JSON.stringify(connector)};\n`);
    return file;
  }

  /** `connector try FILE users`, on the server. */
  async try(options: readonly string[] = [], connector: unknown = acme, stream = 'users'): Promise<Ended> {
    const file = await this.file(connector);
    return this.run(['try', file, stream, '--base-url', this.server.origin, ...options]);
  }

  async run(
    argv: readonly string[],
    variables: Readonly<Record<string, string>> = { ACME_API_KEY: key },
    terminal: { readonly ask?: Ask; readonly askHidden?: AskHidden } = {},
  ): Promise<Ended> {
    const out = fakeOutput();
    try {
      const status = await pagekeeper(['connector', ...argv], out, variables, null, terminal);
      return { status, stdout: String(out.read() ?? ''), stderr: '' };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { status: 2, stdout: '', stderr: error.message };
    }
  }
}
