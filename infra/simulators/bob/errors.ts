import { html, json, text } from '../frame/answer.ts';
import { utc } from '../frame/timeline.ts';
import type { Answer } from '../frame/vendor.ts';

/** The shapes of Bob's error page ("Error handling" in its API documentation). */
export const bobErrors = {
  /** `{key, error, args}` */
  keyed(status: number, key: string, error: string, args: readonly string[] = []): Answer {
    return json(status, { key, error, args });
  },
  /** `{error, message, statusCode, timestamp}`, as Goals and newer modules have it. */
  stamped(statusCode: number, error: string, message: string, now: number): Answer {
    return json(statusCode, { error, message, statusCode, timestamp: utc(now) });
  },
  /** A filter without its field; the text of the error page, as it is. */
  filterWithoutField(index: number): Answer {
    return text(
      400,
      `Missing required field: obj[${String(index)}].fieldId -> Missing required filter field id`,
    );
  },
  moduleNotBought(module: string): Answer {
    return bobErrors.keyed(404, `exception.${module}.notfound`, `${module} not found`, [module]);
  },
  /** What a GET gets that carries a Content-Type of JSON. */
  badRequestPage: (): Answer => html(400, 'Bad Request'),
  /** The web application, which answers whatever the API does not know. */
  webApplication: (): Answer => html(200, 'Bob'),
};
