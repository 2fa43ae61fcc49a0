import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeAnswers, encodeAnswers } from '../../../lib/aws/answers-text.ts';
import { answered, isThrottled, type AnswersOfHour } from '../../../lib/sync/answers.ts';

const hourMs = 3600_000;
const noon = Date.parse('2026-03-01T12:00:00Z');

/** So many answers in the hour that begins then, and how many of them said "later". */
function hour(from: number, all: number, later: number): AnswersOfHour {
  return { from, all, later };
}

describe('the answers of a stream', () => {
  it('are counted by the hour, of the last three hours alone', () => {
    let answers: readonly AnswersOfHour[] = [];
    for (const [at, isLater] of [
      [noon, true],
      [noon + hourMs - 1, false],
      [noon + hourMs, false],
      [noon + 3 * hourMs, true],
    ] as const) {
      answers = answered(answers, isLater, at);
    }
    expect(answers).toEqual([hour(noon + hourMs, 1, 0), hour(noon + 3 * hourMs, 1, 1)]);
  });

  it('come back from their text as they were, whatever happened', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: noon, max: noon + 9 * hourMs }), fc.boolean())),
        (events) => {
          const answers = events.reduce<readonly AnswersOfHour[]>(
            (counted, [at, isLater]) => answered(counted, isLater, at),
            [],
          );
          expect(decodeAnswers(encodeAnswers(answers))).toEqual(answers);
        },
      ),
    );
    expect(decodeAnswers('not ours')).toEqual([]);
    expect(decodeAnswers('[[1,2]]')).toEqual([]);
  });
});

describe('a connection is throttled', () => {
  it.each<[string, AnswersOfHour[][], boolean]>([
    ['in two of three hours', [[hour(noon - 2 * hourMs, 20, 11), hour(noon, 20, 11)]], true],
    ['in one of three hours', [[hour(noon - hourMs, 40, 40)]], false],
    ['in half of the answers', [[hour(noon - hourMs, 20, 10), hour(noon, 20, 10)]], false],
    ['in too few answers', [[hour(noon - hourMs, 19, 19), hour(noon, 19, 19)]], false],
    ['four hours ago', [[hour(noon - 4 * hourMs, 20, 20), hour(noon - 3 * hourMs, 20, 20)]], false],
    [
      'in the sum of its streams',
      [
        [hour(noon - hourMs, 10, 6), hour(noon, 10, 6)],
        [hour(noon - hourMs, 10, 5), hour(noon, 10, 5)],
      ],
      true,
    ],
  ])('%s: %#', (_, streams, expected) => {
    expect(isThrottled(streams, noon + 60_000)).toBe(expected);
  });
});
