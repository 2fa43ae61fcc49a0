const refusals = 50;
const withinMs = 10_000;
const blockMs = 5 * 60_000;

export interface Firewall {
  isBlocked(callers: readonly string[], now: number): boolean;
  /** Counts one 401 against each of the callers. */
  refused(callers: readonly string[], now: number): void;
}

/**
 * Bob's blocking of those who fail to authenticate: 50 times in 10 s from one address or with one Authorization header,
 * and nothing comes through for 5 minutes. The figures are from others' descriptions of Bob's documentation.
 */
export function createFirewall(): Firewall {
  const recent = new Map<string, readonly number[]>();
  const blockedUntil = new Map<string, number>();
  return {
    isBlocked: (callers, now) => callers.some((caller) => now < (blockedUntil.get(caller) ?? -Infinity)),
    refused(callers, now) {
      for (const caller of callers) {
        const times = [...(recent.get(caller) ?? []).filter((time) => time > now - withinMs), now];
        recent.set(caller, times);
        if (times.length >= refusals) blockedUntil.set(caller, now + blockMs);
      }
    },
  };
}
