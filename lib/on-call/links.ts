import { logGroupNameOf } from './log-groups.ts';

/** Of AWS's console. Pure. */

const maxNamed = 5;

export function dashboardUrl(region: string, deployment: string): string {
  // As infra/constructs/dashboard.ts names it.
  return `${cloudWatch(region)}#dashboards/dashboard/${encodeURIComponent(`${deployment}-${region}`)}`;
}

/** What became of each page of these streams in the last hours. @param streams whole names of one connection */
export function pagesUrl(
  region: string,
  deployment: string,
  connection: string,
  streams: readonly string[],
): string {
  const names = streams.map((name) => JSON.stringify(name)).join(', ');
  const query = [
    'fields @timestamp, page.stream, page.outcome, page.status, page.attempt, page.reason',
    // A link that is too long does not work; the logs are those of the connection anyway.
    streams.length > maxNamed ? 'filter ispresent(page.outcome)' : `filter page.stream in [${names}]`,
    'sort @timestamp desc',
    'limit 100',
  ].join('\n| ');
  const groups = ['scheduled-sync', 'queued-sync'].map((entry) =>
    textOf(logGroupNameOf(deployment, connection, entry)),
  );
  const detail = `~(end~0~start~-10800~timeType~'RELATIVE~unit~'seconds~editorString~${textOf(query)}~source~(~${groups.join('~')}))`;
  // The console writes what stands behind the sign with a dollar for each percent sign.
  const hash = `?queryDetail=${detail}`.replaceAll(/[?='()]/g, (sign) => `$${hexOf(sign)}`);
  return `${cloudWatch(region)}#logsV2:logs-insights${hash}`;
}

/** As the console's own notation has it: each other sign as an asterisk and its number. */
function textOf(text: string): string {
  const signs = /[!'()*~]/g;
  return `'${encodeURIComponent(text)
    .replaceAll(signs, (sign) => `%${hexOf(sign)}`)
    .replaceAll('%', '*')}`;
}

function hexOf(sign: string): string {
  return sign.charCodeAt(0).toString(16).toUpperCase();
}

function cloudWatch(region: string): string {
  return `https://${region}.${consoleOf(region)}/cloudwatch/home?region=${region}`;
}

function consoleOf(region: string): string {
  if (region.startsWith('cn-')) return 'console.amazonaws.cn';
  return region.startsWith('us-gov-') ? 'console.amazonaws-us-gov.com' : 'console.aws.amazon.com';
}
