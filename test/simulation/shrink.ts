import type { Fault } from './faults.ts';
import { hasParents, type ConnectionPlan, type Scenario, type StreamPlan } from './scenario.ts';

/**
 * The smallest scenario found that still goes wrong: faults dropped, then streams, then rows, then what goes wrong with the change log and with telling.
 * @param goesWrong in the same way @param most tries, for the patience of people
 */
export async function shrink(
  scenario: Scenario,
  goesWrong: (candidate: Scenario) => Promise<boolean>,
  most = 1500,
): Promise<Scenario> {
  let best = scenario;
  let tries = 0;
  const tryWith = async (candidate: Scenario): Promise<boolean> => {
    if (tries >= most) return false;
    tries += 1;
    if (!(await goesWrong(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let before: Scenario | null = null; before !== best && tries < most;) {
    before = best;
    // Halves first: most faults have nothing to do with it.
    for (let size = Math.ceil(best.faults.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let start = 0; start < best.faults.length;) {
        const faults = [...best.faults.slice(0, start), ...best.faults.slice(start + size)];
        if (!(await tryWith({ ...best, faults }))) start += size;
      }
    }
    for (const change of simpler(best)) {
      const candidate = change(best);
      if (JSON.stringify(candidate) !== JSON.stringify(best)) await tryWith(candidate);
    }
  }
  return best;
}

type Change = (scenario: Scenario) => Scenario;

function simpler({ connections, faults, telling }: Scenario): Change[] {
  const streams = connections.flatMap((connection) => connection.streams.map(({ name }) => name));
  return [
    ...streams.map((name) => without(name)),
    ...streams.flatMap((name) => [
      withStream(name, (stream) => ({ ...stream, rows: Math.ceil(stream.rows / 2) })),
      withStream(name, (stream) => ({ ...stream, rows: Math.max(1, stream.rows - 1) })),
      withStream(name, (stream) => ({ ...stream, cap: 100 })),
      withStream(name, (stream) => ({ ...stream, manner: { kind: 'plain' } })),
      withStream(name, (stream) => ({ ...stream, deadCursor: 400 })),
      withStream(name, (stream) => ({ ...stream, continuation: 'queue' })),
    ]),
    ...connections.map(({ group }) => withoutLimits(group)),
    ...faults.map((fault) => sooner(fault)),
    withPublishing({ trouble: 0 }),
    withPublishing({ splits: [] }),
    withPublishing({ shards: 1 }),
    withPublishing({ outage: { at: 0, until: 0 }, lostMs: null }),
    withPublishing({ snapshots: null, lostMs: null }),
    withPublishing({ events: null }),
    withTelling({ trouble: 0 }),
    withTelling({ mutes: [] }),
    ...telling.windows.map((window) =>
      withTelling({ windows: telling.windows.filter((other) => other !== window) }),
    ),
  ];
}

function without(name: string): Change {
  return (scenario) => {
    const connections = scenario.connections
      .map((connection) => ({
        ...connection,
        streams: connection.streams.filter(
          (stream) => stream.name !== name && !(name.endsWith('/people') && hasParents(stream.name)),
        ),
      }))
      .filter(({ streams }) => streams.length > 0);
    const names = new Set(connections.flatMap((connection) => [connection.name, connection.group]));
    const faults = scenario.faults.filter((fault) => {
      const target = 'target' in fault ? fault.target : 'stream' in fault ? fault.stream : null;
      return target === null || (target !== name && names.has(target.split('/')[0] ?? ''));
    });
    return connections.length === 0 ? scenario : { ...scenario, connections, faults };
  };
}

function withStream(name: string, change: (stream: StreamPlan) => StreamPlan): Change {
  const changed = (connection: ConnectionPlan): ConnectionPlan => ({
    ...connection,
    streams: connection.streams.map((stream) => (stream.name === name ? change(stream) : stream)),
  });
  return (scenario) => ({ ...scenario, connections: scenario.connections.map(changed) });
}

function withoutLimits(group: string): Change {
  return (scenario) => ({
    ...scenario,
    connections: scenario.connections.map((connection) =>
      connection.group === group ? { ...connection, limits: null } : connection,
    ),
  });
}

function withPublishing(change: Partial<Scenario['publishing']>): Change {
  return (scenario) => ({ ...scenario, publishing: { ...scenario.publishing, ...change } });
}

function withTelling(change: Partial<Scenario['telling']>): Change {
  return (scenario) => ({ ...scenario, telling: { ...scenario.telling, ...change } });
}

/** A window that is half as long. */
function sooner(fault: Fault): Change {
  return (scenario) => ({
    ...scenario,
    faults: scenario.faults.map((other) =>
      other === fault && 'until' in other
        ? { ...other, until: Math.ceil((other.at + other.until) / 2) }
        : other,
    ),
  });
}
