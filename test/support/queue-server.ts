/** A server of queues as the tests see it, beyond what SQS itself tells. */
export interface QueueServer {
  readonly endpoint: string;
  /** Of the names of queues. */
  readonly suffix: string;
  /** What is in the queue, without touching it. */
  inspect(name: string): Promise<QueueContents>;
  /** Until what follows lies within one second of the server's clock, if that tells whole seconds. */
  untilYoung(): Promise<void>;
  close(): Promise<void>;
}

export interface QueueContents {
  readonly messages: {
    readonly ready: readonly { readonly body: string }[];
    readonly delayed: readonly { readonly body: string; readonly delayUntil?: number }[];
    readonly inflight: readonly { readonly visibilityDeadline: number }[];
  };
}
