import type { Schema } from '../../lib/sync/schema.ts';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';

import { printDone, printJson, type Cli } from '../../infra/cli/commands/cli-context.ts';
import { checkText } from '../../infra/cli/commands/check.ts';
import { auditText } from '../../infra/cli/commands/print-audit.ts';
import { explanationText } from '../../infra/cli/commands/explain.ts';
import { statusText } from '../../infra/cli/commands/print-status.ts';
import { pagekeeper } from '../../infra/cli/program.ts';
import { writePieces } from '../../infra/terminal/write-all.ts';
import type { Colors } from '../../infra/terminal/colors.ts';
import { liveBlock } from '../../infra/laptop/report/live-block.ts';
import { plainLine } from '../../infra/laptop/report/plain-line.ts';
import { explainStream } from '../../lib/operations/explain.ts';
import { listRecords, type RecordFormat } from '../../lib/operations/list-records.ts';
import { newsOf } from '../../lib/operations/schema-news.ts';
import { streamStatus } from '../../lib/operations/status.ts';
import type { AuditEntry } from '../../lib/sync/audit.ts';
import { newCheckpoint, type Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { StoredRecord } from '../../lib/sync/record.ts';
import { fakeOutput } from '../support/fake-output.ts';
import { after, alarmEvent, deferral, missing, t0 } from './laptop/report/events.ts';

/** What a vendor, or somebody who may write into its fields, would like to do to a terminal. */
const hostile = 'a\u001b[2J\u001b[31mb\u009b1Ac\u202ed\u2066e\u200bf\ufeffg\u0007h\ri\u2028j';
const colors: Colors = picocolors.createColors(true);

/** Colours are ours where the text is coloured; a vendor's do not get there. */
function demandHarmless(text: string, ours: readonly string[] = []): void {
  let left = text;
  for (const code of ours) left = left.replaceAll(code, '');
  expect(left).not.toMatch(/[^\P{Cc}\n\t]|\p{Cf}|\p{Zl}/u);
  expect(left).toContain('\\u202e');
}

/** Those that picocolors writes for what these texts use; red, which the vendor wants, is looked at without colours. */
const used = [
  '\u001b[1m',
  '\u001b[2m',
  '\u001b[22m',
  '\u001b[31m',
  '\u001b[33m',
  '\u001b[32m',
  '\u001b[36m',
  '\u001b[39m',
  '\u001b[22m\u001b[2m',
];
const none = picocolors.createColors(false);

const stored: Checkpoint = {
  ...newCheckpoint('mobaro/users'),
  ...{ revision: 3, state: 'halted', outcome: 'rejected', outcomeAt: t0, reason: hostile },
  halt: { outcome: 'rejected', at: t0, definition: 'd' },
  history: [
    {
      ...{ began: t0, what: 'rejected', status: 422, reason: hostile, times: 1, at: t0, until: t0 },
      ...{ pages: 1, written: 0, deleted: 0 },
    },
  ],
};

async function written(
  work: (cli: Cli) => Promise<void>,
  terminal: { isTTY?: boolean } = {},
): Promise<string> {
  const out = fakeOutput(terminal);
  await work({ out, end: () => undefined } as unknown as Cli);
  return String(out.read());
}

/** The vendor names its fields, too. */
const change = { at: t0, run: 'r', kind: 'added', field: hostile, from: null, to: 'text' } as const;
const schema: Schema = {
  ...{ stream: 'mobaro/users', revision: 1, run: 'r', learnedAt: t0, definition: 'd', isUnsettled: false },
  ...{ fields: new Map(), changes: [change] },
};

/** So may the words of a person, which come from a shell. */
const mute = { since: t0, until: t0 + 60_000, why: hostile, by: hostile };
const muted = {
  ...mute,
  since: new Date(mute.since).toISOString(),
  until: new Date(mute.until).toISOString(),
};

describe('a hostile text of a vendor', () => {
  it.each([none, colors])('stays words in status and explain (%#)', async (of) => {
    const shown = statusText(
      {
        connections: [{ connection: 'mobaro', key: 'closed', refusedSince: null, muted }],
        streams: [streamStatus('mobaro/users', stored)],
        schemaNews: newsOf(schema, t0),
      },
      '',
      t0,
      of,
    );
    demandHarmless(shown, of === none ? [] : used);
    const explanation = await explainStream(
      'mobaro/users',
      {
        checkpoints: { read: () => Promise.resolve(stored) },
        breakers: { read: () => Promise.resolve({ state: 'closed' } as never) },
        schemas: { readAll: () => Promise.resolve(new Map([['mobaro/users', schema]])) },
        mutes: { read: () => Promise.resolve({ connection: 'mobaro', revision: 1, ...mute }) },
      },
      { now: t0, nextTick: null, where: '', takesKey: true, tick: 'its next tick' } as never,
    );
    demandHarmless(explanationText(explanation, t0, of), of === none ? [] : used);
  });

  it('stays words in what check finds and in what a command did', async () => {
    const finding = {
      target: 'x',
      verdict: 'fault',
      fault: null,
      sentence: hostile,
      asked: null,
      limit: null,
    } as const;
    demandHarmless(checkText([finding], none));
    demandHarmless(
      await written((cli) => printDone([{ target: 'x', changed: true, sentence: hostile }], false, cli)),
    );
  });

  it('stays words while streams run, drawn or line by line', () => {
    if (missing.kind !== 'report') throw new Error('no report');
    const halted = { ...missing, report: { ...missing.report, reason: hostile } };
    for (const event of [deferral({ reason: hostile }), halted]) {
      demandHarmless(plainLine(event, after(), after(event)) ?? '');
      const block = liveBlock(after(event), { startedAt: t0, now: t0 }, { columns: 400, rows: 40 }, none);
      demandHarmless(block);
    }
    const failed = { kind: 'function-failed', functionName: 'f', stream: null, reason: hostile } as never;
    demandHarmless(plainLine(failed, after(), after()) ?? '');
    expect(plainLine(alarmEvent('ALARM'), after(), after())).toBe('alarm: x missing');
  });

  it('is escaped in JSON, and is the same there', async () => {
    const text = await written((cli) => printJson(cli.out, { reason: hostile }));
    demandHarmless(text);
    expect(JSON.parse(text)).toMatchObject({ reason: hostile });
  });

  const record: StoredRecord = {
    ...{
      stream: 'mobaro/users',
      id: hostile,
      json: JSON.stringify({ name: hostile, n: 1 }).replace('1}', '1.10}'),
    },
    ...{ firstSeenAt: 'x', changedAt: 'x', deletedAt: null },
  };
  const print = (format: RecordFormat, isTTY: boolean): Promise<string> =>
    written(
      async ({ out }) => {
        const source = {
          async *scan() {
            yield record;
          },
        };
        await writePieces(out, listRecords(source, 'mobaro/users', format), format === 'csv');
      },
      { isTTY },
    );

  it.each([true, false])('is escaped in records as JSON, with every digit (terminal: %s)', async (isTTY) => {
    for (const format of ['ndjson', 'json'] as const) {
      const text = await print(format, isTTY);
      demandHarmless(text);
      const [read] = [JSON.parse(text) as unknown].flat();
      expect(read).toMatchObject({ id: hostile, data: { name: hostile } });
      expect(text).toContain('1.10');
    }
  });

  it('is escaped in a csv on a terminal, and exact in a file', async () => {
    demandHarmless((await print('csv', true)).replaceAll('\r\n', '\n'));
    expect(await print('csv', false)).toContain(`"${hostile}"`);
  });
});

describe('a hostile reason of --why', () => {
  const standing = { kind: 'connection', target: 'mobaro', key: hostile } as const;
  const entry: AuditEntry = {
    ...{ id: '1', at: '2026-03-01T12:00:00.000Z', who: hostile, command: 'pause', target: hostile },
    ...{ typed: `pause ${hostile}`, why: hostile, before: [standing] },
    end: {
      ...{ at: '2026-03-01T12:00:00.000Z', outcome: hostile, fault: hostile },
      results: [{ target: hostile, changed: true, refused: false, sentence: hostile }],
      after: [{ ...standing, key: 'closed' }],
    },
  };

  it.each([none, colors])('stays words in the audit, like all else in it (%#)', (of) => {
    const text = auditText([entry], t0, of);
    demandHarmless(text, of === none ? [] : used);
    expect(text.match(/\\u202e/g)?.length).toBeGreaterThan(5);
  });

  it('is the same in JSON', async () => {
    const text = await written((cli) => printJson(cli.out, { entries: [entry] }));
    demandHarmless(text);
    expect(JSON.parse(text)).toMatchObject({ entries: [{ why: hostile }] });
  });
});

describe('--delimiter', () => {
  const refusal = (...argv: readonly string[]): Promise<string> =>
    pagekeeper(['records', 'mobaro/users', ...argv], fakeOutput(), {}, null).then(
      () => 'taken',
      (error: unknown) => (error as Error).message,
    );

  it.each(['ab', '', '"', 'x', '1', '\n', '\\t'])(
    'is refused in one sentence where it is %j',
    async (delimiter) => {
      expect(await refusal('--format', 'csv', '--delimiter', delimiter)).toBe(
        `--delimiter takes one character, such as ; or a tab, and no quote, letter, digit or line break; it was ${JSON.stringify(delimiter)}.`,
      );
    },
  );

  it.each([[[]], [['--json']], [['--format', 'ndjson']]])('goes with a csv alone: %j', async (format) => {
    expect(await refusal(...format, '--delimiter', ';')).toBe('--delimiter goes with --format csv alone.');
  });
});
