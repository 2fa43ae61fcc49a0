import { randomFor } from './random.ts';

// Nobody is called this, so that no one mistakes the data for real people's.
const firstNames = [
  'Testa', 'Mockwin', 'Fixtura', 'Samplo', 'Demona', 'Exemplo', 'Dummian', 'Ficta', 'Lorema', 'Ipsumir', 'Dolora',
  'Fooby', 'Barnabar', 'Bazilla', 'Quxley', 'Stubrina', 'Zéroë', 'Nullah', 'Voidric', 'Øxample',
]; // prettier-ignore
const surnames = [
  'Madeupson', 'Fictitiousen', 'Inventarossa', 'Notreal', 'Examplesen', 'Pretendberg', 'Sampleton', 'Mockford',
  'Imaginaire', 'Nobodyski', "O'Testerman", 'Placeholder', 'von Nirgendwo', 'Untrueblood', 'Fakewell-Dummy',
]; // prettier-ignore

export interface InventedPerson {
  readonly firstName: string;
  readonly surname: string;
  readonly displayName: string;
  /** Under example.com, which RFC 2606 keeps free of real mailboxes. */
  readonly email: string;
}

export function inventedPerson(seed: number, group: string, index: number): InventedPerson {
  const random = randomFor(seed, group, 'name', index);
  const firstName = random.pick(firstNames);
  const surname = random.pick(surnames);
  return {
    firstName,
    surname,
    displayName: `${firstName} ${surname}`,
    email: `${plain(firstName)}.${plain(surname)}.${String(index + 1)}@example.com`,
  };
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll('Ø', 'O')
    .replaceAll(/[^A-Za-z-]/g, '')
    .toLowerCase();
}
