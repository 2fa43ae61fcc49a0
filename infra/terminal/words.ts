import { printable } from './printable.ts';

/** `1,037`: numbers are grouped the same way everywhere, whatever the machine's locale. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 page`, `12 pages` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `1:05`, for a clock that runs. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Cut with an ellipsis, so that a line stays a line. */
export function truncated(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 1 ? '' : `${text.slice(0, width - 1)}…`;
}

/** What came from a vendor or a log may hold line breaks or control characters, and is to stay one calm line. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\p{Cc}+/gu, ' ').trim());
}

/** As a shell takes it for one word. */
export function quoted(word: string): string {
  return /^[\w./:@%+-][\w./:@%+=-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** In lines of at most so many characters, but for a word that is longer; all but the first are indented. */
export function wrapped(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
