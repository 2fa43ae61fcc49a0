import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';

import type { Connector } from '../../lib/connectors/connector.ts';
import { isObject } from '../../lib/connectors/json.ts';
import { isSafeBaseUrl, isWithoutCredentials } from '../../lib/runtime/settings-document.ts';
import { checked, meantBy, section, text, whole } from '../../lib/runtime/setting.ts';
import { limitList, streamShape } from '../../lib/runtime/stream-settings.ts';
import { defaultMemoryMb } from '../../lib/sync/settings.ts';
import { fromJson } from './from-json.ts';
import { isKmsAlias, isKmsKeyArn } from './kms-key.ts';
import { withOwnConnectors } from './own-connectors.ts';
import { settingsFolder } from './project.ts';
import { below, SettingsError, wrongValue } from './settings-error.ts';

/**
 * The shape of `context.pagekeeper` in cdk.json, as the user writes it. What can only be judged together with a
 * connector (does it have such a stream, how large may its pages be) is judged in read-settings.ts.
 */

/** The retentions, in days, that CloudWatch Logs has; CDK counts "for ever" among them. */
export const retentions = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** Snapshots are taken in time only if there are some days for it. */
export const minChangeDays = 7;

/** The text of an alarm has room for no more. */
export const maxRunbookUrl = 100;

const secretName = /^[\w/+=.@-]{1,512}$/;

const scheduleShape = {
  /** `false` leaves the stream out of the deployment; what it has stored stays. */
  enabled: checked<boolean>((value) => typeof value === 'boolean', 'must be true or false').optional(),
  /** `rate(15 minutes)` or `cron(7/15 * * * ? *)`, as EventBridge Scheduler has them. */
  schedule: text().optional(),
  /** A tick comes at any moment of this window after its time. */
  flexibleWindowMinutes: whole(0, 1440).optional(),
  /** IANA name in which a cron expression is read; UTC if left out. */
  timeZone: checked<string>(isTimeZone, 'must be an IANA time zone such as "Europe/Copenhagen"').optional(),
};

/** Of the settings of a stream those that its schedule is made of, and no function is given. */
export const scheduleChoice = z.object(scheduleShape);

const streamInput = section({ ...scheduleShape, ...streamShape });

const connectionInput = section({
  /** A name; may be left out where the connection's own name is a connector's. A file has become a name by now. */
  connector: text().optional(),
  /** Connections with the same one are one account at the vendor, and wait for each other's rate limit. */
  limitGroup: text().optional(),
  /** Requests a minute that the vendor allows the whole account. */
  limitPerMinute: whole(1, 100_000).optional(),
  /** The same in any span of time, in place of what the vendor publishes for that span. */
  limits: limitList.optional(),
  /** One that there is already, in place of the stack's own. */
  secret: checked<string>(
    (value) => typeof value === 'string' && secretName.test(value) && value.length <= 128,
    'must be the name of a secret of Secrets Manager, such as "vendors/mobaro" (and not its ARN), of up to 128 characters',
  ).optional(),
  /** Another host of the vendor's, for instance its sandbox. */
  baseUrl: checked<string>(isBaseUrl, 'must be an https URL without credentials and query').optional(),
  /** Another token endpoint of the vendor's, for connectors that request access tokens. */
  tokenUrl: checked<string>(isBaseUrl, 'must be an https URL without credentials and query').optional(),
  /** Of the functions: how long one page may take, fetched and stored; 10 s of it are kept for storing. */
  timeoutSeconds: whole(20, 900).optional(),
  /** Of the functions. */
  memoryMb: whole(defaultMemoryMb, 10_240).optional(),
  /** The longest answer that is read, in MB after decompression. What the memory allows is judged in read-settings.ts. */
  maxPageMb: whole(1, 400).optional(),
  /** All streams of the connection; left out, those that its connector has on by default. */
  streams: named(streamInput).optional(),
});

/** A URL that holds a key is kept elsewhere: what stands in the settings stands in the template, for all to read. */
const httpsTarget = z
  .unknown()
  .refine(namesOnePlace, 'must name either a secret or a parameter')
  .pipe(
    z.union(
      [
        checked<string>(isHttpsWithoutCredentials, 'must be an https URL without credentials'),
        section({
          secret: nameOf('a secret of Secrets Manager', secretName),
          /** Of the secret's JSON; left out, the whole secret is the URL. */
          field: nameOf("a field of the secret's JSON", /^[\w.-]{1,256}$/).optional(),
        }),
        /** Of type String: CloudFormation reads no SecureString for SNS. */
        section({
          parameter: nameOf(
            'a parameter of Systems Manager, which begins with "/" where it has a "/"',
            /^(?:\/[\w./-]{1,1010}|[\w.-]{1,1011})$/,
          ),
        }),
      ],
      {
        error: 'must be an https URL without credentials, or an object that names where one is kept',
      },
    ),
  );

