import { medianOf, storms, worlds } from './outage-cases.ts';

/** Prints the table of docs/outages.md: `node test/simulation/outage-figures.ts [seeds]`. */
const seeds = Number(process.argv[2] ?? 101);
const print = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);

print([
  'storm of 503s',
  'streams in the limit scope',
  'first good call',
  'of the last stream',
  'calls in it',
]);
print(Array<string>(5).fill('---'));
for (const storm of storms) {
  for (const world of worlds) {
    const { first, last, calls } = await medianOf(storm, world, seeds);
    print([storm.name, world.name, `${first.toFixed(0)} s`, `${last.toFixed(0)} s`, String(calls)]);
  }
}
