/** Which requests a fault strikes. */
export interface FaultMatch {
  /** Below the base URL: `/users`. `*` is any path. */
  readonly path: string;
  /** The nth request to that path since the start, from 1; several; or all from one on. For `*`, the nth of all. */
  readonly at: number | readonly number[] | { readonly from: number };
}

/** A header that depends on the time, such as an HTTP-date, is a function of the vendor's clock (epoch milliseconds). */
export type FaultHeaders = Readonly<Record<string, string | ((now: number) => string)>>;

export type Fault = { readonly match: FaultMatch } & (
  | {
      /** Answers in place of the vendor. A body that is not a string is sent as JSON. */
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: FaultHeaders;
      readonly body?: unknown;
    }
  | {
      /** Changes the top level of the JSON object that the vendor answers with status 200. */
      readonly kind: 'alter';
      readonly set?: Readonly<Record<string, unknown>>;
      readonly remove?: readonly string[];
    }
  /** Answers as usual, but late. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Closes the connection before the answer or in the middle of its body. */
  | { readonly kind: 'drop'; readonly when: 'before-answer' | 'mid-body' }
);

/** The first entry that matches strikes. Faults go by count and not by chance, so that a run can be repeated. */
export type FaultPlan = readonly Fault[];

/** How many requests have come, in all and by path, since the start. */
export interface RequestCount {
  readonly all: number;
  readonly ofPath: number;
}

export function faultFor(plan: FaultPlan, path: string, count: RequestCount): Fault | null {
  const strikes = ({ match }: Fault): boolean => {
    if (match.path === '*') return includes(match.at, count.all);
    return match.path === path && includes(match.at, count.ofPath);
  };
  return plan.find(strikes) ?? null;
}

function includes(at: FaultMatch['at'], nth: number): boolean {
  if (typeof at === 'number') return at === nth;
  return 'from' in at ? nth >= at.from : at.includes(nth);
}

/** For logs: `429`, `alter`, `slow`, `drop`. */
export function nameOfFault(fault: Fault): string {
  return fault.kind === 'answer' ? String(fault.status) : fault.kind;
}