const targets = {
  emails: eachOnce(checked<string>(isEmail, 'must be an e-mail address'), (one) =>
    String(one).toLowerCase(),
  ).optional(),
  https: eachOnce(httpsTarget).optional(),
  /** By Amazon Q in chat applications, which a person has let into the workspace before. */
  slack: section({
    workspaceId: checked<string>(
      (value) => typeof value === 'string' && /^T[A-Z0-9]{1,20}$/.test(value),
      'must be a Slack workspace id such as "T0123ABCD"',
    ),
    channelId: checked<string>(
      (value) => typeof value === 'string' && /^[CG][A-Z0-9]{1,20}$/.test(value),
      'must be a Slack channel id such as "C0123ABCD"',
    ),
  }).optional(),
};

const tableThere = section({
  name: nameOf('a table of DynamoDB', /^[\w.-]{3,255}$/),
  /** Of its stream with new and old images. */
  streamArn: checked<string>(
    isTableStreamArn,
    'must be the ARN of a table\'s stream such as "arn:aws:dynamodb:eu-west-1:123456789012:table/NAME/stream/2026-11-30T00:00:00.000"',
  ).optional(),
});

const settingsInput = section({
  /** `prod` if left out. Only `dev` gives up its data when it is destroyed. */
  stage: checked<string>(
    (value) => typeof value === 'string' && /^[a-z][a-z0-9-]{0,19}$/.test(value),
    'must be 1 to 20 small letters, digits and hyphens, a letter first',
  ).optional(),
  /** Who is told of alarms. */
  onCall: section({
    ...targets,
    /** Who is told of what can wait for the morning; without any of them, the e-mail addresses above. */
    tickets: section(targets).optional(),
  }).optional(),
  /** The page on which the sections of the runbook are; alarms and messages lead to them. */
  runbookUrl: z
    .custom<string>((value) => faultOfRunbookUrl(value) === null, {
      error: ({ input }) => faultOfRunbookUrl(input) ?? '',
    })
    .optional(),
  /** Days that logs are kept. */
  retentionDays: checked<RetentionDays>(
    (value) => retentions.includes(value as RetentionDays),
    `must be a number of days that CloudWatch Logs knows (${retentions.join(', ')})`,
  ).optional(),
  /** Tables that there are already, such as restored ones, in place of the stack's own. */
  tables: section({
    /** The change log is made from its stream. */
    records: tableThere.optional(),
    /** Events are made from its stream. */
    checkpoints: tableThere.optional(),
  }).optional(),
  /** The log of all changes of records; `false` for none. */
  changes: z
    .union(
      [
        z.literal(false),
        section({
          /** Days that its lines are kept. */
          retentionDays: whole(minChangeDays, 3650).optional(),
          /** Whether a line says what the record was before. */
          before: checked<boolean>((value) => typeof value === 'boolean', 'must be true or false').optional(),
        }),
      ],
      { error: 'must be false, or an object with any of the keys retentionDays, before' },
    )
    .optional(),
  /** Tables over the change log, for Athena and other engines that read the catalogue of Glue. */
  lake: checked<boolean>((value) => typeof value === 'boolean', 'must be true or false').optional(),
  /** The network that calls of vendors leave by, where they must come from known addresses. */
  egress: section({
    subnetIds: idList('subnet', 'subnets'),
    securityGroupIds: idList('sg', 'security groups'),
  }).optional(),
  /** Each connection in a nested stack of its own; left out, those only for which the stack has no room. */
  nested: checked<boolean>((value) => typeof value === 'boolean', 'must be true or false').optional(),
  /** An existing key, in place of those that AWS and the stack have. */
  kmsKey: z
    .custom<string>(isKmsKeyArn, {
      error: ({ input }) =>
        isKmsAlias(input)
          ? 'must be the ARN of the key itself: an alias can be turned to another one, which cannot read what is stored'
          : 'must be the ARN of a KMS key such as "arn:aws:kms:eu-west-1:123456789012:key/…"',
    })
    .optional(),
  /** Connectors from outside, by their names: see own-connectors.ts, which has checked them. */
  connectors: named(
    checked<Connector>((value) => isObject(value), 'must be an object, the connector’s definition'),
  ).optional(),
  /** All connections; left out, one for each connector that has anything on by default. */
  connections: named(connectionInput).optional(),
});

