/** So many characters in a row of a credential are too many; of a shorter one, all of it. */
const maxRun = 8;
/** Less is a word like any other. */
const minSecret = 4;

/**
 * The text with `…` in place of every word that takes part in a run of eight or more characters of a credential, in any
 * case, and with anything between its letters and digits. For text that has been decoded.
 */
export function hideCredentials(text: string, credentials: readonly string[]): string {
  const hidden = new Set<number>();
  for (const credential of credentials) {
    // As it is, and for writings that lose or change its other signs: + as a blank, = left out, - as _.
    for (const view of [asItIs, lettersAndDigits]) markRuns(view(text), view(credential), hidden);
  }
  if (hidden.size === 0) return text;
  return text.replace(/\S+/g, (word, start: number) =>
    Array.from(word).some((_, index) => hidden.has(start + index)) ? '…' : word,
  );
}

interface View {
  readonly characters: string;
  /** Of each character, where it stands in the text. */
  readonly places: readonly number[];
}

function asItIs(text: string): View {
  const characters = lowerCase(text);
  return { characters, places: Array.from({ length: characters.length }, (_, index) => index) };
}

function lettersAndDigits(text: string): View {
  let characters = '';
  const places: number[] = [];
  let place = 0;
  for (const character of lowerCase(text)) {
    if (/[\p{L}\p{N}]/u.test(character)) {
      characters += character;
      while (places.length < characters.length) places.push(place);
    }
    place += character.length;
  }
  return { characters, places };
}

/** By character, so that none moves: the small form of some is longer. */
function lowerCase(text: string): string {
  return text.replace(/./gsu, (character) => {
    const lower = character.toLowerCase();
    return lower.length === character.length ? lower : character;
  });
}

function markRuns({ characters, places }: View, credential: View, hidden: Set<number>): void {
  const secret = credential.characters;
  if (secret.length < minSecret) return;
  const size = Math.min(maxRun, secret.length);
  const runs = new Set(
    Array.from({ length: secret.length - size + 1 }, (_, at) => secret.slice(at, at + size)),
  );
  for (let at = 0; at + size <= characters.length; at++) {
    if (!runs.has(characters.slice(at, at + size))) continue;
    for (const place of places.slice(at, at + size)) hidden.add(place);
  }
}
