/** How many requests of an hour have been answered, and how many of these with "later" (429, 503). */
export interface AnswersOfHour {
  /** When it began, epoch milliseconds. */
  readonly from: number;
  readonly all: number;
  readonly later: number;
}

const hourMs = 3600_000;
/** More than this share told to come later is too much, in so many of so many hours. */
const throttling = { share: 0.5, minAnswers: 20, hours: 2, of: 3 };

/** With one answer more; hours that nobody looks at any more are left out. @param now epoch milliseconds */
export function answered(
  answers: readonly AnswersOfHour[],
  isLater: boolean,
  now: number,
): readonly AnswersOfHour[] {
  const from = Math.floor(now / hourMs) * hourMs;
  const { all, later } = answers.find((hour) => hour.from === from) ?? { all: 0, later: 0 };
  const before = answers.filter((hour) => hour.from !== from && hour.from > from - throttling.of * hourMs);
  return [...before, { from, all: all + 1, later: isLater ? later + 1 : later }];
}

/**
 * Whether a vendor says "later" more often than it answers. By the hour, and not by every hour: the requests of a stream come in
 * bursts, by its ticks, and now and then a burst slips out of its hour.
 *
 * @param ofStreams of all streams of the connection
 */
export function isThrottled(ofStreams: readonly (readonly AnswersOfHour[])[], now: number): boolean {
  const hours = Array.from(
    { length: throttling.of },
    (_, index) => (Math.floor(now / hourMs) - index) * hourMs,
  );
  return hours.filter((from) => isBad(ofStreams, from)).length >= throttling.hours;
}

function isBad(ofStreams: readonly (readonly AnswersOfHour[])[], from: number): boolean {
  const ofHour = ofStreams.flat().filter((hour) => hour.from === from);
  const all = ofHour.reduce((sum, hour) => sum + hour.all, 0);
  const later = ofHour.reduce((sum, hour) => sum + hour.later, 0);
  return all >= throttling.minAnswers && later > throttling.share * all;
}
