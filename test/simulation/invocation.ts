import type { Chance } from './chance.ts';
import type { Port } from './faults.ts';
import type { Call } from './judges/judge.ts';
import type { Heard } from './simulated-vendor.ts';

/** One run of a function, or a person at the command line. */
export class Invocation {
  readonly id: number;
  /** For people: `tick of mobaro/users #3`. */
  readonly who: string;
  readonly kind: 'tick' | 'message' | 'watchdog' | 'person';
  /** Null for the watchdog. */
  readonly stream: string | null;
  readonly startedAt: number;
  readonly controller = new AbortController();
  readonly chance: Chance;
  /** What went wrong with it that was not the vendor's doing; null if nothing did. */
  disturbed: string | null = null;
  /** The class of an error that it has lived through; null if there was none. */
  fault: string | null = null;
  /** Its run has ended, and it looks what fields its rows have had. */
  learns = false;
  /** It reads what is wrong with its connection, to publish it. */
  publishes = false;
  /** Whether a call of the checkpoints has failed: then it may not be able to store what its page came to. */
  cannotStore = false;
  /** Killed: no promise of its ever goes on. */
  dead = false;
  /** Nothing of it goes on before that. */
  frozenUntil = 0;
  /** When it last heard of each part of the world. */
  readonly lookedAt = new Map<Port, number>();
  /** As the lease names it, once it holds the stream. */
  holder: string | null = null;
  calls = 0;
  /** When it was last granted a permit, epoch milliseconds; null where it was refused since, or never asked. */
  permittedAt: number | null = null;
  /** What is to happen to it when its time is up; see `Strike`. */
  thaw: number | null = null;
  /** How it asked, with which secret and settings. */
  call: Call | null = null;
  heard: Heard | null = null;
  /** Of the stream at the moment of its call. */
  calledFor: { readonly run: string | null; readonly sequence: number } | null = null;
  sleptMs = 0;
  /** Records that it made tombstones of. */
  buried = 0;
  /** Tells AWS that it has been killed. */
  died: () => void = () => undefined;
  /** Ends the request that it has under way. */
  hangUp: () => void = () => undefined;

  constructor(
    id: number,
    about: {
      readonly who: string;
      readonly kind: Invocation['kind'];
      readonly stream: string | null;
      readonly startedAt: number;
    },
    chance: Chance,
  ) {
    this.id = id;
    this.who = `${about.who} #${id}`;
    this.kind = about.kind;
    this.stream = about.stream;
    this.startedAt = about.startedAt;
    this.chance = chance;
  }

  disturb(why: string): void {
    this.disturbed ??= why;
  }
}

/** What a dead function's promises come to. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** An error of AWS's, as far as the function that meets it can tell. */
export class SimulatedFailure extends Error {}
