import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { PageOutcome, StreamOutcome } from '../../../lib/sync/outcome.ts';
import { resumeConnection, resumeStream } from '../../../lib/operations/resume.ts';
import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { smallPage, type Bench } from '../bench.ts';
import { demand, demandAllStored, demandOutcome, type Check, type Subject } from '../check.ts';

interface Expected {
  readonly page: PageOutcome;
  /** Where it goes on like that. */
  readonly stream: StreamOutcome;
}

const retried: Expected = { page: 'deferred', stream: 'exhausted' };
const unreadable: Expected = { page: 'deferred', stream: 'malformed' };
const rejected: Expected = { page: 'rejected', stream: 'rejected' };
const unauthorized: Expected = { page: 'unauthorized', stream: 'unauthorized' };
const forbidden: Expected = { page: 'forbidden', stream: 'forbidden' };
const missing: Expected = { page: 'missing', stream: 'missing' };

const statuses: Readonly<Record<number, Expected>> = {
  400: rejected,
  401: unauthorized,
  403: forbidden,
  404: missing,
  408: retried,
  409: rejected,
  422: rejected,
  429: retried,
  500: retried,
  502: retried,
  503: retried,
  504: retried,
};

/** What no reason may repeat, though the vendor says it. */
const personal = ['testa.madeupson@example.com', '3345678901234', 'Testa Madeupson'];
const [email = '', digits = '', name = ''] = personal;

interface Shape {
  readonly name: string;
  readonly answer: FakeAnswer;
  readonly expected: Expected;
}

const json = { 'content-type': 'application/json' };
const html = { 'content-type': 'text/html; charset=utf-8' };
const page = `<!DOCTYPE html><html><body>${name}</body></html>`;

/** All bodies of errors that have been described or seen. Sources: Bob's "Error handling", and what others have published. */
const bodies: readonly Shape[] = [
  {
    name: 'key, error and args',
    answer: { status: 400, headers: json, body: { key: 'a.b', error: `bad "${name}"`, args: [email, name] } },
    expected: rejected,
  },
  {
    name: 'error, message, statusCode and timestamp',
    answer: {
      status: 403,
      headers: json,
      body: { error: 'Forbidden', message: `not for ${email}`, statusCode: 403, timestamp: '2026-01-31' },
    },
    expected: forbidden,
  },
  {
    name: 'key and error',
    answer: { status: 404, headers: json, body: { key: 'not.found', error: `employee ${digits}` } },
    expected: missing,
  },
  {
    name: 'errorMessage',
    answer: { status: 401, headers: json, body: { errorMessage: `No permissions, ${email}` } },
    expected: forbidden,
  },
  {
    name: 'errors by field',
    answer: {
      status: 400,
      headers: json,
      body: { errors: { [email]: { error: 'MISSING_MANDATORY_FIELD', message: `'${name}' of ${digits}` } } },
    },
    expected: rejected,
  },
  {
    name: 'error and errors',
    answer: { status: 400, headers: json, body: { error: 'invalid', errors: { country: name } } },
    expected: rejected,
  },
  {
    name: 'plain text',
    answer: {
      status: 400,
      body: `Missing required field: obj[0].fieldId -> Missing required filter field id; ${name}, ${email}`,
    },
    expected: rejected,
  },
  { name: 'no body', answer: { status: 401 }, expected: unauthorized },
  { name: 'a page of HTML and 404', answer: { status: 404, headers: html, body: page }, expected: missing },
  { name: 'a page of HTML and 400', answer: { status: 400, headers: html, body: page }, expected: rejected },
  { name: 'a page of HTML and 502', answer: { status: 502, headers: html, body: page }, expected: retried },
];

/** What looks like success and is none. */
const unreadables: readonly Shape[] = [
  { name: 'a page of HTML', answer: { status: 200, headers: html, body: page } },
  { name: 'HTML under another name', answer: { status: 200, headers: json, body: page } },
  { name: 'an empty body', answer: { status: 200, headers: json } },
  { name: 'half of a body', answer: { status: 200, headers: json, body: `{"name":"${name}","ite` } },
  { name: 'no list', answer: { status: 200, headers: json, body: { note: name } } },
  { name: 'nothing but null', answer: { status: 200, headers: json, body: 'null' } },
].map((shape) => ({ ...shape, expected: unreadable }));

