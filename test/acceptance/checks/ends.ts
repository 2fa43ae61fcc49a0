import { resumeStream } from '../../../lib/operations/resume.ts';
import type { JsonPath, StreamDefinition } from '../../../lib/connectors/connector.ts';
import { namesItsRows } from '../../../lib/connectors/announced-more.ts';
import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { at } from '../../../lib/connectors/json.ts';
import { put } from '../../../infra/simulators/model/write-answer.ts';
import { smallPage, type Bench } from '../bench.ts';
import { cursorInUrl } from '../../../infra/simulators/model/read-request.ts';
import { demand, demandAllStored, demandOutcome, isProved, type Check, type Subject } from '../check.ts';

type Body = Record<string, unknown>;

/** Rows of one list: the last of its pages is full, so that nothing but the vendor says that it is the last. */
const wholePages = { rows: smallPage * 3, oneList: true, behaviour: { says: 'nothing' } } as const;

/** The usual answer with something else in its body. */
function altered(answer: FakeAnswer, change: (body: Body) => void): FakeAnswer {
  if (!('body' in answer) || typeof answer.body !== 'string') return answer;
  const body: unknown = JSON.parse(answer.body);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return answer;
  change(body as Body);
  return { ...answer, body: JSON.stringify(body) };
}

async function demandNothingDeleted(bench: Bench, when: string): Promise<void> {
  const { deleted } = await bench.stored();
  demand(deleted.size === 0, `${when}: ${deleted.size} records were deleted`);
}

async function demandNothingLost(bench: Bench, when: string): Promise<void> {
  const { live } = await bench.stored();
  const lost = [...bench.model.expected.keys()].filter((id) => !live.has(id));
  demand(lost.length === 0, `${when}: ${lost.length} rows are not stored, as ${lost[0]}`);
}

/** No page of it is taken for the last one because it is short. */
function isByRows({ paging }: StreamDefinition): boolean {
  return (paging.kind === 'offset' || paging.kind === 'page') && paging.short === undefined;
}

function hasOffset({ paging }: StreamDefinition): boolean {
  return paging.kind === 'offset';
}

function hasCursor({ paging }: StreamDefinition): boolean {
  return paging.kind === 'cursor' || paging.kind === 'link';
}

function totalOf({ paging }: StreamDefinition): JsonPath | undefined {
  return 'total' in paging ? paging.total : undefined;
}

/** The rows are at a place of their own in the answer: there is room for more beside them. */
function hasRoom({ items }: StreamDefinition): boolean {
  return items.path.length > 0 && !namesItsRows(items);
}

/** How an answer that should hold everything says that it does not. */
const incomplete: readonly {
  readonly name: string;
  readonly needsRoom: boolean;
  readonly say: (answer: FakeAnswer) => FakeAnswer;
}[] = [
  { name: '206', needsRoom: false, say: (answer) => ({ ...answer, status: 206 }) },
  {
    name: '206 with a range',
    needsRoom: false,
    say: (answer) => ({ ...answer, status: 206, headers: range(answer) }),
  },
  { name: 'a range alone', needsRoom: false, say: (answer) => ({ ...answer, headers: range(answer) }) },
  {
    name: 'has_more',
    needsRoom: true,
    say: (answer) => altered(answer, (body) => void (body['has_more'] = true)),
  },
  {
    name: 'next_cursor',
    needsRoom: true,
    say: (answer) => altered(answer, (body) => void (body['next_cursor'] = 'c2')),
  },
  {
    name: 'next',
    needsRoom: true,
    say: (answer) => altered(answer, (body) => void (body['next'] = 'https://vendor.example/list?page=2')),
  },
  {
    name: 'a total above what came',
    needsRoom: true,
    say: (answer) => altered(answer, (body) => void (body['total'] = 999)),
  },
];

function range(answer: FakeAnswer): Record<string, string> {
  const headers = 'headers' in answer ? answer.headers : {};
  return { ...headers, 'content-range': 'items 0-1/999' };
}

