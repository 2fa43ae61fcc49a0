/**
 * What has become of a record: the words of the change log. `gap`: lines of any record may be missing before it. `snapshot`: no
 * change, but what the record was when a snapshot was taken; only readers that begin with one are given it.
 */
export const changeOps = ['created', 'changed', 'deleted', 'restored', 'erased', 'gap', 'snapshot'] as const;
export type ChangeOp = (typeof changeOps)[number];

/** A record as one of its writes has left it. Times are ISO 8601 in UTC. */
export interface RecordImage {
  readonly stream: string;
  readonly id: string;
  /** Of the content; null once that has been erased. */
  readonly hash: string | null;
  /** The vendor's JSON with every digit; null once it has been erased. */
  readonly json: string | null;
  readonly changedAt: string;
  /** Since when the vendor does not give it any more; null while it does. */
  readonly deletedAt: string | null;
  /** That has written it last; null for what a version wrote that did not say. */
  readonly run: string | null;
}

/** One write of the records table, as its stream has it. One of the two images is there at least. */
export interface RecordWrite {
  readonly before: RecordImage | null;
  readonly after: RecordImage | null;
  /** Decimal digits, which grow from write to write of one record. */
  readonly sequence: string;
  /** When the table wrote it, epoch milliseconds, to the second. */
  readonly writtenAt: number;
}

/** One line of the change log. */
export interface Change {
  readonly stream: string;
  /** Empty in a line `gap`. */
  readonly id: string;
  readonly op: ChangeOp;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** Null where no run has done it: a person, or the end of a tombstone. */
  readonly run: string | null;
  /** 40 digits, so that texts of them compare as the numbers do. It is the same in each line of one write. */
  readonly sequence: string;
  /** The record's JSON; null once it is erased. */
  readonly json: string | null;
  /** What it was before, where that is kept and there was something. */
  readonly before: string | null;
}

/** No page is under way for that long: what a run has read longer ago it has stored, or never will. */
export const storedWithinMs = 3_600_000;

/**
 * What a write is to a reader of the log, or null if nothing of the record has changed: its content is encoded anew, an empty
 * tombstone goes, or it says no more than another run. Pure.
 *
 * @param keepsBefore whether the line says what the record was before
 */
export function changeOf(write: RecordWrite, keepsBefore: boolean): Change | null {
  const { before, after, sequence, writtenAt } = write;
  const image = after ?? before;
  if (image === null) throw new Error('A write has neither an old nor a new image');
  const op = opOf(before, after);
  if (op === null) return null;
  const { stream, id } = image;
  const line = { stream, id, op, sequence: sequence.padStart(sequenceDigits, '0') };
  if (op === 'erased' || after === null) {
    return { ...line, at: new Date(writtenAt).toISOString(), run: null, json: null, before: null };
  }
  const { run, json } = after;
  const at = writtenOrChangedAt(after, writtenAt);
  return { ...line, at, run, json, before: keepsBefore ? (before?.json ?? null) : null };
}

/** What has moved here from another id brings along when it had changed there, and was not here then. */
function writtenOrChangedAt({ changedAt }: RecordImage, writtenAt: number): string {
  return writtenAt - Date.parse(changedAt) > storedWithinMs ? new Date(writtenAt).toISOString() : changedAt;
}

/** DynamoDB's own limit. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html */
export const sequenceDigits = 40;

function opOf(before: RecordImage | null, after: RecordImage | null): ChangeOp | null {
  const [old, content] = [before?.hash ?? null, after?.hash ?? null];
  if (content === null) return old === null ? null : 'erased';
  const [wasDeleted, isDeleted] = [before?.deletedAt ?? null, after?.deletedAt ?? null];
  if (before === null) return isDeleted === null ? 'created' : 'deleted';
  if (wasDeleted === null && isDeleted !== null) return 'deleted';
  if (wasDeleted !== null && isDeleted === null) return 'restored';
  return old === content ? null : 'changed';
}
