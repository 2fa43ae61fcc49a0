/** One row of the vendor's, ready to be stored. */
export interface SourceRecord {
  /** The vendor's id, whole; of several parts each has its `~` and `/` escaped (`~0`, `~1`), and a `/` is between them. At most 1,024 bytes of UTF-8 (DynamoDB's limit for a sort key). */
  readonly id: string;
  /** Under which an older version stored it, where that is something else: what is there is moved, see decision 15. */
  readonly formerId?: string;
  /** The vendor's JSON with every digit kept. */
  readonly json: string;
  /** SHA-256 over the JSON with its keys sorted, base64: the same for rows that differ in key order alone. */
  readonly hash: string;
}

/** A record as it is kept. Times are ISO 8601 in UTC. */
export interface StoredRecord {
  readonly stream: string;
  readonly id: string;
  /** Null once the content of a deleted record has been erased. */
  readonly json: string | null;
  readonly firstSeenAt: string;
  readonly changedAt: string;
  /** Since when the vendor does not give it any more; null while it does. */
  readonly deletedAt: string | null;
}
