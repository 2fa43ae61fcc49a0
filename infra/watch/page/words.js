// Words and numbers, the same everywhere on the page.

/** @param {number} value */
export function count(value) {
  return value.toLocaleString('en-US');
}

/**
 * `1 page`, `12 pages`
 * @param {number} value
 * @param {string} one
 */
export function counted(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/**
 * `3 s`, `2 min`, `11 h 20 min`, `4 d`: never shorter than it is, and no finer than is looked at.
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 5) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

/**
 * @param {number} at
 * @param {number} now
 */
export function ago(at, now) {
  return now - at < 1500 ? 'just now' : `${coarsely(Math.floor((now - at) / 1000) * 1000)} ago`;
}

/**
 * Without seconds as soon as they are noise.
 * @param {number} ms
 */
export function coarsely(ms) {
  const minute = 60_000;
  return duration(ms < 2 * minute ? ms : Math.floor(ms / minute) * minute);
}

/**
 * `10:04:07`, and the day where it is not today's.
 * @param {number} at
 * @param {number} now
 */
export function clock(at, now, withSeconds = true) {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), ...(withSeconds ? [date.getSeconds()] : [])]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  if (date.toDateString() === new Date(now).toDateString()) return time;
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  return `${date.getDate()} ${months[date.getMonth()]} ${time}`;
}

/**
 * `240 records`, `240 written`: a count by its name.
 * @param {string} name
 * @param {number} value
 */
export function countInWords(name, value) {
  return value === 1 && name.endsWith('s') ? `1 ${name.slice(0, -1)}` : `${count(value)} ${name}`;
}
