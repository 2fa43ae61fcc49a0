import { describe, expect, it } from 'vitest';
import { buildRequest } from '../../../../lib/connectors/build-request.ts';
import { connectors } from '../../../../lib/connectors/registry.ts';
import type { Row } from '../../../../lib/connectors/read-page.ts';
import { KyVendor } from '../../../../lib/http/ky-vendor.ts';
import { nextPage } from '../../../../lib/paging/next-page.ts';
import type { Position } from '../../../../lib/paging/position.ts';
import { readAnswer } from '../../../../lib/sync/read-answer.ts';
import { streamDefaults } from '../../../../lib/sync/settings.ts';
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
    const { pageSize, fields } = streamDefaults(definition);
    const common = { baseUrl: vendor.url, connector, definition, pageSize, fields, secret: vendor.secret };
    const rows: Row[] = [];
    let position: Position | null = null;
    for (;;) {
      const answer = await ky.call(buildRequest({ ...common, position }), new AbortController().signal);
      const reading = readAnswer(definition, answer);
      if (reading.kind !== 'page') throw new Error(`not a page: ${JSON.stringify(reading)}`);
      expect(reading.page.partial).toBeNull();
      rows.push(...reading.page.rows);
      const { entries, total, cursor } = reading.page;
      const next = nextPage(definition.paging, position, { rows: entries, total, cursor });
      if (next.kind !== 'more') break;
      position = next.position;
    }
    expect(rows.map(({ id }) => id)).toEqual(vendor.externalIds[stream]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });
});