/** A second run of which the first answer with rows is cut short in one of these ways. */
async function isCutShort(subject: Subject, { name, say }: (typeof incomplete)[number]): Promise<void> {
  const bench = await subject.bench();
  demandOutcome(await bench.run(), 'complete');
  const { rows } = bench.model;
  bench.model.interrupt = (question) => {
    if (question.kind === 'start') return undefined;
    bench.model.rows = rows.slice(0, Math.ceil(rows.length / 2));
    const answer = say(bench.model.respond(question));
    bench.model.rows = rows;
    return answer;
  };
  const cut = await bench.run();
  demandOutcome(cut, 'partial');
  demand(cut.reason !== null, `${name}: no reason says why`);
  await demandNothingDeleted(bench, name);
  bench.model.interrupt = () => undefined;
  demandOutcome(await bench.run(), 'complete');
  await demandAllStored(bench);
}

/** Totals that are none. @param given rows in the page */
const wrongTotals: Readonly<Record<string, (total: number, given: number) => number>> = {
  'that stops at a cap': (total) => Math.min(total, smallPage * 2),
  'that stops before a full page': (total) => Math.min(total, smallPage),
  'that counts the page': (_, given) => given,
};

async function countsWrongly(subject: Subject, name: string): Promise<number> {
  const { paging, items } = subject.definition;
  if (paging.kind !== 'offset' && paging.kind !== 'page') return 0;
  const path = paging.total ?? [];
  const bench = await subject.bench(wholePages);
  bench.model.interrupt = (question) =>
    altered(bench.model.respond(question), (body) => {
      const given = at(body, items.path);
      const total = wrongTotals[name]?.(Number(at(body, path)), Array.isArray(given) ? given.length : 0) ?? 0;
      put(body, path, total);
    });
  demandOutcome(await bench.run(), 'complete');
  await demandNothingLost(bench, `a total ${name}`);
  const when = bench.model.rows.at(-1)?.at ?? 0;
  bench.model.rows.push(bench.row(1000, when), bench.row(1001, when));
  demandOutcome(await bench.run(), 'complete');
  await demandNothingLost(bench, `a total ${name}, and two rows more`);
  await demandNothingDeleted(bench, `a total ${name}`);
  return bench.model.questions.length;
}

/** A vendor that refuses offsets from `deep` on, or (null) behind all rows, and says no total. */
async function refuses(
  subject: Subject,
  status: number,
  {
    rows,
    deep,
    outcome,
  }: { readonly rows: number; readonly deep: number | null; readonly outcome: 'complete' | 'partial' },
): Promise<void> {
  const bench = await subject.bench({ rows, oneList: true, behaviour: { total: 'absent', says: 'nothing' } });
  bench.model.interrupt = ({ offset }) =>
    (offset ?? 0) >= (deep ?? bench.model.rows.length)
      ? { status, body: '{"message":"invalid offset"}' }
      : undefined;
  const when = `${status} from offset ${deep ?? rows} on, of ${rows} rows`;
  const checkpoint = await bench.run();
  demandOutcome(checkpoint, outcome);
  if (outcome === 'complete') await demandNothingLost(bench, when);
  else demand(checkpoint.reason?.includes(String(status)) === true, `${when}: the reason does not say so`);
  bench.model.rows.splice(1, 1);
  demandOutcome(await bench.run(), outcome);
  await demandNothingDeleted(bench, when);
}

const offsetsOfItsOwn: Readonly<Record<string, (offset: number, limit: number) => number>> = {
  'from the last multiple of the limit': (offset, limit) => offset - (offset % limit),
  'from so many pages on': (offset, limit) => offset * limit,
};

