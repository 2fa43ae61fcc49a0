/** By stream: `bob_time_off_changes` of `bob/time-off-changes`, which SQL takes without quotes. No two have one name. */
export function tableNamesOf(streams: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const used = new Set<string>();
  for (const stream of streams) {
    const plain = stream.replaceAll(/[^A-Za-z0-9]/g, '_');
    let name = plain;
    for (let number = 2; used.has(name); number += 1) name = `${plain}_${String(number)}`;
    used.add(name);
    names.set(stream, name);
  }
  return names;
}