export type SettingsInput = z.infer<typeof settingsInput>;
export type ConnectionInput = z.infer<typeof connectionInput>;
export type StreamInput = z.infer<typeof streamInput>;

/**
 * @param context the value of the context key `pagekeeper`: an object from cdk.json, or JSON text from `-c pagekeeper='...'`.
 * @param folder from which the paths of connectors begin: that of cdk.json
 * @throws SettingsError with one line for each thing that is wrong.
 */
export function parseSettings(context: unknown, folder = settingsFolder): SettingsInput {
  const value = withOwnConnectors(typeof context === 'string' ? fromJson(context) : (context ?? {}), folder);
  const result = settingsInput.safeParse(value);
  if (result.success) return result.data;
  throw new SettingsError(result.error.issues.flatMap((issue) => sentences(issue, value)).join('\n'));
}

function sentences(issue: z.core.$ZodIssue, root: unknown): string[] {
  if (issue.code === 'invalid_union') {
    const meant = meantBy(issue);
    if (meant !== undefined) {
      return meant.flatMap((inner) => sentences({ ...inner, path: [...issue.path, ...inner.path] }, root));
    }
  }
  const path = issue.path.reduce(below, 'pagekeeper');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${below(path, key)}: ${issue.message}`);
  }
  return [wrongValue(path, issue.message, at(root, issue.path)).message];
}

function at(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((value, key) => (value as Record<PropertyKey, unknown>)[key], root);
}

/** SNS takes an address once. @param key what is the same of two that are the same */
function eachOnce<Value extends z.ZodType>(value: Value, key: (one: unknown) => string = JSON.stringify) {
  return z.array(value, { error: 'must be a list' }).superRefine((list, context) => {
    for (const [index, one] of list.entries()) {
      if (list.findIndex((other) => key(other) === key(one)) === index) continue;
      context.addIssue({ code: 'custom', path: [index], message: 'must stand in the list once' });
    }
  });
}

/** @param prefix of their ids, before the hyphen */
function idList(prefix: string, what: string) {
  const id = checked<string>(
    (value) => typeof value === 'string' && new RegExp(`^${prefix}-[0-9a-f]{8,17}$`).test(value),
    `must be an id such as "${prefix}-0123456789abcdef0"`,
  );
  return eachOnce(id).refine((list) => list.length > 0, `must name at least one of the ${what}`);
}

function nameOf(what: string, pattern: RegExp) {
  return checked<string>(
    (value) => typeof value === 'string' && pattern.test(value),
    `must be the name of ${what}`,
  );
}

function named<Value extends z.ZodType>(value: Value) {
  return z.record(z.string(), value, { error: 'must be an object, by name' });
}

function isEmail(value: unknown): boolean {
  return z.email().safeParse(value).success;
}

function isHttps(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).protocol === 'https:';
}

/** What stands in the settings stands in the template, too, for all to read. */
function isHttpsWithoutCredentials(value: unknown): boolean {
  return isHttps(value) && isWithoutCredentials(value);
}

function isBaseUrl(value: unknown): boolean {
  if (!isHttps(value) || !isSafeBaseUrl(value)) return false;
  const { search, hash } = new URL(value);
  return search === '' && hash === '';
}

/**
 * The section comes behind it, and it stands in texts as it is: no space ends it there.
 *
 * @returns the rule that it breaks; null where it breaks none
 */
function faultOfRunbookUrl(value: unknown): string | null {
  if (!isHttps(value)) return 'must be an https URL';
  if (!isWithoutCredentials(value)) return 'must be a URL without credentials (no "@")';
  if (value.includes('#')) return 'must be a URL without a fragment ("#"), for each alarm puts its own there';
  if (value.length > maxRunbookUrl) return `must be a URL of up to ${String(maxRunbookUrl)} characters`;
  if (/^[\w.~:/?[\]!$&'()*+,;=%-]+$/.test(value)) return null;
  return 'must be a URL in which spaces, braces and the like are escaped, such as "%20"';
}

/** Where a URL is kept. */
function namesOnePlace(target: unknown): boolean {
  return !(isObject(target) && 'secret' in target && 'parameter' in target);
}

function isTableStreamArn(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]{3,255}\/stream\/[\w:.-]+$/.test(value)
  );
}

function isTimeZone(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
