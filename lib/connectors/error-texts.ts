import { isObject, type JsonObject } from './json.ts';

/** How deep an error stands in its envelope at most, and how many of a list are looked at. */
const deepest = 4;
const maxOfList = 3;
/** A name has many writings (`e_rror`), so that an answer of 10 MB can hold 300,000 errors: no more texts are reported. */
const maxTexts = 12;
/** Of all texts, in characters; and of a name that is looked at. */
const maxCharacters = 4000;
const maxName = 40;

/** Texts, in the order in which they are reported: first the code, then the sentences. In small letters, without - and _. */
const textNames = [
  ...['key', 'code', 'errorcode', 'faultcode', 'category', 'type', 'error', 'errorsummary', 'title', 'fault'],
  ...['message', 'msg', 'errormessage', 'errormsg', 'errormessages', 'messages', 'faultstring', 'exception'],
  ...['detail', 'details', 'description', 'errordescription', 'exceptionmessage', 'reason', 'errors'],
];

/** What holds an error within it, or several, in a list or by the name of a field. */
const holders = new Set([
  ...['error', 'errors', 'errormessages', 'messages', 'message', 'detail', 'details', 'exception'],
  ...['fault', 'faults', 'problem', 'meta', 'response', 'innererror'],
]);

const allNames: ReadonlySet<string> = new Set([...textNames, ...holders]);

/** Of several errors each may stand under the name of a field, or of a person. */
const byField = new Set(['errors', 'detail', 'details']);

/**
 * The texts of an error's JSON, as they are: of `{key, error}` (Bob), `{error: {code, message}}`, `{errors: [{title, detail}]}`
 * (JSON:API), `{title, detail}` (RFC 9457), `{detail: [{msg}]}` (FastAPI), `{Message, errors: {Email: ["…"]}}` (ASP.NET),
 * `{error, error_description}` (OAuth), and a bare text. Names of fields are not among them, nor is what stands beside (`args`).
 * There are 12 at most, of 4,000 characters together, however large the JSON is.
 */
export function errorTexts(json: unknown): readonly string[] {
  if (typeof json === 'string') return [json.slice(0, maxCharacters)];
  const errors: readonly unknown[] = Array.isArray(json) ? json.slice(0, maxOfList) : [json];
  const texts = firstOf(errors.filter(isObject), (error) => textsOf(error, 0)).map((text) =>
    text.slice(0, maxCharacters),
  );
  return withinCharacters([...new Map(texts.map((text) => [text.trim().toLowerCase(), text])).values()]);
}

function withinCharacters(texts: readonly string[]): readonly string[] {
  let left = maxCharacters;
  return texts
    .map((text) => {
      const kept = text.slice(0, left);
      left -= kept.length;
      return kept;
    })
    .filter((text) => text !== '');
}

/** What it finds in all of them, as far as so many texts are reported; what comes behind is not looked at. */
function firstOf<T>(all: readonly T[], textsIn: (one: T) => readonly string[]): string[] {
  const texts: string[] = [];
  for (const one of all) {
    if (texts.length >= maxTexts) break;
    texts.push(...textsIn(one));
  }
  return texts.slice(0, maxTexts);
}

/** Whether a good status carries an error all the same: then its texts are an error's, and not a row's. */
export function saysError(json: unknown): boolean {
  if (!isObject(json)) return false;
  return Object.entries(json).some(([name, value]) => {
    const plain = plainName(name);
    if (
      ['error', 'errors', 'errormessage', 'errormessages', 'errorcode', 'fault', 'exception'].includes(plain)
    )
      return saysSomething(value);
    if (['success', 'ok', 'issuccess', 'succeeded', 'successful'].includes(plain))
      return value === false || value === 'false';
    return plain === 'status' && typeof value === 'string' && /^(error|fail(ed|ure)?)$/i.test(value);
  });
}

/** Texts in the place of an error that say that there was none. */
const noError = new Set([
  '',
  '0',
  '00',
  '000',
  '0000',
  '200',
  'none',
  'null',
  'no',
  'ok',
  'success',
  'false',
  'n/a',
]);

/** An error that is there and empty, also field by field, says that there was none. */
function saysSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(saysSomething);
  if (isObject(value)) return Object.values(value).some(saysSomething);
  if (typeof value === 'string') return !noError.has(value.trim().toLowerCase());
  return value !== null && value !== false && value !== 0;
}

function textsOf(error: JsonObject, depth: number): string[] {
  if (depth > deepest) return [];
  const named = valuesByName(error);
  const texts = firstOf(textNames, (name) => (named.get(name) ?? []).filter(isText));
  const held = firstOf(
    [...named].filter(([name]) => holders.has(name)),
    ([name, values]) => firstOf(values, (value) => textsWithin(value, byField.has(name), depth + 1)),
  );
  return [...texts, ...held].slice(0, maxTexts);
}

/** Under their plain names, as far as they mean something here; a few of each. */
function valuesByName(error: JsonObject): ReadonlyMap<string, readonly unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const name in error) {
    if (name.length > maxName) continue;
    const plain = plainName(name);
    if (!allNames.has(plain)) continue;
    const values = found.get(plain) ?? [];
    if (values.length < maxOfList) found.set(plain, [...values, error[name]]);
  }
  return found;
}

function textsWithin(value: unknown, isByField: boolean, depth: number): string[] {
  if (depth > deepest) return [];
  if (Array.isArray(value)) {
    return firstOf(value.slice(0, maxOfList) as readonly unknown[], (entry) =>
      isText(entry) ? [entry] : textsWithin(entry, false, depth + 1),
    );
  }
  if (!isObject(value)) return [];
  const own = textsOf(value, depth);
  if (own.length > 0 || !isByField) return own;
  return textsWithin(Object.values(value), false, depth + 1);
}

/** A URI names a kind of error, and leads elsewhere. */
function isText(value: unknown): value is string {
  return (
    typeof value === 'string' && value.trim() !== '' && !/^\s*(https?|urn|about|tag):\S*\s*$/i.test(value)
  );
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}
