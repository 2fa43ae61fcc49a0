export interface EventPattern {
  readonly [key: string]: readonly EventFilter[] | EventPattern;
}

/** What one value of an event is asked. Others of EventBridge's filters are an error. */
export type EventFilter =
  | Scalar
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly exists: boolean }
  | { readonly 'anything-but': readonly Scalar[] };

export type Scalar = string | number | boolean | null;
