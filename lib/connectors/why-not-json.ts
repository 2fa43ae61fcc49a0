import { deepestJson, NestedTooDeeplyError } from './json.ts';
import { looksLikeHtml } from './read-error.ts';

/** So much of a page is searched for what it is. */
const searched = 100_000;

/**
 * What a body is in place of JSON, for people: the body decides, and the type is a hint for what could be anything. Holds
 * nothing of either.
 * @param error what parsing it threw, whose message quotes the body
 */
export function whyNotJson(body: string, contentType: string | undefined, error: unknown): string {
  if (error instanceof NestedTooDeeplyError)
    return `JSON that is nested more than ${deepestJson} levels deep`;
  const text = body.trimStart();
  if (text === '') return 'an empty body instead of JSON';
  if (looksLikeHtml(text, contentType)) return `${pageOf(text)} instead of JSON`;
  if (/^<[?!\w]/.test(text)) return 'XML instead of JSON';
  if (/^[[{"]/.test(text)) return likeJson(text, error);
  return text.includes('\0') ? 'bytes that are no text instead of JSON' : 'plain text instead of JSON';
}

/** A page with a form to log in shows it. */
function pageOf(html: string): string {
  const asksForPassword = /<input[^>]{0,500}type\s*=\s*["']?password/i.test(html.slice(0, searched));
  return asksForPassword ? 'a page of HTML to log in' : 'a page of HTML';
}

function likeJson(text: string, error: unknown): string {
  if (breaksOff(text, error)) return 'JSON that breaks off';
  return isSeveral(text) ? 'several JSON texts instead of one' : 'a body that begins like JSON and is none';
}

/** V8 says where it gave up, unless that was the end. */
function breaksOff(text: string, error: unknown): boolean {
  const message = error instanceof Error ? error.message : '';
  const position = /at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message)?.[1];
  return position === undefined
    ? message.includes('end of JSON input')
    : Number(position) >= text.trimEnd().length;
}

/** A text a line, as logs and exports have it. */
function isSeveral(text: string): boolean {
  const [first = '', second = ''] = text.slice(0, searched).split(/\r?\n/);
  return [first, second].every((line) => {
    try {
      JSON.parse(line);
      return true;
    } catch {
      return false;
    }
  });
}
