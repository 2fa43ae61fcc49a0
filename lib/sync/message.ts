/** A pointer to a page, and nothing more: what the page is stands in the checkpoint. */
export interface PageMessage {
  readonly v: 1;
  readonly stream: string;
  readonly run: string;
  readonly sequence: number;
}

export const messageVersion = 1;

/** Why an invocation looks at a stream. */
export type PageRequest =
  /** @property scheduledAt the tick's scheduled time, epoch milliseconds: what makes a repeated tick known */
  | { readonly kind: 'tick'; readonly stream: string; readonly scheduledAt: number }
  | { readonly kind: 'message'; readonly message: PageMessage };
