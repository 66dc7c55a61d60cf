/** What the page is made with: elements, and the storage of its tab. */
export const $ = (id) => document.getElementById(id);

export function node(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && !name.startsWith('aria')) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Storage of this tab; where the browser forbids it, the page works but does not outlive a reload. */
export const store = {
  get(key) {
    try {
      return JSON.parse(sessionStorage.getItem(`neuvo.${key}`));
    } catch {
      return null;
    }
  },
  /** Whether it was kept: it may be full or forbidden. */
  set(key, value) {
    try {
      sessionStorage.setItem(`neuvo.${key}`, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
};
