/** Where single records can be erased. */
export interface RecordEraser {
  /** Erases a record in any state. @returns whether there was one */
  eraseRecord(stream: string, id: string): Promise<boolean>;
}

/** Where the ids are that runs have been given. */
export interface IdEraser {
  /** Takes an id off the list of a stream's run. @returns whether it was on it */
  remove(stream: string, id: string): Promise<boolean>;
}

/** All that remembers a record by its id. */
export interface Eraser {
  readonly records: RecordEraser;
  readonly idBatches: IdEraser;
}

/** What became of a record that is to be forgotten. Holds nothing of it, not even its id. */
export interface Forgotten {
  readonly stream: string;
  /** Whether there was such a record, or its id on a list. */
  readonly changed: boolean;
  /** For the person who gave the command. */
  readonly text: string;
}

/** What was there of a record. */
export interface Erased {
  /** Its id, on the list of a run in batches. */
  readonly wasListed: boolean;
  readonly wasStored: boolean;
}

/**
 * Erases one record now: its content, its id on the list of a run in batches, and that it was ever there. A run that is
 * under way goes on and does not bring it back, unless the vendor still gives it. Harmless when repeated.
 */
export async function eraseRecord(
  { stream, id }: { readonly stream: string; readonly id: string },
  { records, idBatches }: Eraser,
): Promise<Erased> {
  // First, or a run could bring the record back from its list.
  const wasListed = await idBatches.remove(stream, id);
  return { wasListed, wasStored: await records.eraseRecord(stream, id) };
}

/** @param remains one sentence: where something of it is left for a while */
export function forgottenOf(stream: string, { wasListed, wasStored }: Erased, remains: string): Forgotten {
  const done = wasStored
    ? `One record of ${stream} has been erased. ${remains}`
    : wasListed
      ? `There is no record of ${stream} with this id; it has been taken off the list of ids that a run had. ${remains}`
      : `There is no record of ${stream} with this id; nothing has been erased.`;
  return {
    stream,
    changed: wasStored || wasListed,
    text: `${done} If the vendor still gives it, the next run stores it again.`,
  };
}