async function movesOffset(subject: Subject, name: string): Promise<void> {
  // On smaller pages than six rows nothing is tried: the definition's own size.
  const { paging } = subject.definition;
  const size = paging.kind === 'offset' ? paging.pageSize.default : smallPage;
  const bench = await subject.bench({ rows: size * 2 + 2, oneList: true, ownFigures: true });
  bench.model.interrupt = (question) =>
    bench.model.respond({
      ...question,
      offset: offsetsOfItsOwn[name]?.(question.offset ?? 0, question.limit ?? 1) ?? 0,
    });
  const checkpoint = await bench.run();
  if (checkpoint.outcome === 'complete') await demandNothingLost(bench, name);
  else demand(/offset/i.test(checkpoint.reason ?? ''), `${name}: the reason says nothing of the offset`);
  bench.model.rows.splice(2, 1);
  await bench.run();
  await demandNothingDeleted(bench, name);
}

/** A cursor is refused once; then all of them are, for a run; then none is. */
async function refusesCursors(subject: Subject, status: number): Promise<void> {
  const refusal = { status, body: '{"error":"scroll parameter not found"}' };
  const bench = await subject.bench(wholePages);
  let left = 1;
  bench.model.interrupt = ({ cursor }) => (cursor !== null && left-- > 0 ? refusal : undefined);
  demandOutcome(await bench.run(), 'complete');
  await demandAllStored(bench);

  left = Infinity;
  const before = bench.model.questions.length;
  await bench.run();
  const asked = bench.model.questions.length - before;
  // In each part of a run at most.
  demand(asked <= 30, `${status} for every cursor: ${asked} requests`);
  await demandNothingDeleted(bench, `${status} for every cursor`);

  left = 0;
  const from = bench.model.questions.length;
  await resumeStream(bench.name, bench.world);
  demandOutcome(await bench.run(), 'complete');
  const first = bench.model.questions[from];
  demand(first?.cursor === null, `after ${status} for every cursor it goes on with one of them`);
  await demandAllStored(bench);
}

async function demandTwoWholeRuns(bench: Bench): Promise<void> {
  for (let runs = 0; runs < 2; runs += 1) {
    demandOutcome(await bench.run(), 'complete');
    await demandAllStored(bench);
  }
}

/** Its own cursor where a vendor may name it: at the second of the places for the next one. */
async function namesOwnCursor(subject: Subject): Promise<string> {
  const { paging } = subject.definition;
  const [, own = []] = paging.kind === 'cursor' ? paging.next : [];
  const bench = await subject.bench();
  bench.model.interrupt = (question) =>
    altered(bench.model.respond(question), (body) => put(body, own, question.cursor ?? 'the first page'));
  await demandTwoWholeRuns(bench);
  return own.join('.');
}

/** Each page with rows names a next one; the empty page behind them names the cursor that it was asked by. */
async function keepsItsLastCursor(subject: Subject): Promise<string> {
  const bench = await subject.bench(wholePages);
  let turns = 0;
  bench.model.interrupt = (question) => {
    if (question.cursor?.startsWith('behind') === true) {
      turns += 1;
      const { rows } = bench.model;
      bench.model.rows = [];
      const answer = bench.model.respond({ ...question, cursor: null }, question.cursor);
      bench.model.rows = rows;
      return answer;
    }
    const last = nextOf(subject, bench.model.respond(question)) === null;
    return last ? bench.model.respond(question, `behind ${question.cursor ?? ''}`) : undefined;
  };
  await demandTwoWholeRuns(bench);
  return `asked ${turns} times in two runs`;
}

function linkOf(answer: FakeAnswer): string {
  return 'headers' in answer ? (answer.headers['link'] ?? '') : '';
}

/** The cursor that an answer leads to, as the model vendor gives it. */
function nextOf(subject: Subject, answer: FakeAnswer): string | null {
  const { paging } = subject.definition;
  if (!('body' in answer) || typeof answer.body !== 'string') return null;
  if (paging.kind === 'link') {
    const written =
      paging.next === 'header'
        ? /, <([^>]*)>;REL=next/.exec(linkOf(answer))?.[1]
        : at(JSON.parse(answer.body), paging.next[0] ?? []);
    return typeof written === 'string'
      ? (URL.parse(written, 'https://vendor.example')?.searchParams.get(cursorInUrl) ?? null)
      : null;
  }
  if (paging.kind !== 'cursor') return null;
  const cursor = at(JSON.parse(answer.body), paging.next[0] ?? []);
  return typeof cursor === 'string' ? cursor : null;
}

