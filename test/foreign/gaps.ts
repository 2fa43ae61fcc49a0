/**
 * What MiniStack cannot do, as version 1.5.33 has it. The first four change the templates, and nothing else does: whatever it
 * refuses besides is a failure. A gap that closes is to go from this list.
 */
export const gaps = [
  'AWS::Athena::NamedQuery is left out of the templates: MiniStack does not know the type.',
  'AWS::Logs::QueryDefinition is left out of the templates: MiniStack does not know the type.',
  'AWS::Chatbot::SlackChannelConfiguration is left out of the templates: MiniStack does not know the type.',
  'An alarm on several metrics watches the first of them alone: MiniStack refuses metric math in an alarm.',
  'Ticks are sent by hand: its schedules fire, but say no <aws.scheduler.scheduled-time> in their input.',
  'Roles are not held to their policies: it knows no dynamodb:LeadingKeys, so that they would allow nothing.',
  'Tables are made without their time to live and point-in-time recovery: its CloudFormation leaves both out.',
  'No alarm comes of a metric in a log line, and no item expires: it does neither.',
];

const unknownTypes = [
  'AWS::Athena::NamedQuery',
  'AWS::Logs::QueryDefinition',
  'AWS::Chatbot::SlackChannelConfiguration',
];

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export interface StackTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

interface Metric {
  readonly Id: string;
  readonly MetricStat?: { readonly Metric: object; readonly Stat: string; readonly Period: number };
}

/** The template as MiniStack can take it: the one place where it is changed. */
export function withoutGaps<Template extends StackTemplate>(template: Template): Template {
  const known = Object.entries(template.Resources).filter(([, { Type }]) => !unknownTypes.includes(Type));
  const resources = known.map(([id, resource]) => [id, withOneMetric(resource)] as const);
  return { ...template, Resources: Object.fromEntries(resources) };
}

function withOneMetric(resource: TemplateResource): TemplateResource {
  const { Metrics: metrics, ...others } = resource.Properties ?? {};
  if (resource.Type !== 'AWS::CloudWatch::Alarm' || metrics === undefined) return resource;
  const first = (metrics as readonly Metric[]).find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat;
  if (first === undefined) throw new Error(`An alarm has no metric at all: ${JSON.stringify(metrics)}`);
  const { Metric: metric, Stat: statistic, Period } = first;
  return { ...resource, Properties: { ...others, ...metric, Statistic: statistic, Period } };
}
