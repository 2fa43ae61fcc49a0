import { plain } from '../terminal/colors.ts';
import { calmTable, textOf } from '../terminal/table.ts';
import { count, counted } from '../terminal/words.ts';
import { objectionsTo, type BundledPackage } from './bundled-packages.ts';

/** With the blanks between them 80 columns. */
const widths = [44, 11, 13, 9];

/** The packages in a table, and what is wrong with them. Pure. */
export function auditReport(packages: readonly BundledPackage[]): {
  readonly text: string;
  readonly isClean: boolean;
} {
  const table = calmTable(
    ['package', 'version', 'licence', 'bytes'],
    ['left', 'left', 'left', 'right'],
    plain,
    { widths },
  );
  for (const { name, version, licence, bytes } of packages) {
    table.push([name, version, licence ?? 'none', count(bytes)]);
  }
  const objections = packages.flatMap(objectionsTo);
  const verdict =
    objections.length === 0
      ? `${counted(packages.length, 'package')}, as package-lock.json has them, all under permissive licences.`
      : objections.join('\n');
  return { text: `${textOf(table)}\n\n${verdict}`, isClean: objections.length === 0 };
}
