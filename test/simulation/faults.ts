import type { Lie, Poison } from './simulated-vendor.ts';
import type { Word } from './vendor-words.ts';

/**
 * What goes wrong in a run of the simulation. All times are milliseconds from its start. A strike waits for its moment and
 * then lets `skip` calls of the ports pass; a window lasts from `at` to `until`.
 */
export type Fault = Strike | Delivery | Window | Fix | Change | Movement;

/** The member of a union whose `kind` may be this one. */
export type OfKind<Member, Kind> = Member extends { readonly kind: infer Kinds }
  ? Kind extends Kinds
    ? Member
    : never
  : never;

export const ports = [
  'checkpoints',
  'breakers',
  'outages',
  'governor',
  'records',
  'seenRows',
  'schemas',
  'idBatches',
  'queue',
  'secrets',
  'vendor',
] as const;
export type Port = (typeof ports)[number];

/** Something happens to one call of a port. */
export type Strike = {
  readonly at: number;
  readonly skip: number;
  readonly port: Port | 'any';
} & (
  | { readonly kind: 'kill'; readonly when: 'before' | 'after' }
  /** Nothing was done and the caller gets an error: a throttle, a send that failed. */
  | { readonly kind: 'failure' }
  /** It was done, and the caller gets an error all the same. */
  | { readonly kind: 'lost answer' }
  /**
   * It takes `ms`, which may be longer than the function has. `thaw`: then its environment is frozen and goes on so much
   * later, in another invocation; null if it is killed.
   */
  | { readonly kind: 'slow'; readonly ms: number; readonly thaw: number | null }
);

/** Something happens to a message, a tick or the watchdog on its way. */
export type Delivery =
  | { readonly kind: 'lost message' | 'undeleted message'; readonly at: number }
  | { readonly kind: 'late message' | 'duplicate message'; readonly at: number; readonly ms: number }
  | { readonly kind: 'lost tick'; readonly at: number; readonly stream: string }
  | {
      readonly kind: 'late tick' | 'duplicate tick';
      readonly at: number;
      readonly stream: string;
      readonly ms: number;
    }
  | { readonly kind: 'lost watch' | 'second watch'; readonly at: number };

/** What the vendor does for a while. `target` is a limit group, a connection or a stream. */
export type Window = { readonly at: number; readonly until: number; readonly target: string } & (
  | { readonly kind: 'storm' | 'unavailable' | 'spent'; readonly word: Word }
  | { readonly kind: 'silent' | 'broken' | 'html' | 'empty' | 'truncated' | 'no array' | 'left out' }
  | { readonly kind: 'denied'; readonly status: 400 | 403 | 404 }
  /** The secret of a connection is refused: from `at`; fixed at `until`. */
  | {
      readonly kind: 'unauthorized';
      readonly fixed: 'rotated' | 'rotated twice' | 'rotated before' | 'resumed';
    }
  /**
   * What the stream's runs have seen cannot be read: there is an error, the function dies of it, there is no room for it, or it takes
   * all the time that there is.
   */
  | { readonly kind: 'unreadable'; readonly how: 'fails' | 'kills' | 'too many' | 'too slow' }
  /** A person pauses the stream, and resumes it at `until`. */
  | { readonly kind: 'pause' }
  /**
   * What it says is not what there is: `blank` no row, though the total says that there are some; `vanished` nothing at all, and
   * a total of 0; `no content` 204; `omitted` one row of each page, which the total still counts.
   */
  | { readonly kind: Exclude<Lie, 'miscounted' | 'circling' | 'poisoned'> }
  /** Something in its answers cannot be read. */
  | { readonly kind: 'poisoned'; readonly by: Poison }
  /** A total that is so much too high, or too low; `page`: that counts the rows of the page. */
  | { readonly kind: 'miscounted'; readonly by: number | 'page' }
  /** The last page names an earlier cursor: that after the row at `place`, 0 to 1, or where that is null its own. */
  | { readonly kind: 'circling'; readonly place: number | null }
  /** A list that comes in one answer is cut short, and the answer says so in a word of HTTP's or of those that page. */
  | { readonly kind: 'cut short'; readonly word: CutWord }
);

export const cutWords = [
  '206',
  '206 and range',
  'range',
  'has_more',
  'next_cursor',
  'next',
  'total',
] as const;
export type CutWord = (typeof cutWords)[number];

/** The windows in which an answer is not true and does not say so. */
export const lyingKinds = [
  'blank',
  'vanished',
  'no content',
  'omitted',
  'miscounted',
  'circling',
  'poisoned',
] as const satisfies readonly Lie[];

/** A person resumes a stream, whether it needs it or not, or allows the deletions that are held back, if there are any. */
export interface Fix {
  readonly kind: 'resume' | 'allow';
  readonly at: number;
  readonly stream: string;
}

/** Something changes on our side. */
export type Change =
  /** A person changes the secret of a connection, and the new one may not see a share (0 to 1) of the rows. */
  | {
      readonly kind: 'rotate';
      readonly at: number;
      readonly target: string;
      readonly place: number;
      readonly share: number;
    }
  /** Functions that start from now on ask for pages of another size, or where there are none for fewer fields. */
  | { readonly kind: 'deploy'; readonly at: number; readonly stream: string; readonly pageSize: number }
  /** The table's TTL: forgets what the open run has seen, as if it had been open for weeks, or takes away old tombstones. */
  | { readonly kind: 'forget'; readonly at: number; readonly stream: string }
  | { readonly kind: 'expire tombstones'; readonly at: number };

/** Something happens to the vendor's rows. `place` from 0 to 1: where among them. `share` of them, 0 to 1, one at least. */
export type Movement =
  | { readonly kind: 'cap'; readonly at: number; readonly stream: string; readonly cap: number }
  /** All cursors that it has given are refused from now on. */
  | { readonly kind: 'expire cursors'; readonly at: number; readonly stream: string }
  | {
      readonly kind: 'change' | 'insert';
      readonly at: number;
      readonly stream: string;
      readonly place: number;
    }
  /** `return`: of those that have gone. */
  | {
      readonly kind: 'delete' | 'return';
      readonly at: number;
      readonly stream: string;
      readonly place: number;
      readonly share: number;
    };

/** Ticks during which faults begin: one for the first run, and two for those that can delete something. */
export const troubledTicks = 3;

/** When the last of them is over. */
export function endOf(faults: readonly Fault[]): number {
  return Math.max(0, ...faults.map((fault) => ('until' in fault ? fault.until : fault.at)));
}
