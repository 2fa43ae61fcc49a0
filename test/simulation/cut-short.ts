import type { CutWord } from './faults.ts';

/** How an answer says that there is more than it holds, beside its body. */
export interface Cut {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Lets an answer say that it is not all: by what HTTP has for it (RFC 9110, 206 and `Content-Range`), or in its body as vendors that
 * page do.
 */
export function cutShort(
  word: CutWord,
  body: Record<string, unknown>,
  { given, of }: { readonly given: number; readonly of: number },
): Cut {
  const range = { 'content-range': `items 0-${given - 1}/${of}` };
  switch (word) {
    case '206':
      return { status: 206, headers: {} };
    case '206 and range':
      return { status: 206, headers: range };
    case 'range':
      return { status: 200, headers: range };
    case 'has_more':
      body['has_more'] = true;
      break;
    case 'next_cursor':
      body['next_cursor'] = 'after:2';
      break;
    case 'next':
      body['next'] = 'https://vendor.example/list?page=2';
      break;
    case 'total':
      body['total'] = of;
  }
  return { status: 200, headers: {} };
}
