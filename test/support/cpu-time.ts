/** What this work takes of the processor, in milliseconds: a busy machine takes longer for it, and no more of that. */
export function cpuMs(work: () => void): number {
  const begun = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1000;
}
