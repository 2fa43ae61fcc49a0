/** What stood for the texts in braces: `{ids}` for a list, all others for a text. */
export type Captures = Readonly<Record<string, string | readonly string[]>>;

const placeholder = /\{([a-z][A-Za-z]*(?:[+-]\d{1,4})?)\}/g;

/** The names in braces in a definition's value, wherever they stand. */
function placeholdersIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [...value.matchAll(placeholder)].map(([, name = '']) => name);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(placeholdersIn);
}

/** Whether a value is what the template says, and what it has in the place of the braces; null if it is not. */
export function match(template: unknown, actual: unknown): Captures | null {
  if (template === '{ids}') {
    return isTexts(actual) ? { ids: actual } : null;
  }
  if (typeof template === 'string') return typeof actual === 'string' ? matchText(template, actual) : null;
  if (typeof template !== 'object' || template === null) return template === actual ? {} : null;
  if (typeof actual !== 'object' || actual === null) return null;
  if (Array.isArray(template) !== Array.isArray(actual)) return null;
  const wanted: [string, unknown][] = Object.entries(template);
  if (wanted.length !== Object.keys(actual).length) return null;
  return all(wanted.map(([key, inner]) => match(inner, (actual as Record<string, unknown>)[key])));
}

function matchText(template: string, text: string): Captures | null {
  const names = placeholdersIn(template);
  const literal = template.split(placeholder).filter((_, index) => index % 2 === 0);
  const pattern = literal.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+?)');
  const found = new RegExp(`^${pattern}$`, 's').exec(text);
  if (found === null) return null;
  return all(names.map((name, index) => ({ [name]: found[index + 1] ?? '' })));
}

/** The path of a URL, segment by segment: a text in braces is one of them, decoded. */
export function matchPath(template: string, path: string): Captures | null {
  const wanted = template.split('/');
  const actual = path.split('/');
  if (wanted.length !== actual.length) return null;
  return all(
    wanted.map((segment, index) => {
      try {
        return matchText(segment, decodeURIComponent(actual[index] ?? ''));
      } catch {
        return null;
      }
    }),
  );
}

/** Together; null if one is null, or if two say different things of one name. */
export function all(parts: readonly (Captures | null)[]): Captures | null {
  const together: Record<string, string | readonly string[]> = {};
  for (const part of parts) {
    if (part === null) return null;
    for (const [name, value] of Object.entries(part)) {
      if (name in together && JSON.stringify(together[name]) !== JSON.stringify(value)) return null;
      together[name] = value;
    }
  }
  return together;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}
