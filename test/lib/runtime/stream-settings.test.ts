import { describe, expect, it } from 'vitest';

import { connectors } from '../../../lib/connectors/registry.ts';
import { fieldsOf, streamSettingsOf, type StreamChoice } from '../../../lib/runtime/stream-settings.ts';
import { streamDefaults } from '../../../lib/sync/settings.ts';

const definition = connectors['bob']!.streams['people']!;
const defaults = streamDefaults(definition);

describe('what the engine goes by', () => {
  it('is the default where nothing is chosen', () => {
    expect(streamSettingsOf(definition, {})).toEqual(defaults);
  });

  it('is what was chosen', () => {
    const same = {
      ...{ pageSize: 20, continuation: 'nextTick' as const, attemptCap: 3, pageBudget: 500 },
      ...{ timeBudgetHours: 12 },
      ...{ tombstoneRetentionDays: 365, orderBy: 'createdAt:asc', batchOver: 0 },
    };
    expect(
      streamSettingsOf(definition, {
        ...same,
        deletionGuard: { rows: 0, percent: 100 },
        params: { table: 'one', ids: ['a', 'b'] },
        fields: { ask: ['root.id'], omit: ['home'], mask: ['/position/reason'] },
        historyFrom: '2024-02-29',
        reconcile: 'rate(2 days)',
      }),
    ).toEqual({
      ...same,
      deletionGuard: { rows: 0, percent: 100 },
      // What is one text goes into the definition.
      params: { ids: ['a', 'b'] },
      ...{ fields: ['root.id'], omit: ['home'], mask: ['/position/reason'] },
      historyFrom: Date.UTC(2024, 1, 29),
      reconcileMs: 2 * 86_400_000,
    });
  });

  it.each<[StreamChoice['deletionGuard'], object]>([
    [{ rows: 3 }, { rows: 3, percent: 10 }],
    [{ percent: 3 }, { rows: 10, percent: 3 }],
    [{}, { rows: 10, percent: 10 }],
  ])('is of a deletion guard %j the default where it says nothing', (deletionGuard, guard) => {
    expect(streamSettingsOf(definition, { deletionGuard }).deletionGuard).toEqual(guard);
  });

  it('takes a list of fields for what to request', () => {
    expect(fieldsOf({ fields: ['root.id'] })).toEqual({ ask: ['root.id'] });
    expect(fieldsOf({})).toEqual({});
    expect(streamSettingsOf(definition, { fields: { omit: ['home'] } }).fields).toEqual(defaults.fields);
  });
});
