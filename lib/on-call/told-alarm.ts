/** What people have been told of an alarm that is about no state of ours. */
export interface ToldAlarm {
  readonly name: string;
  /** Counts the writes; 0 is "not stored yet". */
  readonly revision: number;
  /** Since when they have been told that it is on, epoch milliseconds; null if they have not, or that it is over. */
  readonly onSince: number | null;
  /** When it changed last of what has been looked at, epoch milliseconds: an event of before that comes late says nothing. */
  readonly at: number;
}
