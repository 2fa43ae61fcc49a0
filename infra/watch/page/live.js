/**
 * The events of the server, for ever: a browser connects again by itself where the connection broke, but not where somebody
 * else answered in between.
 * @param {{
 *   onSnapshot: (state: import('../page-state.ts').PageState) => void,
 *   onChange: (change: import('../page-state.ts').PageChange) => void,
 *   onLost: () => void,
 * }} handlers
 */
export function listen({ onSnapshot, onChange, onLost }) {
  const source = new EventSource('/events');
  source.addEventListener('snapshot', ({ data }) => onSnapshot(JSON.parse(data)));
  source.addEventListener('change', ({ data }) => onChange(JSON.parse(data)));
  source.addEventListener('error', () => {
    onLost();
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => listen({ onSnapshot, onChange, onLost }), againMs);
  });
}

const againMs = 2000;
