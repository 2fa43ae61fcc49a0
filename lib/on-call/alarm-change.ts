export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** An alarm of CloudWatch's that has changed its state. */
export interface AlarmChange {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly account: string;
  readonly state: AlarmState;
  readonly stateBefore: AlarmState | null;
  /** When it changed, epoch milliseconds. */
  readonly at: number;
  /** In CloudWatch's words. */
  readonly reason: string;
  /** As it was synthesized: what is wrong, and what to do. */
  readonly description: string;
}
