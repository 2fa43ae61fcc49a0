import * as z from 'zod';

import type { AnswersOfHour } from '../sync/answers.ts';

const hourMs = 3600_000;

/** Answers by the hour as one text, as a history is: DynamoDB bills every write of an item by its size. */
export function encodeAnswers(answers: readonly AnswersOfHour[]): string {
  return JSON.stringify(answers.map(({ from, all, later }) => [from / hourMs, all, later]));
}

const hours = z.array(
  z
    .tuple([z.number(), z.number(), z.number()])
    .transform(([hour, all, later]): AnswersOfHour => ({ from: hour * hourMs, all, later })),
);

/** What cannot be read is none: the next hours are counted anew. */
export function decodeAnswers(text: string): readonly AnswersOfHour[] {
  try {
    return hours.parse(JSON.parse(text));
  } catch {
    return [];
  }
}
