/** What a model vendor answers with; status 200 unless given. */
export interface ModelAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** As it is if a string, else as JSON. */
  readonly body?: unknown;
}
