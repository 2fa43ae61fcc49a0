import type { Route } from '../frame/router.ts';
import type { Answer, VendorRequest } from '../frame/vendor.ts';

/** `rest` is what the wildcard of the route's path stands for; `now` is in epoch milliseconds. */
export type Handler = (request: VendorRequest, rest: string, now: number) => Answer;

/** A part of Bob's API with the data behind it. */
export interface Section {
  /** Literal paths before the wildcards that would take them, too. */
  readonly routes: readonly Route<Handler>[];
  /** By stream: the external ids of what a walk of the stream's default settings finds at a time. */
  readonly ids: Readonly<Record<string, (now: number) => readonly string[]>>;
}

/** Computed when it is first asked for: most tables of a large company are never read. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}
