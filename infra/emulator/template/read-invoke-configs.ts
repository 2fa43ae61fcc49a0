import { functionArn } from './local-account.ts';
import type { Resource } from './read-resources.ts';
import { wrongProperty } from './template-error.ts';
import type { AsynchronousModel, TemplateModel } from './template-model.ts';

const type = 'AWS::Lambda::EventInvokeConfig';
type Config = Resource<typeof type>;
type Known = Pick<TemplateModel, 'topics' | 'queues'>;

/** Lambda's own: two repetitions, six hours. */
const usual: AsynchronousModel = { retries: 2, maximumAgeSeconds: 21_600, onFailure: null };

/** @throws TemplateError where events that were dropped go to what is no topic and no queue of the template. */
export function asynchronousOf(
  functionName: string,
  configs: readonly Config[],
  known: Known,
): AsynchronousModel {
  const names = [functionName, functionArn(functionName)];
  const config = configs.find(({ properties }) => names.includes(properties.FunctionName));
  if (config === undefined) return usual;
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = config.properties;
  return {
    retries: MaximumRetryAttempts ?? usual.retries,
    maximumAgeSeconds: MaximumEventAgeInSeconds ?? usual.maximumAgeSeconds,
    onFailure: onFailureOf(config, known),
  };
}

function onFailureOf({ logicalId, properties }: Config, known: Known): AsynchronousModel['onFailure'] {
  const destination = properties.DestinationConfig?.OnFailure?.Destination;
  if (destination === undefined) return null;
  if (known.topics.some(({ arn }) => arn === destination)) return { topicArn: destination };
  const queue = known.queues.find(({ arn }) => arn === destination);
  if (queue !== undefined) return { queueName: queue.name };
  const problem = `${destination} is no topic and no queue of the template`;
  throw wrongProperty(logicalId, type, 'DestinationConfig.OnFailure.Destination', problem);
}
