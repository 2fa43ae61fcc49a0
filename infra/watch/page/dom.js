// Small helpers that touch the document. Text gets in as text and never as markup.

const svgSpace = 'http://www.w3.org/2000/svg';

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string} [className]
 * @param {readonly (Node | string)[]} [children]
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, className = '', children = []) {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

/**
 * @param {string} name
 * @param {Readonly<Record<string, string>>} attributes
 */
export function svg(name, attributes) {
  const made = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The shape of a severity, beside a word that says the same. */
export function shape() {
  const drawn = svg('svg', { class: 'shape', 'aria-hidden': 'true', focusable: 'false' });
  drawn.append(svg('use', { href: '#shape-new' }));
  return drawn;
}

/**
 * @param {Element} drawn
 * @param {string} severity
 */
export function setSeverity(drawn, severity) {
  setAttribute(drawn.querySelector('use'), 'href', `#shape-${severity}`);
}

/**
 * Leaves the node alone where it says so already: what a person has selected stays selected.
 * @param {Element | null} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node !== null && node.textContent !== text) node.textContent = text;
}

/**
 * @param {Element | null} node
 * @param {string} name
 * @param {string} value
 */
export function setAttribute(node, name, value) {
  if (node !== null && node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * Makes the children of a parent those of the items, in their order. A child stays the same node as long as its item
 * is there, so that focus and selection survive.
 * @template Item
 * @param {Element} parent
 * @param {readonly Item[]} items
 * @param {(item: Item) => string} key
 * @param {(item: Item) => Element} create
 * @param {(node: Element, item: Item) => void} update
 */
export function keyed(parent, items, key, create, update) {
  const before = new Map([...parent.children].map((child) => [child.getAttribute('data-key') ?? '', child]));
  /** @type {Element | null} */
  let previous = null;
  for (const item of items) {
    const name = key(item);
    let node = before.get(name);
    before.delete(name);
    if (node === undefined) {
      node = create(item);
      node.setAttribute('data-key', name);
    }
    /** @type {Element | null} */
    const place = previous === null ? parent.firstElementChild : previous.nextElementSibling;
    if (place !== node) parent.insertBefore(node, place);
    update(node, item);
    previous = node;
  }
  for (const gone of before.values()) gone.remove();
}
