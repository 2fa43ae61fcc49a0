import type { EmbeddedQueues } from '../embedded/embedded-queues.ts';
import type { AlarmModel } from '../template/template-model.ts';
import type { MetricValue } from './metric-store.ts';

/** SQS tells CloudWatch how deep its queues are; here it is asked, for those that an alarm watches. */
export async function measureQueues(
  alarms: readonly AlarmModel[],
  depthOf: EmbeddedQueues['depthOf'],
): Promise<MetricValue[]> {
  const watched = alarms.flatMap(({ metrics }) =>
    metrics.flatMap(({ namespace, dimensions }) =>
      namespace === 'AWS/SQS' ? Object.values(dimensions) : [],
    ),
  );
  const measured = await Promise.all(
    [...new Set(watched)].map(async (queueName) => {
      const { visible, inFlight, delayed } = await depthOf(queueName);
      const metric = { namespace: 'AWS/SQS', dimensions: { QueueName: queueName } };
      return [
        { ...metric, name: 'ApproximateNumberOfMessagesVisible', values: [visible] },
        { ...metric, name: 'ApproximateNumberOfMessagesNotVisible', values: [inFlight] },
        { ...metric, name: 'ApproximateNumberOfMessagesDelayed', values: [delayed] },
      ];
    }),
  );
  return measured.flat();
}
