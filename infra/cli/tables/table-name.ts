/** `bob_time_off_changes` of `bob/time-off-changes`: what SQL takes without quotes. */
export function tableNameOf(stream: string): string {
  return stream.replaceAll(/[^A-Za-z0-9]/g, '_');
}
