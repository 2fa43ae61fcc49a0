import { describe, expect, it } from 'vitest';
import { buildRequest } from '../../../../lib/connectors/build-request.ts';
import { connectors } from '../../../../lib/connectors/registry.ts';
import type { Row } from '../../../../lib/connectors/read-page.ts';
import { KyVendor } from '../../../../lib/http/ky-vendor.ts';
import type { PagePosition } from '../../../../lib/paging/position.ts';
import { newCheckpoint } from '../../../../lib/sync/checkpoint.ts';
import { readAnswer } from '../../../../lib/sync/read-answer.ts';
import { walk } from '../../../../lib/sync/walk.ts';
import type { Work } from '../../../../lib/sync/work.ts';
import { FakeSeenRows } from '../../../support/fakes/fake-seen-rows.ts';
import { streamNamed } from '../../../support/streams.ts';
import { isSimulated } from '../../../../infra/local/vendors/start-simulated-vendor.ts';
import { startForTest } from './vendor-client.ts';

const streams = Object.entries(connectors).flatMap(([name, connector]) =>
  Object.keys(connector.streams).map((stream) => ({ name, connector, stream })),
);

describe('what the connectors make of the simulated vendors', () => {
  it.each(streams)('reads $name/$stream to its end, every row once', async ({ name, connector, stream }) => {
    const definition = connector.streams[stream];
    if (!definition || !isSimulated(name)) throw new Error('no such stream');
    const { vendor } = await startForTest(name);
    const ky = new KyVendor({ timeoutMs: 5_000, clock: Date });
    const ofStream = streamNamed(`${name}/${stream}`);
    const { pageSize, fields, orderBy } = ofStream.settings;
    const work = { stream: ofStream, deps: { seenRows: new FakeSeenRows() } } as unknown as Work;
    const common = {
      baseUrl: vendor.url,
      connector,
      definition,
      pageSize,
      fields,
      orderBy,
      secret: vendor.secret,
    };
    const rows: Row[] = [];
    let position: PagePosition | null = null;
    for (;;) {
      const answer = await ky.call(buildRequest({ ...common, position }), new AbortController().signal);
      const reading = readAnswer(definition, answer, position, []);
      if (reading.kind !== 'page') throw new Error(`not a page: ${JSON.stringify(reading)}`);
      expect(reading.page.partial).toBeNull();
      const held = { ...newCheckpoint(ofStream.name), run: 'run-1', position };
      const { step, fresh } = await walk(reading.page, held, work);
      rows.push(...fresh);
      if (step.kind !== 'more') break;
      position = step.position;
    }
    expect(rows.map(({ id }) => id)).toEqual(vendor.externalIds[stream]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });
});
