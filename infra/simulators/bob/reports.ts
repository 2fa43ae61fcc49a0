import { empty, json, text } from '../frame/answer.ts';
import { exact, type JsonObject } from '../frame/json.ts';
import { date, moment, naive } from '../frame/timeline.ts';
import type { Answer } from '../frame/vendor.ts';
import { bobErrors } from './errors.ts';
import type { Person } from './people.ts';
import type { Section } from './section.ts';

const reports = [
  { id: '30010001', name: 'Made-up headcount' },
  { id: '30010002', name: 'Pretend joiners: 50% of "them"' },
] as const;

/** The report whose rows stand for the stream `report-rows`. */
export const [{ id: report }] = reports;

/** So often a file is not ready when it is asked for. */
const polls = 2;

interface File {
  readonly format: string;
  asked: number;
}

/**
 * Reports, and their files: started, asked for until they are there (204 until then), and named by a `Location` on another host,
 * to which no credentials belong. Source: the reference of reports. What the JSON looks like is not published.
 */
export function reportsOf(people: readonly Person[]): Section {
  const files = new Map<string, File>();
  const active = people.filter((person) => person.active);

  const start = (id: string, format: string): Answer => {
    const title = reports.find((one) => one.id === id)?.name ?? '';
    const name = `${naive(moment(files.size)).replaceAll(':', '_')}-${title}.${format}`;
    files.set(name, { format, asked: 0 });
    const location = `https://app.bob.invalid/v1/company/reports/download/${encodeURIComponent(name)}`;
    return empty(200, { Location: location });
  };

  return {
    routes: [
      {
        method: 'GET',
        path: '/company/reports',
        handle: () =>
          json(200, {
            views: reports.map(({ id, name }) => ({
              id: exact(id),
              name,
              type: 'people',
              description: 'Invented',
              creationDate: date(moment(3)),
              configuration: { fields: ['root.id', 'root.displayName', 'work.startDate'] },
            })),
          }),
      },
      {
        method: 'GET',
        path: '/company/reports/download/*',
        handle: (_, name) => {
          const file = files.get(name);
          if (!file) return bobErrors.keyed(404, 'exception.report.notfound', 'report not found', [name]);
          file.asked += 1;
          return file.asked > polls ? content(active, file.format) : empty(204);
        },
      },
      {
        method: 'GET',
        path: '/company/reports/*',
        handle: ({ query }, rest) => {
          const [id = '', action] = rest.split('/');
          if (!reports.some((one) => one.id === id)) {
            return bobErrors.keyed(404, 'exception.report.notfound', 'report not found', [id]);
          }
          const format = query.get('format') ?? 'csv';
          if (format !== 'csv' && format !== 'json') {
            return bobErrors.keyed(400, 'exception.report.format', 'Here, only csv and json are written');
          }
          if (action === 'download-async') return start(id, format);
          return action === 'download' ? content(active, format) : bobErrors.webApplication();
        },
      },
    ],
    ids: { reports: () => reports.map(({ id }) => id), 'report-rows': () => active.map(({ id }) => id) },
  };
}

function content(people: readonly Person[], format: string): Answer {
  const rows = people.map(({ id, values }): JsonObject => ({
    id,
    displayName: values['root.displayName'] ?? null,
    work: { startDate: values['work.startDate'] ?? null },
  }));
  if (format === 'json') return json(200, { employees: rows });
  const lines = people.map(
    ({ id, values }) => `${id},"${String(values['root.displayName'])}",${String(values['work.startDate'])}`,
  );
  return text(200, `${['Employee ID,Display name,Start date', ...lines].join('\r\n')}\r\n`, {
    'Content-Type': 'text/csv; charset=utf-8',
  });
}
