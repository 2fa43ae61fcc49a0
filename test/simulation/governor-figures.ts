import { cases, figuresOf } from './governor-cases.ts';

/** Prints the table of docs/governor.md: `node test/simulation/governor-figures.ts [seed]`. */
const seed = Number(process.argv[2] ?? 1);
const percent = (part: number, digits = 1): string => `${(part * 100).toFixed(digits)} %`;
const print = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);

print([
  'vendor',
  'streams',
  'used',
  'of',
  '429s',
  'in warm-up',
  'slowest / fastest stream',
  're-drives / page',
]);
print(Array<string>(8).fill('---'));
for (const one of cases) {
  for (const streams of one.streams) {
    const { use, refused, refusedBefore, fairness, redrivesPerPage } = await figuresOf(one, streams, seed);
    print([
      one.name,
      String(streams),
      percent(use),
      one.wholeIs,
      percent(refused, 2),
      String(refusedBefore),
      percent(fairness, 0),
      redrivesPerPage.toFixed(2),
    ]);
  }
}
