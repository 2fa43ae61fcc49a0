/** A command that fixes something, or shows what is to be fixed. */
export interface Command {
  /** As it is typed. */
  readonly line: string;
  /** `deployment`: works on a deployment in AWS, and on this machine there is nothing to type instead. */
  readonly where: 'here' | 'deployment';
  /** What has to be done first, in words. */
  readonly before?: string;
}
