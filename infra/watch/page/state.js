/**
 * The state after a change. Pure.
 * @typedef {import('../page-state.ts').PageState} PageState
 * @typedef {import('../page-state.ts').PageChange} PageChange
 * @param {PageState} state
 * @param {PageChange} change
 * @returns {PageState}
 */
export function changed(state, change, most = 1200) {
  const { events = [], ...parts } = change;
  return { ...state, ...parts, events: [...state.events, ...events].slice(-most) };
}
