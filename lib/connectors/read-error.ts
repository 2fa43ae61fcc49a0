import type { StreamDefinition } from './connector.ts';
import { decoded } from './decoded.ts';
import { errorTexts, saysError } from './error-texts.ts';
import { hideCredentials } from './hide-credentials.ts';
import { parseJson } from './json.ts';
import { collapsed, knownWords } from './known-words.ts';
import { ownNames } from './own-names.ts';
import { publishedSentence } from './published-sentence.ts';

/** With what an error is read. */
export interface Hearing {
  readonly definition: StreamDefinition;
  /** That were requested; null where there are none to choose. */
  readonly fields: readonly string[] | null;
  /** What must not be repeated, wherever the vendor does. */
  readonly credentials: readonly string[];
  /** That the vendor has published, see `Connector`. */
  readonly sentences?: readonly string[];
}

/**
 * A vendor's error body in a few safe words, for on-call: at most 200 characters, null if there are none.
 *
 * Error bodies echo data: ids, names, the value that was refused, the key. So what leaves is not what looks harmless, but what is
 * known: sentences that the vendor has published, words that errors are made of, the stream's own names, and HTTP's numbers; all
 * else becomes `…`. See SECURITY.md and docs/decisions/0012.
 */
export function readError(body: string, contentType: string | undefined, hearing: Hearing): string | null {
  const json = tryParse(body);
  if (json === undefined && looksLikeHtml(body, contentType)) return 'a page of HTML';
  return inSafeWords(json === undefined ? [withoutTags(body)] : errorTexts(json), hearing);
}

/** The words of an error that came with a good status; null where nothing says that it is one. */
export function readErrorWithin(json: unknown, hearing: Hearing): string | null {
  return saysError(json) ? inSafeWords(errorTexts(json), hearing) : null;
}

/** The body decides; the type is believed of what could be anything else but JSON. */
export function looksLikeHtml(body: string, contentType: string | undefined): boolean {
  if (/^\s*(?:<!--[^]{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body|title|meta|script)\b/i.test(body))
    return true;
  return (contentType ?? '').toLowerCase().includes('html') && !/^\s*(?:[[{"]|<\?xml\b)/i.test(body);
}

const maxLength = 200;
/** Of each text; more would not be reported anyhow. */
const maxScanned = 2000;

function inSafeWords(texts: readonly string[], hearing: Hearing): string | null {
  const { credentials, definition, fields, sentences = [] } = hearing;
  const names = ownNames(definition, fields);
  const safeTexts = texts.flatMap((raw) => {
    const text = decoded(raw.slice(0, maxScanned)).slice(0, maxScanned);
    return publishedSentence(text, sentences, names) ?? knownWords(text, names) ?? [];
  });
  if (safeTexts.length === 0) return null;
  const safe = collapsed(hideCredentials(joined([...new Set(safeTexts)]), credentials));
  if (!/\p{L}/u.test(safe)) return null;
  return safe.length <= maxLength ? safe : `${safe.slice(0, maxLength - 1)}…`;
}

/** A code and what it says, or sentence after sentence. */
function joined(texts: readonly string[]): string {
  return texts
    .map((text) => (/[.!?:]$/.test(text) ? `${text} ` : `${text}: `))
    .join('')
    .replace(/:? $/, '');
}

/** XML has its words between its tags; a text that has none stays as it is. */
function withoutTags(text: string): string {
  return /^\s*</.test(text) ? text.slice(0, 4 * maxScanned).replace(/<[^<>]*>/g, ' ') : text;
}

function tryParse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
