import { commandBlock } from './command.js';
import { byId, element, keyed, setAttribute, setText, setSeverity, shape } from './dom.js';
import { ago, clock, count, counted } from './words.js';

/**
 * @typedef {import('../page-state.ts').PageState} PageState
 * @typedef {import('../page-state.ts').AlarmView} AlarmView
 */

/**
 * The alarms that are on, whole, and below all of them with their states.
 * @param {PageState} state
 * @param {number} now
 */
export function showAlarms({ alarms, process }, now) {
  const ringing = alarms.filter(({ state }) => state === 'ALARM');
  byId('ringing').hidden = ringing.length === 0;
  setText(
    byId('ringing-heading'),
    ringing.length === 1 ? 'One alarm is on' : `${count(ringing.length)} alarms are on`,
  );
  const isNamed = process.deployment;
  keyed(
    byId('ringing-list'),
    ringing,
    keyOf,
    (alarm) => createCard(alarm, isNamed),
    (card, { since }) => {
      setText(
        card.querySelector('.since'),
        since === null ? '' : `since ${clock(since, now)}, ${ago(since, now)}`,
      );
    },
  );
  showAll(alarms);
}

/** Another text, as after a restart with other settings, is another card. @param {AlarmView} alarm */
function keyOf({ name, text }) {
  return JSON.stringify([name, text]);
}

/**
 * @param {AlarmView} alarm
 * @param {string | null} deployment
 */
function createCard({ name, text, commands }, deployment) {
  const drawn = shape();
  setSeverity(drawn, 'bad');
  const short =
    deployment !== null && name.startsWith(`${deployment} `) ? name.slice(deployment.length + 1) : name;
  const heading = element('h3', '', [drawn, element('span', '', [short])]);
  const [first, ...rest] = text;
  return element('article', 'alarm', [
    element('div', 'alarm-head', [heading, element('span', 'since small')]),
    element('div', 'alarm-body', [
      element('div', '', [
        element('p', 'lead', first === undefined ? [] : withCode(first)),
        ...rest.map((line) => element('p', '', withCode(line))),
      ]),
      element('div', '', commandList(commands, short)),
    ]),
  ]);
}

/**
 * A line with its command marked as one.
 * @param {AlarmView['text'][number]} line
 * @returns {(Node | string)[]}
 */
function withCode({ says, code }) {
  return code === null ? [says] : [`${says} `, element('code', '', [code])];
}

/**
 * @param {AlarmView['commands']} commands
 * @param {string} about
 */
function commandList(commands, about) {
  if (commands.length === 0) return [];
  return [
    element('div', 'commands', [
      element('h4', '', ['To type']),
      ...commands.flatMap(({ line, before }) => [
        ...(before === undefined ? [] : [element('p', 'small', [before])]),
        commandBlock(line, about),
      ]),
    ]),
  ];
}

/** @type {Readonly<Record<AlarmView['state'], { severity: string, word: string }>>} */
const states = {
  ALARM: { severity: 'bad', word: 'on' },
  OK: { severity: 'good', word: 'OK' },
  INSUFFICIENT_DATA: { severity: 'new', word: 'no data yet' },
};

/** @param {readonly AlarmView[]} alarms */
function showAll(alarms) {
  const of = (/** @type {AlarmView['state']} */ wanted) =>
    alarms.filter(({ state }) => state === wanted).length;
  const parts = [
    of('ALARM') > 0 ? `${count(of('ALARM'))} on` : '',
    of('OK') > 0 ? `${count(of('OK'))} OK` : '',
    of('INSUFFICIENT_DATA') > 0 ? `${count(of('INSUFFICIENT_DATA'))} without data` : '',
  ].filter((part) => part !== '');
  const summary =
    alarms.length === 0 ? 'none yet' : `${counted(alarms.length, 'alarm')}: ${parts.join(', ')}`;
  setText(byId('alarms-summary'), summary);
  keyed(byId('alarms'), alarms, keyOf, createLine, (line, { state }) => {
    const { severity, word } = states[state];
    setAttribute(line, 'class', `severity-${severity}`);
    setSeverity(line, severity);
    setText(line.querySelector('.word'), word);
  });
}

/** @param {AlarmView} alarm */
function createLine({ name, text }) {
  return element('li', '', [
    shape(),
    element('div', '', [
      element('b', '', [name]),
      ' ',
      element('span', 'word dim'),
      element('p', 'small', [text[0]?.says ?? '']),
    ]),
  ]);
}
