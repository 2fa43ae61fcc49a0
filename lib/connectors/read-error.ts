import { at, isObject, parseJson } from './json.ts';

/**
 * A vendor's error body in a few safe words, for on-call.
 *
 * Error bodies echo data: ids, e-mail addresses, the value that was refused. So only what vendors use for words (`key`,
 * `error`, `message`, `errorMessage`) is kept, to 200 characters, with addresses, long digit runs and quoted text masked;
 * `args` and everything else is dropped, and so are the
 * credentials, wherever they stand. Bob's shapes are on its "Error handling" page; Mobaro's are not published.
 */
export function readError(
  body: string,
  contentType: string | undefined,
  credentials: readonly string[],
): string | null {
  // A vendor may name the key that it refuses; before anything is cut or masked, so that no part of it is left.
  const text = credentials.reduce((left, secret) => left.replaceAll(secret, '[secret]'), body).trim();
  if (text === '') return null;
  if (looksLikeHtml(text, contentType)) return 'a page of HTML';
  const json = tryParse(text);
  if (isObject(json)) {
    const words = [...wordsOf(json), ...fieldErrors(at(json, ['errors']))];
    return words.length === 0 ? null : scrub([...new Set(words)].join(': '));
  }
  // Bob's filter errors may come as bare text; this much of it holds names of fields only.
  const missing = /Missing required (?:filter )?field: [\w[\].]+(?: -> Missing required [a-z ]{1,40})?/.exec(
    text,
  );
  return missing === null ? null : scrub(missing[0]);
}

export function looksLikeHtml(body: string, contentType: string | undefined): boolean {
  return (contentType ?? '').toLowerCase().includes('html') || /^\s*<(!doctype|html|head|body)\b/i.test(body);
}

const maxLength = 200;
/** What is looked at: masking takes time that grows with the square of a long word. */
const maxScanned = 2000;

export function scrub(text: string): string {
  const masked = text
    .slice(0, maxScanned)
    .replace(/\s+/g, ' ')
    .replace(/\S+@\S+/g, '[e-mail]')
    // A single quote inside a word is an apostrophe.
    .replace(/"[^"]*"|(?<!\w)'[^']*'(?!\w)|`[^`]*`|“[^”]*”|‘[^’]*’|«[^»]*»/g, '[quoted]')
    // Ids may be grouped or carry a suffix; four digits in a row are a year or a port, more are somebody.
    .replace(/\d(?:[\d\s.,-]*\d){4,}/g, '[digits]')
    .trim();
  return masked.length <= maxLength ? masked : `${masked.slice(0, maxLength - 1)}…`;
}

function wordsOf(json: unknown): string[] {
  return ['key', 'error', 'message', 'errorMessage']
    .map((name) => at(json, [name]))
    .filter((value): value is string => typeof value === 'string' && value.trim() !== '');
}

/** `{errors: {"<field or employee>": {error, message}}}`: the words, not the names, which may be ids. */
function fieldErrors(errors: unknown): string[] {
  return isObject(errors) ? Object.values(errors).flatMap(wordsOf).slice(0, 3) : [];
}

function tryParse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