const twoPages = { rows: smallPage + 2 };

/** The answer once, at the first page; then for as long as the cap of attempts lasts; and the vendor is well again. */
async function meets(subject: Subject, { name, answer, expected }: Shape): Promise<void> {
  const bench = await subject.bench(twoPages);
  bench.model.interrupt = () => answer;
  const report = await bench.tick();
  // One parent may have gone; that the first three are unknown says that the list is.
  const ofParents = expected === missing && subject.definition.parents !== undefined;
  const page = ofParents ? 'fetched' : expected.page;
  demand(report.outcome === page, `${name}: the page was ${report.outcome}, not ${page}`);
  const end = await bench.settle();
  const fewParents = ofParents && bench.world.vendor.requests.length < 3;
  demandOutcomeNamed(name, end, fewParents ? 'partial' : expected.stream);
  for (const { reason } of bench.world.reports) {
    const told = personal.find((text) => reason?.includes(text));
    demand(told === undefined, `${name}: the reason repeats what is personal`);
  }
  await demandRecovery(name, bench);
}

/** The answer once, in the midst of a run: what was stored stays, and the run goes through when the vendor is well. */
async function meetsOnTheWay(subject: Subject, { name, answer }: Shape): Promise<boolean> {
  const bench = await subject.bench(twoPages);
  let met = false;
  bench.model.interrupt = (_, number) => {
    if (number !== 1) return undefined;
    met = true;
    return answer;
  };
  await bench.run();
  await demandRecovery(`${name}, on the second request`, bench);
  return met;
}

function demandOutcomeNamed(name: string, checkpoint: Checkpoint, outcome: StreamOutcome): void {
  try {
    demandOutcome(checkpoint, outcome);
  } catch (error) {
    if (error instanceof Error) error.message = `${name}: ${error.message}`;
    throw error;
  }
}

async function demandRecovery(name: string, bench: Bench): Promise<void> {
  bench.model.interrupt = () => undefined;
  await resumeConnection(bench.name.split('/')[0] ?? '', [bench.name], bench.world);
  await resumeStream(bench.name, bench.world);
  // A run that has left a parent out says so at its end; the next one is whole.
  if (bench.definition.parents !== undefined) await bench.run();
  demandOutcomeNamed(`${name}, and then well again`, await bench.run(), 'complete');
  await demandAllStored(bench);
}

async function meetsAll(subject: Subject, shapes: readonly Shape[]): Promise<string> {
  for (const shape of shapes) {
    await meets(subject, shape);
    await meetsOnTheWay(subject, shape);
  }
  return `${shapes.length} answers, at the first request and at the second`;
}

/** What becomes of answers that are no page. */
export const answerChecks: readonly Check[] = [
  {
    name: 'names each status of an error as it is meant',
    run: (subject) =>
      meetsAll(
        subject,
        Object.entries(statuses).map(([status, expected]) => ({
          name: status,
          answer: { status: Number(status), headers: json, body: { error: email } },
          expected,
        })),
      ),
  },
  {
    name: 'reads each body of an error, and repeats nothing personal',
    run: (subject) => meetsAll(subject, bodies),
  },
  {
    name: 'takes nothing for a page that only looks like success',
    run: (subject) => {
      const { items } = subject.definition;
      // Any line is an entry, and no line none.
      const isTold = ({ name }: Shape): boolean =>
        items.lines !== true || (name !== 'an empty body' && name !== 'no list');
      return meetsAll(subject, unreadables.filter(isTold));
    },
  },
  {
    name: 'waits as long as the vendor says, and not a moment less',
    run: async (subject) => {
      const bench = await subject.bench();
      bench.model.interrupt = (_, number) =>
        number === 1 ? { status: 429, headers: { 'retry-after': '90' } } : undefined;
      demandOutcome(await bench.run(), 'complete');
      const [, , third] = bench.world.vendor.requests;
      const [, second] = bench.world.vendor.requests;
      if (second === undefined || third === undefined) return 'there was one request only';
      const waited = (third.at - second.at) / 1000;
      demand(waited >= 90, `it asked again after ${waited} s, not after 90 s`);
      await demandAllStored(bench);
      return `${Math.round(waited)} s for 90 s`;
    },
  },
];
