import type { StreamDefinition } from '../../lib/connectors/connector.ts';

/** Texts of many forms: for most patterns some of them will do. */
const examples = [
  'made-up-1', 'made-up-2', 'made-up-3', 'madeup', 'invented', 'pretend', 'made_up', 'MadeUp', 'MADEUP', 'a', 'b', 'c', 'A', 'B', 'C', 'true', 'false', 'en', 'EUR',
  '1', '2', '3', '12', '345', '1001', '1002', '1003', '9007199254740993', '9007199254740995', '9007199254740997',
  'made/up-1-A', 'usergroups/310-A', '310-A', '2026-01-31', '2026-02-28', '2026-02', '12:30',
  '0b5c5c3e-7d52-4a35-9d51-2f1a6a3b6a01', '0b5c5c3e-7d52-4a35-9d51-2f1a6a3b6a02', '0b5c5c3e-7d52-4a35-9d51-2f1a6a3b6a03',
  'made.up', 'Made Up', '/made-up', 'testa@example.com', 'https://example.com/made-up', 'category_1234567890123',
]; // prettier-ignore

/** Values for what a user has to say, as the patterns want them: up to three where a list is wanted. */
export function exampleParams({
  params = {},
}: StreamDefinition): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(params).map(([name, { pattern, many }]) => {
      const whole = new RegExp(`^(?:${pattern})$`);
      return [name, examples.filter((text) => whole.test(text)).slice(0, many === true ? 3 : 1)];
    }),
  );
}
