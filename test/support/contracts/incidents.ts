import { beforeEach, describe, expect, it } from 'vitest';

import { noIncidents, type Incidents } from '../../../lib/on-call/incident.ts';
import type { IncidentStore } from '../../../lib/on-call/ports.ts';

export function describeIncidents(name: string, makeAdapter: () => IncidentStore): void {
  describe(`${name} keeps the contract of IncidentStore`, () => {
    let incidents: IncidentStore;
    let connection = '';
    let round = 0;

    beforeEach(() => {
      connection = `contract-${++round}`;
      incidents = makeAdapter();
    });

    it('has no incident of a connection of which none was stored', async () => {
      expect(await incidents.read(connection)).toEqual(noIncidents(connection));
    });

    it('gives back what was stored, one revision higher', async () => {
      const full: Incidents = {
        connection,
        revision: 0,
        sendingUntil: 1_772_366_400_000,
        noticed: true,
        open: [
          {
            kind: 'missing',
            ...{ since: 1_772_366_300_000, seenAt: 1_772_366_300_500 },
            streams: {
              'mobaro/users': { since: 1_772_366_300_000, left: null },
              'mobaro/ridés': { since: 1_772_366_310_000, left: { how: 'taken out', at: 1_772_366_320_000 } },
            },
            pageSince: 1_772_366_300_000,
            told: { at: 1_772_366_360_000, severity: 'page', streams: ['mobaro/users'] },
            mayBeTold: null,
          },
          {
            ...{ kind: 'held', since: 5, seenAt: 6, pageSince: null, told: null, mayBeTold: 'ticket' },
            streams: { 'mobaro/users': { since: 5, left: null } },
          },
        ],
      };
      expect(await incidents.replace(full)).toEqual({ ...full, revision: 1 });
      expect(await incidents.read(connection)).toEqual({ ...full, revision: 1 });
      const none = { ...noIncidents(connection), revision: 1 };
      expect(await incidents.replace(none)).toEqual({ ...none, revision: 2 });
    });

    it('lets one of many win', async () => {
      const won = await Promise.all(
        Array.from({ length: 8 }, () => incidents.replace(noIncidents(connection))),
      );
      expect(won.filter((one) => one !== undefined)).toHaveLength(1);
      expect(await incidents.replace(noIncidents(connection))).toBeUndefined();
    });
  });
}
