import { secretFields } from '../../../lib/connectors/connector.ts';
import { isWithoutCredentials } from '../../../lib/runtime/settings-document.ts';
import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { demand, type Check, type Subject } from '../check.ts';

const sentence = 'The request is invalid';

/** Where the errors of vendors have their sentence. */
const shapes: Readonly<Record<string, object | string>> = {
  error: { error: sentence },
  'error.message': { error: { code: 400, message: sentence } },
  'errors[].message': { errors: [{ message: sentence }] },
  'errors[].detail': { errors: [{ title: 'Invalid', detail: sentence, code: 'E1' }] },
  'errors by field': { errors: { [`id-4711`]: [sentence] } },
  detail: { type: 'about:blank', title: 'Bad Request', detail: sentence },
  'detail[].msg': { detail: [{ loc: ['query', 'limit'], msg: sentence }] },
  Message: { Message: sentence },
  'a text': sentence,
};

const writings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'capital letters': (text) => text.toUpperCase(),
  percent: encodeURIComponent,
  entities: (text) => Array.from(text, (character) => `&#${character.charCodeAt(0)};`).join(''),
  base64: (text) => Buffer.from(text).toString('base64').replaceAll('=', ''),
  'the first twelve': (text) => text.slice(0, 12),
};

async function reasonOf(subject: Subject, answer: FakeAnswer): Promise<string> {
  const bench = await subject.bench({ rows: 1 });
  bench.model.interrupt = () => answer;
  return (await bench.tick()).reason ?? '';
}

/** Of what a vendor says, and of what must not be repeated. */
export const wordChecks: readonly Check[] = [
  {
    name: "tells the vendor's sentence, wherever an error has it",
    run: async (subject) => {
      for (const [name, body] of Object.entries(shapes)) {
        const reason = await reasonOf(subject, { status: 400, body });
        demand(reason.includes(sentence), `${name}: the sentence is not in "${reason}"`);
      }
      const within = await reasonOf(subject, { status: 200, body: { success: false, message: sentence } });
      demand(within.includes(sentence), `with status 200: the sentence is not in "${within}"`);
      return `${Object.keys(shapes).length + 1} shapes`;
    },
  },
  {
    name: 'repeats no credential, however it is written',
    run: async (subject) => {
      // As the bench has them.
      const values = secretFields(subject.connector).map((field) => `made-up ${field}`);
      for (const [name, write] of Object.entries(writings)) {
        const message = `Invalid key ${values.map(write).join(' or ')}`;
        const reason = (await reasonOf(subject, { status: 401, body: { error: message } })).toLowerCase();
        const told = values.find((value) => reason.includes(write(value).toLowerCase().slice(0, 8)));
        demand(told === undefined, `${name}: "${reason}"`);
      }
      return `${Object.keys(writings).length} writings`;
    },
  },
  {
    name: 'has a base URL without credentials',
    run: async ({ connector: { baseUrl } }) => {
      demand(isWithoutCredentials(baseUrl), 'the base URL holds an @: what stands before it would be told');
      return 'no @ in it';
    },
  },
];
