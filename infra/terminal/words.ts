import { printable } from './printable.ts';

/** `1,037`: numbers are grouped the same way everywhere, whatever the machine's locale. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 page`, `12 pages` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `3 s`, `2 min 5 s`, `11 h 20 min`: never shorter than it is. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined([minutes, 'min'], [seconds % 60, 's']);
  return joined([Math.floor(minutes / 60), 'h'], [minutes % 60, 'min']);
}

/** `3 s`, `2 min`, `11 h`, `4 d`: the largest unit alone, never longer than it is. */
export function roughly(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${String(seconds)} s`;
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min`;
  if (seconds < 2 * 86_400) return `${String(Math.floor(seconds / 3600))} h`;
  return `${count(Math.floor(seconds / 86_400))} d`;
}

function joined(...parts: readonly (readonly [number, string])[]): string {
  return parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${String(value)} ${unit}`)
    .join(' ');
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
