import { element } from './dom.js';

const saidForMs = 2500;

/**
 * A command to copy: by the button, or by hand, for it is text.
 * @param {string} line
 * @param {string} about what the alarm is called, to tell one button from another
 */
export function commandBlock(line, about) {
  // Words stay whole where they can: a browser would else break `--base-url` after its hyphens.
  const words = line.split(' ').flatMap((word) => [' ', element('span', 'word', [word])]);
  const code = element('code', '', words.slice(1));
  const text = element('pre', '', [code]);
  const button = element('button', '', ['Copy']);
  button.type = 'button';
  button.setAttribute('aria-label', `Copy the command for ${about}: ${line}`);
  const said = element('span', 'said small');
  said.setAttribute('role', 'status');
  button.addEventListener('click', () => {
    void copy(line, code).then((words) => {
      said.textContent = words;
      setTimeout(() => {
        said.textContent = '';
      }, saidForMs);
    });
  });
  return element('div', 'command', [text, button, said]);
}

/**
 * @param {string} line
 * @param {Node} code
 */
async function copy(line, code) {
  try {
    await navigator.clipboard.writeText(line);
    return 'Copied';
  } catch {
    // The browser does not let us: then it is selected, and one key copies it.
    getSelection()?.selectAllChildren(code);
    return 'Selected: copy it with Ctrl-C';
  }
}
