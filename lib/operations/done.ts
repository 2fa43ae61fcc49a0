/** What became of one stream or connection by a person's command. */
export interface Done {
  readonly target: string;
  /** False if it was so already, or could not be done. */
  readonly changed: boolean;
  /** Set where it could not be done: something else has to be done first, and the sentence says what. */
  readonly refused?: true;
  /** One sentence for the person who gave the command. */
  readonly sentence: string;
}

export function leftAlone(target: string, sentence: string): Done {
  return { target, changed: false, sentence };
}

export function notDone(target: string, sentence: string): Done {
  return { target, changed: false, refused: true, sentence };
}
