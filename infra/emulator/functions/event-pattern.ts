import type { EventFilter, EventPattern } from '../template/event-filters.ts';

/**
 * Whether an event matches a pattern, as EventBridge has it: every key of the pattern by one of its filters, where an array in
 * the event matches by any of its values.
 */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    const value = isRecord(event) ? event[key] : undefined;
    if (!isFilters(wanted)) return matchesPattern(wanted, value);
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.some((one) => wanted.some((filter) => passes(filter, one)));
  });
}

function passes(filter: EventFilter, value: unknown): boolean {
  if (typeof filter !== 'object' || filter === null) return value === filter;
  // Lambda and EventBridge look at leaves only: an object at the path is as if nothing were there.
  if ('exists' in filter) return filter.exists === (value !== undefined && !isRecord(value));
  if ('anything-but' in filter) {
    return value !== undefined && !isRecord(value) && filter['anything-but'].every((one) => one !== value);
  }
  if (typeof value !== 'string') return false;
  return 'prefix' in filter ? value.startsWith(filter.prefix) : value.endsWith(filter.suffix);
}

function isFilters(wanted: readonly EventFilter[] | EventPattern): wanted is readonly EventFilter[] {
  return Array.isArray(wanted);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
