import type { EventPattern } from './event-filters.ts';
import { bucketArn, streamArn } from './local-account.ts';
import { stableUuid } from './stable-uuid.ts';
import { readPattern } from './read-filters.ts';
import { functionCalled } from './read-models.ts';
import type { Resource } from './read-resources.ts';
import { wrongProperty, type TemplateError } from './template-error.ts';
import type { MappingModel, StreamMappingModel, TemplateModel } from './template-model.ts';

const type = 'AWS::Lambda::EventSourceMapping';
type MappingResource = Resource<typeof type>;
type Properties = MappingResource['properties'];
type Known = Pick<TemplateModel, 'functions' | 'queues' | 'tables' | 'buckets'>;

/** How many invocations an event source mapping without a limit of its own may have at once; AWS goes to 1,250. */
const unlimitedConcurrency = 1250;

/** Of a queue and of a stream, where the template says nothing. */
const usualBatch = { queue: 10, stream: 100 };

/** Properties that Lambda takes for the other kind of source only, and refuses. */
const ofStreamsOnly = [
  ...(['StartingPosition', 'BisectBatchOnFunctionError', 'MaximumRetryAttempts'] as const),
  ...(['MaximumRecordAgeInSeconds', 'ParallelizationFactor', 'TumblingWindowInSeconds'] as const),
  ...(['DestinationConfig', 'FilterCriteria'] as const),
];

export function readMappings(
  resources: readonly MappingResource[],
  known: Known,
): Pick<TemplateModel, 'mappings' | 'streamMappings'> {
  const all = resources.flatMap((resource) => readMapping(resource, known));
  return {
    mappings: all.filter((mapping) => 'queueName' in mapping),
    streamMappings: all.filter((mapping) => 'streamArn' in mapping),
  };
}

function readMapping(resource: MappingResource, known: Known): (MappingModel | StreamMappingModel)[] {
  const { logicalId, properties } = resource;
  if (!properties.Enabled) return [];
  const target = functionCalled(properties.FunctionName, known.functions);
  if (target === undefined) throw wrong(logicalId, 'FunctionName', 'no such function in the template');
  const arn = properties.EventSourceArn;
  const queue = known.queues.find((one) => one.arn === arn);
  if (queue !== undefined) return [ofQueue(resource, target.name, queue.name)];
  const table = known.tables.find((one) => streamArn(one.name) === arn);
  if (table === undefined) {
    throw wrong(logicalId, 'EventSourceArn', 'no such queue and no such stream in the template');
  }
  if (table.stream === undefined) throw wrong(logicalId, 'EventSourceArn', `${table.name} has no stream`);
  return [ofStream(resource, target.name, table.name, known)];
}

function ofQueue({ logicalId, properties }: MappingResource, functionName: string, queueName: string) {
  const strange = ofStreamsOnly.find((property) => properties[property] !== undefined);
  if (strange !== undefined) throw wrong(logicalId, strange, 'it is not understood for a queue');
  if (properties.MaximumBatchingWindowInSeconds !== 0) {
    throw wrong(logicalId, 'MaximumBatchingWindowInSeconds', 'only 0 is understood for a queue');
  }
  return {
    functionName,
    queueName,
    batchSize: properties.BatchSize ?? usualBatch.queue,
    maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency ?? unlimitedConcurrency,
    reportsItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
  };
}

function ofStream(
  { logicalId, properties }: MappingResource,
  functionName: string,
  tableName: string,
  { buckets }: Known,
): StreamMappingModel {
  if (properties.ScalingConfig !== undefined) {
    throw wrong(logicalId, 'ScalingConfig', 'it is not for a stream');
  }
  if (properties.StartingPosition === undefined) {
    throw wrong(logicalId, 'StartingPosition', 'a stream needs one');
  }
  return {
    id: stableUuid(`${functionName} ${streamArn(tableName)}`),
    functionName,
    tableName,
    streamArn: streamArn(tableName),
    startingPosition: properties.StartingPosition,
    batchSize: properties.BatchSize ?? usualBatch.stream,
    windowSeconds: properties.MaximumBatchingWindowInSeconds,
    bisectsOnError: properties.BisectBatchOnFunctionError ?? false,
    maximumRetries: limited(properties.MaximumRetryAttempts),
    maximumAgeSeconds: limited(properties.MaximumRecordAgeInSeconds),
    reportsItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    failureBucket: failureBucketOf(logicalId, properties, buckets),
    filters: (properties.FilterCriteria?.Filters ?? []).map(({ Pattern }) => patternOf(logicalId, Pattern)),
  };
}

/** Lambda says -1 for no limit, and takes it for what is left out. */
function limited(value: number | undefined): number | null {
  return value === undefined || value === -1 ? null : value;
}

function failureBucketOf(
  logicalId: string,
  { DestinationConfig }: Properties,
  buckets: Known['buckets'],
): string | null {
  if (DestinationConfig === undefined) return null;
  const { Destination } = DestinationConfig.OnFailure;
  const bucket = buckets.find(({ name }) => bucketArn(name) === Destination);
  if (bucket === undefined) {
    const problem = 'only a bucket of the template is understood';
    throw wrong(logicalId, 'DestinationConfig.OnFailure.Destination', problem);
  }
  return bucket.name;
}

function patternOf(logicalId: string, text: string): EventPattern {
  const pattern = readPattern(text);
  if (pattern === undefined) {
    const problem = `only equality, prefix, exists and anything-but are understood: ${text}`;
    throw wrong(logicalId, 'FilterCriteria', problem);
  }
  return pattern;
}

function wrong(logicalId: string, property: string, problem: string): TemplateError {
  return wrongProperty(logicalId, type, property, problem);
}
