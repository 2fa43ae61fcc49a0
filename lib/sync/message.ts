/** A pointer to a page, and nothing more: what the page is stands in the checkpoint. */
export interface PageMessage {
  readonly v: 1;
  readonly stream: string;
  readonly run: string;
  readonly sequence: number;
}

export const messageVersion = 1;
