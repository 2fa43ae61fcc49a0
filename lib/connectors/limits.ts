import { endpointOf, type Connector, type Limit, type StreamDefinition } from './connector.ts';

/** What a vendor counts the calls of. */
export type CountedPart = 'endpoint' | 'account';

export const spanMs = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
} as const satisfies Record<Limit['per'], number>;

/** The narrowest first. */
export function scopesOf({ limitScope }: Pick<Connector, 'limitScope'>): readonly CountedPart[] {
  return limitScope === 'both' ? ['endpoint', 'account'] : [limitScope];
}

/** What the vendor publishes for this part of it; an endpoint without a figure of its own has those of each endpoint. */
export function publishedLimits(
  connector: Connector,
  part: CountedPart,
  definition: StreamDefinition,
): readonly Limit[] {
  if (part === 'account') return limitsUnder('account', connector);
  const own = limitsUnder(endpointOf(definition), connector);
  return own.length > 0 ? own : limitsUnder('endpoint', connector);
}

/** @param name the account, each endpoint, or an endpoint */
export function limitsUnder(
  name: string,
  { limitsPerMinute, limits = {} }: Pick<Connector, 'limits' | 'limitsPerMinute'>,
): readonly Limit[] {
  const requests = limitsPerMinute[name];
  const ofAMinute: readonly Limit[] = requests === undefined ? [] : [{ requests, per: 'minute' }];
  return [...ofAMinute, ...(limits[name] ?? [])];
}

/** Of the limits that hold at one place: as a rule for people, without the place. */
export function contradiction(limits: readonly Limit[]): string | null {
  const twice = limits.find(({ per }, index) => limits.findIndex((other) => other.per === per) < index);
  if (twice !== undefined) return `there are two limits for a ${twice.per}: leave one out`;
  for (const longer of limits) {
    const shorter = limits.find(
      ({ requests, per }) => spanMs[per] < spanMs[longer.per] && requests >= longer.requests,
    );
    if (shorter !== undefined)
      return `${inWords(shorter)} are never reached where ${inWords(longer)} are allowed: leave the former out`;
  }
  return null;
}

/** `1,000 an hour` */
export function inWords({ requests, per }: Limit): string {
  return `${requests.toLocaleString('en-US')} ${per === 'hour' ? 'an' : 'a'} ${per}`;
}
