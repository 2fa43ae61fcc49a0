import { at, isObject, parseJson } from '../../../lib/connectors/json.ts';
import { idParts, type StreamDefinition } from '../../../lib/connectors/connector.ts';
import type { FakeAnswer, FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { put } from '../../../infra/simulators/model/write-answer.ts';
import type { Bench } from '../bench.ts';
import { demand, demandAllStored, demandOutcome, type Check } from '../check.ts';

/** What stands in the place of a row that cannot be read. */
const unreadable = { null: null, text: 'made-up', 'a number': 7 } as const;

/** The vendor's answers, of which each that has entries of its own, beside others, has one that cannot be read: the same each time. */
class Poisoned {
  count = 0;
  /** By the entry's text, whether it can be read. */
  readonly #readable = new Map<string, boolean>();
  readonly #bench: Bench;
  readonly #by: unknown;

  constructor(bench: Bench, by: unknown) {
    this.#bench = bench;
    this.#by = by;
  }

  readonly answer: FakeHandler = (request) => this.#poison(this.#bench.model.answer(request));

  #poison(answer: FakeAnswer): FakeAnswer {
    if (!('body' in answer) || typeof answer.body !== 'string' || answer.body === '') return answer;
    const lines = this.#bench.definition.items.lines === true;
    const whole: unknown = lines ? answer.body.trimEnd().split('\n').map(parseJson) : parseJson(answer.body);
    const write = (value: unknown): string =>
      lines && Array.isArray(value)
        ? value.map((one) => JSON.stringify(one)).join('\n')
        : JSON.stringify(value);
    for (const path of placesOf(this.#bench.definition)) {
      const list = path.length === 0 ? whole : at(whole, path);
      if (!Array.isArray(list) || list.length < 2) continue;
      const entries = this.#withOne(list);
      if (!entries.includes(this.#by)) continue;
      this.count += 1;
      if (path.length === 0 || !isObject(whole)) return { ...answer, body: write(entries) };
      const body: Record<string, unknown> = { ...whole };
      put(body, path, entries);
      return { ...answer, body: write(body) };
    }
    return answer;
  }

  /** An entry that two pages have is in both what it was in the first. */
  #withOne(list: readonly unknown[]): readonly unknown[] {
    const texts = list.map((entry) => JSON.stringify(entry));
    const fresh = texts.filter((text) => !this.#readable.has(text));
    const hasOne = texts.some((text) => this.#readable.get(text) === false);
    const chosen = hasOne ? undefined : fresh[fresh.length >> 1];
    for (const text of fresh) this.#readable.set(text, text !== chosen);
    return list.map((entry, index) => (this.#readable.get(texts[index] ?? '') === false ? this.#by : entry));
  }
}

function placesOf({ items }: StreamDefinition) {
  return [items.path, ...(items.or ?? [])];
}

/** Answers of which a part cannot be read, and ids that are put into requests. */
export const poisonChecks: readonly Check[] = [
  {
    name: 'keeps the rows beside one that cannot be read, and deletes nothing for it',
    run: async (subject) => {
      let answers = 0;
      for (const [name, by] of Object.entries(unreadable)) {
        const bench = await subject.bench();
        demandOutcome(await bench.run(), 'complete');
        demandOutcome(await bench.run(), 'complete');
        const poisoned = new Poisoned(bench, by);
        bench.world.vendor.handle(poisoned.answer);
        const checkpoint = await bench.run();
        answers += poisoned.count;
        demandOutcome(checkpoint, poisoned.count > 0 ? 'partial' : 'complete');
        const { deleted } = await bench.stored();
        demand(deleted.size === 0, `${deleted.size} records were deleted for ${name} in the place of a row`);
        demand(bench.world.faults.length === 0, `${bench.world.faults[0]?.name ?? ''} for ${name}`);
        bench.world.vendor.handle(bench.model.answer);
        demandOutcome(await bench.run(), 'complete');
        await demandAllStored(bench);
      }
      return answers === 0 ? 'no answer of two rows' : `${answers} answers`;
    },
  },
  {
    name: 'puts ids of one part into requests',
    applies: ({ batches, parents }) =>
      batches !== undefined || (parents !== undefined && 'stream' in parents),
    run: async ({ definition, connector }) => {
      const { batches, parents } = definition;
      demand(
        batches === undefined || idParts(definition).length === 1,
        'a batch would name ids that are joined of several parts',
      );
      const of = parents !== undefined && 'stream' in parents ? connector.streams[parents.stream] : undefined;
      demand(
        of === undefined || idParts(of).length === 1,
        'a parent would be an id that is joined of several parts',
      );
      return of === undefined ? 'its own' : 'its parents’';
    },
  },
];
