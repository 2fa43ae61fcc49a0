/**
 * The metrics of AWS's own that the local runner adds to those of the functions. An alarm on another one would wait for
 * ever, so it is an error, unless it is listed as one that cannot happen on a laptop.
 */
export const emittedMetrics: Readonly<Record<string, readonly string[]>> = {
  'AWS/Lambda': ['Invocations', 'Errors', 'Throttles', 'Duration', 'IteratorAge', 'AsyncEventsDropped'],
  'AWS/SQS': [
    'ApproximateNumberOfMessagesVisible',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ],
};

export const impossibleMetrics: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS/Lambda': { RecursiveInvocationsDropped: 'nothing detects loops on a laptop' },
  'AWS/Scheduler': {
    InvocationDroppedCount: 'a local function can always be invoked',
    InvocationsFailedToBeSentToDeadLetterCount: 'a local function can always be invoked',
    TargetErrorCount: 'a local function can always be invoked',
  },
};

/** @returns what is wrong with watching this metric here, or `undefined`. */
export function problemWithMetric(namespace: string, metric: string): string | undefined {
  if (!namespace.startsWith('AWS/')) return undefined;
  if (emittedMetrics[namespace]?.includes(metric) === true) return undefined;
  if (impossibleMetrics[namespace]?.[metric] !== undefined) return undefined;
  return `the local runner does not emit ${namespace} ${metric} (infra/emulator/template/aws-metrics.ts)`;
}
