/** Where single records can be erased. */
export interface RecordEraser {
  /** Erases a record whatever its state. @returns whether there was one */
  forget(stream: string, id: string): Promise<boolean>;
}

/** What became of a record that is to be forgotten. Holds nothing of it, not even its id. */
export interface Forgotten {
  readonly stream: string;
  /** Whether there was such a record. */
  readonly changed: boolean;
  /** For the person who asked. */
  readonly text: string;
}

/**
 * Erases one record now: its content, and that it was ever there. A run that is under way neither minds nor brings it back,
 * unless the vendor still gives it. Harmless when repeated.
 *
 * @param remains one sentence: where something of it is left for a while
 */
export async function forgetRecord(
  { stream, id }: { readonly stream: string; readonly id: string },
  records: RecordEraser,
  remains: string,
): Promise<Forgotten> {
  const changed = await records.forget(stream, id);
  const done = changed
    ? `One record of ${stream} has been erased. ${remains}`
    : `There is no record of ${stream} with this id; nothing has been erased.`;
  return { stream, changed, text: `${done} If the vendor still gives it, the next run stores it again.` };
}
