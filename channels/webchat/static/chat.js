/** The page: what is said, what is typed, and the buttons. Words that came from elsewhere are only ever text nodes. */
import { Line, Expired, Refused } from './line.js';
import { markdown, plain, link } from './markdown.js';
import { firstLanguage, texts } from './texts.js';

const $ = (id) => document.getElementById(id);
const [log, field, status] = [$('log'), $('field'), $('status')];
const TRIES = 4; // posts of one message before the person is asked
const base = new URL('../v3/directline/', import.meta.url);

/** Storage of this tab; where the browser forbids it, the page works but does not outlive a reload. */
const store = {
  get(key) {
    try {
      return JSON.parse(sessionStorage.getItem(`neuvo.${key}`));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      sessionStorage.setItem(`neuvo.${key}`, JSON.stringify(value));
    } catch {
      // full or forbidden: nothing to do about it
    }
  },
};

let language = store.get('language') ?? firstLanguage();
let line = null;
let unsent = []; // [{key, activity, shown, at, element, tries}], oldest first; the first is on its way
let said = []; // [{who, at, text}] for the download
let pumping = false;
const sent = new Map(); // client key or server id → element of an own message
const words = () => texts[language];

function node(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function translate() {
  document.documentElement.lang = language;
  document.title = words().title;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = words()[element.dataset.text];
  for (const element of document.querySelectorAll('[data-label]')) element.ariaLabel = words()[element.dataset.label];
  for (const button of $('languages').children) button.ariaPressed = String(button.value === language);
  log.querySelector('.welcome')?.replaceWith(welcome());
}

function welcome() {
  const examples = words().examples.map((text) => choice(text, () => say(text)));
  const group = node('div', { className: 'choices', role: 'group', ariaLabel: words().exampleGroup }, ...examples);
  const element = frame('bot', language, plain(words().welcome), group);
  element.classList.add('welcome');
  if (log.querySelector('.own')) retire(element);
  return element;
}

function frame(who, lang, ...children) {
  const name = node('span', { className: 'hidden', textContent: `${who === 'own' ? words().you : words().bot}: ` });
  return node('article', { className: `message ${who}` }, name, node('div', { className: 'body', lang }, ...children));
}

// Not `disabled`: the focus would fall to the top of the page, and the next Tab must reach the answer's own buttons.
function retire(within) {
  for (const button of within.querySelectorAll('.choices button')) {
    button.ariaDisabled = 'true';
    button.tabIndex = -1;
  }
}

function choice(title, press) {
  const button = node('button', { type: 'button', textContent: title });
  button.onclick = () => {
    if (button.ariaDisabled === 'true') return;
    button.classList.add('chosen');
    press();
  };
  return button;
}

function add(element, before = null) {
  const near = log.scrollHeight - log.scrollTop - log.clientHeight < 160;
  log.insertBefore(element, before);
  if (!near && !element.matches('.own')) return;
  // A long answer is read from its beginning.
  log.scrollTop = Math.min(log.scrollHeight, element.offsetTop - log.offsetTop - 16);
}

function note(text) {
  add(node('p', { className: 'note', textContent: text, lang: language }));
}

function own(shown, lang, at) {
  retire(log);
  const element = frame('own', lang, plain(shown));
  said.push({ who: 'you', at, text: shown });
  add(element);
  return element;
}

function mark(item, state) {
  item.element.querySelector('.state')?.remove();
  if (!state) return;
  const row = node('p', { className: `state ${state}`, textContent: words()[state] });
  if (state === 'failed') {
    const again = node('button', { type: 'button', textContent: words().resend });
    again.onclick = () => {
      field.focus();
      item.tries = 0;
      pump();
    };
    row.append(' ', again);
  }
  item.element.append(row);
}

/** Send `text`; `shown` is what the person sees of it, `extra` what a button adds to the activity. */
function say(text, shown = text, extra = {}) {
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  const activity = { type: 'message', text, locale: language, ...extra };
  activity.channelData = { ...extra.channelData, clientActivityID: key };
  queue({ key, activity, shown, at: new Date().toISOString() });
  pump();
}

function queue(item) {
  item.element = own(item.shown, item.activity.locale, item.at);
  item.tries = 0;
  sent.set(item.key, item.element);
  unsent.push(item);
  mark(item, 'sending');
  keep();
}

function keep() {
  store.set('unsent', unsent.map(({ key, activity, shown, at }) => ({ key, activity, shown, at })));
}

function settle(item) {
  mark(item, null);
  unsent = unsent.filter((other) => other !== item);
  keep();
}

async function pump() {
  if (pumping) return;
  pumping = true;
  try {
    while (unsent.length && unsent[0].tries < TRIES && (await deliver(unsent[0])));
  } finally {
    pumping = false;
  }
}

/** One try for one message. False where the queue has to rest. */
async function deliver(item) {
  const to = line;
  mark(item, item.tries ? 'waiting' : 'sending');
  try {
    const id = await to.post({ ...item.activity, from: { role: 'user' } });
    if (id) sent.set(id, item.element);
    settle(item);
    if (to === line) status.textContent = words().answering;
    return true;
  } catch (error) {
    if (to !== line) return true;
    if (error instanceof Expired) return (expired(), false);
    if (error instanceof Refused) return (refuse(item), true);
  }
  item.tries += 1;
  if (item.tries >= TRIES) return (mark(item, 'failed'), false);
  mark(item, 'waiting');
  await new Promise((resolve) => setTimeout(resolve, 700 * 2 ** item.tries));
  return true;
}

function refuse(item) {
  settle(item);
  note(words().refused);
  giveBack([item]);
}

/** Put unsent words back into the text field, before what is being typed there. */
function giveBack(items) {
  const typed = items.filter(({ activity }) => !activity.channelData.messageBack).map(({ shown }) => shown);
  field.value = [...typed, field.value].filter(Boolean).join('\n');
  store.set('draft', field.value);
  return typed.length > 0;
}

function press({ type, title, value, text, displayText }) {
  if (type === 'imBack') return say(String(value ?? title));
  const shown = displayText || title;
  const channelData = { messageBack: { displayText: shown }, ...(type === 'postBack' && { postBack: true }) };
  if (type === 'postBack' && typeof value === 'string') return say(value, shown, { value, channelData });
  say(text ?? '', shown, { value, channelData });
}

function card({ content = {} }) {
  const buttons = (content.buttons ?? []).map((action) => {
    if (action.type !== 'openUrl') return choice(action.title, () => press(action));
    return link(action.value, action.title, words().newTab) ?? action.title;
  });
  const title = content.title ? [node('p', { className: 'title', textContent: content.title })] : [];
  const rest = [content.subtitle, content.text].filter(Boolean).map((text) => markdown(text, words().newTab));
  return node('div', { className: 'card' }, ...title, ...rest, node('div', { className: 'choices' }, ...buttons));
}

function fromBot(activity) {
  const lang = activity.locale || language;
  const text = activity.text ?? '';
  const parts = text ? [activity.textFormat === 'plain' ? plain(text) : markdown(text, words().newTab)] : [];
  const cards = (activity.attachments ?? []).filter(({ contentType }) => contentType === 'application/vnd.microsoft.card.hero');
  parts.push(...cards.map(card));
  const actions = activity.suggestedActions?.actions ?? [];
  if (actions.length) {
    const buttons = actions.map((action) => choice(action.title, () => press(action)));
    parts.push(node('div', { className: 'choices', role: 'group', ariaLabel: words().choices }, ...buttons));
  }
  if (!parts.length) return;
  const titles = cards.map(({ content }) => [content?.title, content?.text].filter(Boolean).join('\n'));
  const options = actions.map(({ title }) => `- ${title}`);
  said.push({ who: 'bot', at: activity.timestamp, text: [text, ...titles, ...options].filter(Boolean).join('\n') });
  add(frame('bot', lang, ...parts));
}

/** Show one activity of the conversation; the echo of an own message only settles it. */
function show(activity) {
  if (activity.type === 'typing') return void (status.textContent = words().answering);
  if (activity.type !== 'message') return;
  if (activity.from?.role === 'bot') {
    if (status.textContent === words().answering) status.textContent = '';
    return fromBot(activity);
  }
  const key = activity.channelData?.clientActivityID;
  const waiting = unsent.find((item) => item.key === key);
  if (waiting) settle(waiting);
  if (sent.has(key) || sent.has(activity.id)) return;
  const shown = activity.channelData?.messageBack?.displayText ?? (activity.channelData?.postBack ? '' : activity.text);
  if (shown) sent.set(activity.id, own(shown, activity.locale || language, activity.timestamp));
}

function state(now) {
  if (now === 'online' && log.dataset.state === 'offline') status.textContent = words().back;
  else if (now === 'online') status.textContent = status.textContent === words().connecting ? '' : status.textContent;
  else if (now === 'offline' || log.dataset.state !== 'offline') status.textContent = words()[now];
  if (now !== 'connecting' || log.dataset.state !== 'offline') log.dataset.state = now;
  if (now === 'online') {
    for (const item of unsent) item.tries = 0;
    pump();
  }
}

function connect(saved = null) {
  line?.close();
  const mine = new Line(base, {
    // What was said before a reload is not read aloud again.
    activity: (activity, history) => {
      log.ariaLive = history ? 'off' : 'polite';
      show(activity);
    },
    state,
    expired,
    ticket: (ticket) => store.set('ticket', ticket),
  }, saved);
  line = mine;
  return mine.start().then(() => (log.ariaLive = 'polite'));
}

function expired() {
  const kept = giveBack(unsent);
  for (const item of [...unsent]) settle(item);
  store.set('ticket', null);
  note(kept ? `${words().expired} ${words().kept}` : words().expired);
  retire(log);
  connect();
}

function begin() {
  [unsent, said] = [[], []];
  sent.clear();
  keep();
  store.set('ticket', null);
  log.replaceChildren(welcome());
  connect();
}

function download() {
  const rows = said.map(({ who, at, text }) => {
    const when = at ? new Date(at).toLocaleString(language) : '';
    return `${words()[who]} ${when}\n${text}\n`;
  });
  const content = [words().title, words().notice, '', ...rows].join('\n');
  const address = URL.createObjectURL(new Blob(['\ufeff', content], { type: 'text/plain;charset=utf-8' }));
  node('a', { href: address, download: `neuvo-${words().file}-${new Date().toISOString().slice(0, 10)}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  status.textContent = words().saved;
}

$('form').onsubmit = (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return field.focus();
  field.value = '';
  store.set('draft', '');
  say(text);
};
field.oninput = () => store.set('draft', field.value);
field.onkeydown = (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $('form').requestSubmit();
};
$('languages').onclick = ({ target }) => {
  if (!target.value) return;
  language = target.value;
  store.set('language', language);
  translate();
};
$('download').onclick = download;
$('restart').onclick = () => $('sure').showModal();
$('sure').onclose = () => {
  if ($('sure').returnValue !== 'yes') return;
  begin();
  status.textContent = words().started;
  field.focus();
};

translate();
log.append(welcome());
field.value = [store.get('draft'), field.value].find(Boolean) ?? '';
const left = store.get('unsent') ?? [];
const ticket = store.get('ticket');
connect(ticket).then(pump);
for (const item of left) queue(item);
