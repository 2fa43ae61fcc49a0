/**
 * To be imported before anything else. `npm` and `npx` put the project's own Node in front; a person who calls the file by hand
 * may have an older one, which would only fail later and in other words. (One that cannot read TypeScript fails
 * before this.)
 */
const needed = 24;
const major = Number(process.versions.node.split('.', 1)[0]);

if (major < needed) {
  process.stderr.write(
    `Pagekeeper needs Node ${String(needed)} and this is ${process.version}. Use npm start or npx pagekeeper: they bring the right one along.\n`,
  );
  process.exit(2);
}