/** The last page, full of rows that no other has, names a cursor that has been. */
async function closesACircle(subject: Subject, name: 'its own' | 'the first one'): Promise<void> {
  const bench = await subject.bench(wholePages);
  let first: string | null = null;
  bench.model.interrupt = (question) => {
    first ??= question.cursor;
    const last = nextOf(subject, bench.model.respond(question)) === null;
    const back = name === 'its own' ? question.cursor : first;
    return last ? bench.model.respond(question, back ?? undefined) : undefined;
  };
  demandOutcome(await bench.run(), 'looping');
  await demandNothingLost(bench, `a circle that ${name} closes`);
}

/** Where a list ends, and where it only seems to. */
export const endChecks: readonly Check[] = [
  {
    name: 'deletes nothing after one answer that says it is not all',
    applies: ({ paging }) => paging.kind === 'none' || paging.kind === 'file',
    run: async (subject) => {
      const ways = incomplete.filter(({ needsRoom }) => !needsRoom || hasRoom(subject.definition));
      for (const way of ways) await isCutShort(subject, way);
      return ways.map(({ name }) => name).join(', ');
    },
  },
  {
    name: 'loses no row to a total that is too low, in any run',
    applies: (definition) => isByRows(definition) && totalOf(definition) !== undefined,
    run: async (subject) => {
      const requests: number[] = [];
      for (const name of Object.keys(wrongTotals)) requests.push(await countsWrongly(subject, name));
      return `${requests.length} totals, ${requests.join(', ')} requests in two runs`;
    },
  },
  {
    name: 'takes 404 and 416 behind all rows for the end where no total is said, and deletes nothing by it',
    // Pages of a size that is chosen begin before the last row.
    applies: (definition) =>
      isByRows(definition) && !(definition.paging.kind === 'page' && isProved(definition)),
    run: async (subject) => {
      const rows = smallPage * 2 + 2;
      for (const status of [404, 416])
        await refuses(subject, status, { rows, deep: null, outcome: 'complete' });
      await refuses(subject, 400, { rows, deep: null, outcome: 'partial' });
      return '404, 416, and not 400';
    },
  },
  {
    name: 'says partial, and what the vendor says, where the vendor goes no deeper',
    applies: isByRows,
    run: async (subject) => {
      for (const status of [400, 404, 416]) {
        await refuses(subject, status, { rows: smallPage * 4, deep: smallPage + 1, outcome: 'partial' });
      }
      return '400, 404 and 416 after a full page';
    },
  },
  {
    name: 'walks a list whose offsets mean something else, or says that it cannot',
    applies: hasOffset,
    run: async (subject) => {
      const names = Object.keys(offsetsOfItsOwn);
      for (const name of names) await movesOffset(subject, name);
      return names.join(', ');
    },
  },
  {
    name: 'goes on by no cursor of its own page',
    applies: ({ paging }) => paging.kind === 'cursor' && paging.next.length > 1,
    run: namesOwnCursor,
  },
  {
    name: 'ends at an empty page that names the cursor it was asked by',
    applies: hasCursor,
    run: keepsItsLastCursor,
  },
  {
    name: 'stores the rows of the page that closes a circle',
    applies: hasCursor,
    run: async (subject) => {
      for (const name of ['its own', 'the first one'] as const) await closesACircle(subject, name);
      return 'its own cursor, and the first one';
    },
  },
  {
    name: 'begins anew, once, for a cursor that is refused, and never asks by it again',
    applies: hasCursor,
    run: async (subject) => {
      const statuses = [400, 404, 410, 422];
      for (const status of statuses) await refusesCursors(subject, status);
      return statuses.join(', ');
    },
  },
];
