/**
 * What misleads a terminal or the person who looks at it: control characters (among them those that move the cursor, set the title
 * or fill the clipboard), those that turn the direction of reading round, half characters, and what takes no room. Variation
 * selectors only choose between two pictures.
 */
const misleading = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]--[\ufe00-\ufe0f]]/gv;

/** One of them, or what a text of ours may have in it: the end of a line, a tab, a colour. */
const inText = new RegExp(`\\r?\\n|\\t|${misleading.source}`, 'gv');
const inColoredText = new RegExp(`\\u001b\\[[\\d;]*m|${inText.source}`, 'gv');

/** Words from outside on one line of a terminal: what would act there is written as JSON writes it, such as `\u202e`. */
export function printable(words: string): string {
  return words.replaceAll(misleading, escaped);
}

/**
 * Whole output, at the place where it is written. What is escaped in a JSON text means the same there.
 *
 * @param colors whether the text is coloured by us: words from outside have gone through `printable` then
 */
export function printableText(text: string, colors: boolean): string {
  return text.replaceAll(colors ? inColoredText : inText, (found) =>
    isOurs(found) ? found : escaped(found),
  );
}

/** The patterns find more than one character only where it is a colour or the end of a line. */
function isOurs(found: string): boolean {
  return found === '\n' || found === '\t' || found === '\r\n' || found.endsWith('m');
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}
