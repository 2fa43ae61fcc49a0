/** What a company may or may not have bought, by the names that the simulated Bob takes for them: where their paths begin. */
export const bobModules: Readonly<Record<string, readonly string[]>> = {
  attendance: ['/attendance/'],
  hiring: ['/hiring/'],
  goals: ['/goals/'],
  'job-catalog': ['/job-catalog/'],
  'workforce-planning': ['/objects/position/', '/positions/'],
  skills: ['/skills/'],
};

/** The module that a path belongs to and that has not been bought; null if there is none. */
export function moduleMissing(path: string, bought: readonly string[] | 'all'): string | null {
  if (bought === 'all') return null;
  const found = Object.entries(bobModules).find(([, stems]) => stems.some((stem) => path.startsWith(stem)));
  return found && !bought.includes(found[0]) ? found[0] : null;
}
