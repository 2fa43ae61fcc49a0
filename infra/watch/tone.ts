import type { Tone } from './page-state.ts';

const tones: Readonly<Record<string, Tone>> = {
  complete: 'good',
  running: 'active',
  waiting: 'waiting',
  // Nobody is woken for these, and nothing is wrong that the next tick or a person does not know of.
  partial: 'note',
  drifted: 'note',
  paused: 'note',
  unconfigured: 'note',
};

/** @param outcome of a stream. One that is not known here is something that went wrong. */
export function toneOf(outcome: string | null): Tone {
  return outcome === null ? 'new' : (tones[outcome] ?? 'bad');
}
