/**
 * Light Markdown to DOM nodes. Text only ever becomes text nodes, so nothing in it can turn into markup; a link is made only
 * of an address whose scheme, as the browser itself parses it, is a harmless one.
 */
const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:']);
const INLINE = /\\([\\`*_{}[\]()#+\-.!~<>|])|\*\*(?=\S)([\s\S]+?)\*\*|\[([^\]\n]+)\]\(([^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\)|(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'*_])/g;
const BULLET = /^\s*[-*•]\s+/;
const NUMBER = /^\s*(\d{1,3})[.)]\s+/;

/** An anchor to `address`, or null where its scheme is not allowed. `note` tells that it opens in a new tab. */
export function link(address, label, note) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (!SCHEMES.has(url.protocol)) return null;
  const anchor = document.createElement('a');
  anchor.href = url.href;
  anchor.append(label);
  if (url.protocol.startsWith('http')) {
    anchor.target = '_blank';
    anchor.rel = 'noopener noreferrer';
    const hidden = document.createElement('span');
    hidden.className = 'hidden';
    hidden.textContent = ` (${note})`;
    anchor.append(hidden);
  }
  return anchor;
}

function inline(parent, text, note) {
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, escaped, bold, label, address, bare] = found;
    parent.append(text.slice(from, found.index));
    from = found.index + whole.length;
    if (escaped) parent.append(escaped);
    else if (bold) inline(parent.appendChild(document.createElement('strong')), bold, note);
    else if (bare) parent.append(link(bare, bare, note) ?? whole);
    else parent.append(link(address, unescaped(label), note) ?? whole);
  }
  parent.append(text.slice(from));
}

function unescaped(text) {
  return text.replace(/\\([\\`*_{}[\]()#+\-.!~<>|])/g, '$1').replace(/\*\*/g, '');
}

function lines(parent, rows, note) {
  rows.forEach((row, index) => {
    if (index) parent.append(document.createElement('br'));
    inline(parent, row, note);
  });
}

/** A fragment of paragraphs and lists for `text`; headings become bold paragraphs, for the page has its own outline. */
export function markdown(text, note) {
  const fragment = document.createDocumentFragment();
  let list = null;
  let rows = [];
  const flush = () => {
    if (rows.length) lines(fragment.appendChild(document.createElement('p')), rows, note);
    rows = [];
  };
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    const number = NUMBER.exec(line);
    const mark = number ?? BULLET.exec(line);
    if (mark) {
      flush();
      const kind = number ? 'OL' : 'UL';
      if (list?.tagName !== kind) {
        list = fragment.appendChild(document.createElement(kind));
        if (number) list.start = Number(number[1]);
      }
      inline(list.appendChild(document.createElement('li')), line.slice(mark[0].length), note);
    } else if (!line.trim()) {
      flush();
    } else {
      list = null;
      const heading = /^#{1,6}\s+(.*)$/.exec(line);
      rows.push(heading ? `**${heading[1]}**` : line);
    }
  }
  flush();
  return fragment;
}

/** Plain text for a person: paragraphs and lines whole, as they stand. Never parsed. */
export function plain(text) {
  const paragraph = document.createElement('p');
  paragraph.className = 'plain';
  paragraph.textContent = text;
  return paragraph;
}
