import type { Advice } from '../connector.ts';

/** Of "Error handling". */
export const advice: Advice = {
  alarms: {
    unauthorized:
      "Check the service user's id and token, and that they are of this environment (sandbox or production).",
    missing:
      'The resource is not available to your organization: some need a module such as Time and Attendance to be bought and activated.',
    exhausted: 'Retry later; if it lasts, contact HiBob support.',
    throttled:
      'Each endpoint has a limit of its own: see what else calls it with this service user, spread the schedules, choose slower ones, or set limitPerMinute on the stream.',
  },
  check: {
    credential: "Check the service user's id and token, and that they are of this environment.",
    permission: 'Give the service user the permission, or the scope.',
    missing:
      'It is not available to your organization: a module, such as Time and Attendance, may have to be bought and activated.',
    vendor: 'Retry later, or contact HiBob support.',
  },
};
