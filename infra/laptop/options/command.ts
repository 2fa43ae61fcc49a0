/** A command that fixes something, or shows what is to be fixed: as it is typed on this machine. */
export interface Command {
  readonly line: string;
  /** What has to be done first, in words. */
  readonly before?: string;
}
