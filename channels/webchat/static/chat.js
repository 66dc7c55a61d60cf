/** The page: what is said, what is typed, and the buttons. Words that came from elsewhere are only ever text nodes. */
import { $, node, store } from './dom.js';
import { Line, Expired, Refused } from './line.js';
import { markdown, plain, link } from './markdown.js';
import { image, Tray } from './photos.js';
import { firstLanguage, texts } from './texts.js';

const [log, field, status] = [$('log'), $('field'), $('status')];
const TRIES = 4; // posts of one message before the person is asked
const base = new URL('../v3/directline/', import.meta.url);

const city = JSON.parse(document.documentElement.dataset.city); // what the city says of its own, by language
let language = store.get('language') ?? firstLanguage();
let line = null;
let unsent = []; // [{key, activity, shown, at, element, tries}], oldest first; the first is on its way
let pumping = false;
let heard = 0; // messages of the bot so far: an answer may come before its question's post ends
const sent = new Map(); // client key or server id → element of an own message
const records = new WeakMap(); // element of a message → {who, at, text} for the download
const wordsIn = (lang) => ({ ...texts[lang], ...city[lang] });
const words = () => wordsIn(language);

/** Say what happened, to those who see and those who hear. */
function tell(text, bad = false) {
  status.textContent = text;
  status.classList.toggle('bad', bad);
}

function translate() {
  document.documentElement.lang = language;
  document.title = [words().name, words().subtitle].filter(Boolean).join(' – ');
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = words()[element.dataset.text];
  for (const element of document.querySelectorAll('[data-label]')) element.setAttribute('aria-label', words()[element.dataset.label]);
  for (const button of $('languages').children) button.setAttribute('aria-pressed', button.value === language);
  $('attach').title = words().attach;
  $('sources').replaceChildren(markdown(words().sources, words().newTab));
  tray.draw();
}

function frame(who, lang, ...children) {
  const key = who === 'own' ? 'you' : 'name';
  const name = node('span', { textContent: words()[key] });
  name.dataset.text = key;
  return node('article', { className: `message ${who}` }, node('span', { className: 'hidden' }, name, ': '), node('div', { className: 'body', lang }, ...children));
}

// Not `disabled`: the focus would fall to the top of the page, and the next Tab must reach the answer's own buttons.
function retire(within) {
  for (const button of within.querySelectorAll('.choices button')) {
    button.setAttribute('aria-disabled', 'true');
    button.tabIndex = -1;
  }
}

function choice(title, press) {
  const button = node('button', { type: 'button', textContent: title });
  button.onclick = () => {
    if (button.getAttribute('aria-disabled')) return;
    button.classList.add('chosen');
    press();
  };
  return button;
}

const nearEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 160;

/** Put `element` into the log, before what waits to be sent if `old`, and into view if the person was at the end. */
function add(element, old = false) {
  const atEnd = nearEnd();
  log.insertBefore(element, (old && unsent[0]?.element) || null);
  if (!atEnd && !element.matches('.own')) return;
  // A long answer is read from its beginning.
  element.scrollIntoView({ block: element.offsetHeight > log.clientHeight ? 'start' : 'nearest' });
}

function note(text) {
  add(node('p', { className: 'note', textContent: text, lang: language }));
}

function own(shown, photos, lang, at, old = false) {
  retire(log);
  const names = photos.map((_, place) => `${words().photo} ${place + 1}`);
  const images = photos.map((address, place) => image(address, names[place])).filter(Boolean);
  const element = frame('own', lang, ...(shown ? [plain(shown)] : []), ...(images.length ? [node('div', { className: 'photos' }, ...images)] : []));
  records.set(element, { who: 'you', at, text: [shown, ...names].filter(Boolean).join('\n') });
  add(element, old);
  return element;
}

function mark(item, state) {
  item.element.querySelector('.state')?.remove();
  if (!state) return;
  // The reader of the screen need not say that each message is being sent, only that one could not be.
  const row = node('p', { className: `state ${state}`, textContent: words()[state], 'aria-hidden': state === 'sending' });
  if (state === 'failed') {
    const again = node('button', { type: 'button', textContent: words().resend });
    again.onclick = () => {
      field.focus();
      item.tries = 0;
      pump();
    };
    row.append(' ', again);
  }
  const atEnd = nearEnd();
  item.element.append(row);
  if (atEnd) row.scrollIntoView({ block: 'nearest' });
}

const photosOf = (activity) => (activity.attachments ?? [])
  .filter(({ contentType }) => contentType?.startsWith('image/'))
  .map((one) => ({ contentUrl: one.thumbnailUrl, ...one }));

/** Send `text`; `shown` is what the person sees of it, `extra` what a button or pictures add to the activity. */
function say(text, shown = text, extra = {}) {
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  const activity = { type: 'message', text, locale: language, ...extra };
  activity.channelData = { ...extra.channelData, clientActivityID: key };
  queue({ key, activity, shown, at: new Date().toISOString() });
  pump();
}

function queue(item) {
  item.element = own(item.shown, photosOf(item.activity).map(({ contentUrl }) => contentUrl), item.activity.locale, item.at);
  item.tries = 0;
  sent.set(item.key, item.element);
  unsent.push(item);
  mark(item, 'sending');
  keep();
}

function keep() {
  const items = unsent.map(({ key, activity, shown, at }) => ({ key, activity, shown, at }));
  if (store.set('unsent', items)) return;
  // The pictures do not fit into the tab's storage: the words at least outlive a reload.
  store.set('unsent', items.filter(({ shown }) => shown).map((item) => ({ ...item, activity: { ...item.activity, attachments: undefined } })));
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
  const [to, before] = [line, heard];
  mark(item, item.tries ? 'waiting' : 'sending');
  try {
    const id = await to.post({ ...item.activity, from: { role: 'user' } });
    if (id) sent.set(id, item.element);
    settle(item);
    if (to === line && heard === before) tell(words().answering);
    return true;
  } catch (error) {
    if (to !== line) return true;
    if (error instanceof Expired) return (expired(error.code), false);
    if (error instanceof Refused) return (refuse(item), true);
    if (error.wait) {
      mark(item, 'waiting');
      await new Promise((resolve) => setTimeout(resolve, error.wait * 1000));
      return true; // asked to wait: that is no failed try
    }
  }
  if (!unsent.includes(item)) return true; // its echo came, only the answer to the post was lost
  item.tries += 1;
  if (item.tries >= TRIES) return (mark(item, 'failed'), false);
  mark(item, 'waiting');
  await new Promise((resolve) => setTimeout(resolve, 700 * 2 ** item.tries));
  return true;
}

function refuse(item) {
  settle(item);
  item.element.remove();
  note(photosOf(item.activity).length ? words().photoRefused : words().refused);
  giveBack([item]);
}

/** Put unsent words back into the text field, before what is being typed there. */
function giveBack(items) {
  const typed = items.filter(({ activity }) => !activity.channelData.messageBack).map(({ shown }) => shown);
  tray.give(items.flatMap(({ activity }) => photosOf(activity).map(({ contentUrl }) => contentUrl)));
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

function card({ content = {} }, newTab) {
  const buttons = (content.buttons ?? []).map((action) => {
    if (action.type !== 'openUrl') return choice(action.title, () => press(action));
    return link(action.value, action.title, newTab) ?? action.title;
  });
  const title = content.title ? [node('p', { className: 'title', textContent: content.title })] : [];
  const rest = [content.subtitle, content.text].filter(Boolean).map((text) => markdown(text, newTab));
  return node('div', { className: 'card' }, ...title, ...rest, node('div', { className: 'choices' }, ...buttons));
}

function fromBot(activity, history) {
  const lang = activity.locale || language;
  const its = texts[lang.split('-')[0]] ? wordsIn(lang.split('-')[0]) : words(); // the words inside a message are of the message's language
  const text = activity.text ?? '';
  const parts = text ? [activity.textFormat === 'plain' ? plain(text) : markdown(text, its.newTab)] : [];
  const cards = (activity.attachments ?? []).filter(({ contentType }) => contentType === 'application/vnd.microsoft.card.hero');
  const shown = photosOf(activity);
  parts.push(...shown.map(({ contentUrl, name }) => image(contentUrl, name ?? '') ?? plain(name ?? '')));
  parts.push(...cards.map((one) => card(one, its.newTab)));
  const actions = activity.suggestedActions?.actions ?? [];
  const asked = actions.filter((action) => !action.channelData?.aside);
  for (const [these, look, label] of [[asked, '', its.choices], [actions.filter((action) => !asked.includes(action)), ' aside', its.helped]]) {
    if (!these.length) continue;
    const buttons = these.map((action) => choice(action.title, () => press(action)));
    parts.push(node('div', { className: `choices${look}`, role: 'group', 'aria-label': label }, ...buttons));
  }
  if (!parts.length) return;
  const titles = cards.map(({ content }) => [content?.title, content?.text].filter(Boolean).join('\n'));
  const options = asked.map(({ title }) => `- ${title}`);
  const element = frame('bot', lang, ...parts);
  const told = [text, ...shown.map(({ name }) => name), ...titles, ...options];
  records.set(element, { who: 'name', at: activity.timestamp, text: told.filter(Boolean).join('\n') });
  add(element, history);
}

/** Show one activity of the conversation; the echo of an own message only settles it. */
function show(activity, history) {
  if (activity.type === 'typing') return tell(words().answering);
  if (activity.type !== 'message') return;
  if (activity.from?.role === 'bot') {
    heard += 1;
    if (status.textContent === words().answering) tell('');
    return fromBot(activity, history);
  }
  const key = activity.channelData?.clientActivityID;
  const waiting = unsent.find((item) => item.key === key);
  if (waiting) settle(waiting);
  if (sent.has(key) || sent.has(activity.id)) return;
  const shown = activity.channelData?.messageBack?.displayText ?? (activity.channelData?.postBack ? '' : activity.text);
  const photos = photosOf(activity).map(({ contentUrl }) => contentUrl);
  if (shown || photos.length) sent.set(activity.id, own(shown, photos, activity.locale || language, activity.timestamp, history));
}

function state(now) {
  if (now === 'online' && log.dataset.state === 'offline') tell(words().back);
  else if (now === 'online' && status.textContent === words().connecting) tell('');
  else if (now !== 'online' && (now === 'offline' || log.dataset.state !== 'offline')) tell(words()[now]);
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
      log.setAttribute('aria-live', history ? 'off' : 'polite');
      show(activity, history);
    },
    state,
    expired,
    ticket: (ticket) => store.set('ticket', ticket),
    locale: () => language,
  }, saved);
  line = mine;
  return mine.start().then(() => {
    log.setAttribute('aria-live', 'polite');
    if (unsent.length) retire(log);
  });
}

/** The conversation is over: too old, or erased in another tab. Another one begins, and no words are lost. */
function expired(code) {
  const kept = giveBack(unsent);
  for (const item of [...unsent]) {
    settle(item);
    item.element.remove();
  }
  store.set('ticket', null);
  const erased = code === 'ConversationEnded';
  if (erased) log.replaceChildren();
  const reason = erased ? words().erasedElsewhere : words().expired;
  note(kept ? `${reason} ${words().kept}` : reason);
  retire(log);
  connect();
}

function begin() {
  unsent = [];
  sent.clear();
  keep();
  store.set('ticket', null);
  log.replaceChildren();
  connect();
}

async function erase() {
  const old = line;
  try {
    await old.erase();
  } catch {
    return tell(words().eraseFailed, true);
  }
  begin();
  tell(words().erased);
  field.focus();
}

function download() {
  const rows = [...log.children].filter((element) => records.has(element)).map((element) => {
    const { who, at, text } = records.get(element);
    const when = at ? new Date(at).toLocaleString(language) : '';
    return `${words()[who]} ${when}\n${text}\n`;
  });
  const content = [document.title, words().notice, '', ...rows].join('\n');
  const address = URL.createObjectURL(new Blob(['\ufeff', content], { type: 'text/plain;charset=utf-8' }));
  node('a', { href: address, download: `neuvo-${words().file}-${new Date().toISOString().slice(0, 10)}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  tell(words().saved);
}

$('form').onsubmit = async (event) => {
  event.preventDefault();
  await tray.ready;
  const text = field.value.trim();
  if (!text && !tray.photos.length) return field.focus();
  field.value = '';
  store.set('draft', '');
  const attachments = tray.take().map((contentUrl) => ({ contentType: 'image/jpeg', contentUrl }));
  say(text, text, attachments.length ? { attachments } : {});
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
  if (log.querySelector('.own')) return;
  // Nothing has been said: the welcome comes again, in this language.
  line.erase().catch(() => {});
  begin();
};
$('download').onclick = download;
$('restart').onclick = () => $('sure').showModal();
$('erase').onclick = () => $('gone').showModal();
$('gone').onclose = () => {
  if ($('gone').returnValue === 'yes') erase();
};
$('tell').onclick = () => $('about').showModal();
$('sure').onclose = () => {
  if ($('sure').returnValue !== 'yes') return;
  begin();
  tell(words().started);
  field.focus();
};

const tray = new Tray(words, tell);
translate();
field.value = [store.get('draft'), field.value].find(Boolean) ?? '';
const left = store.get('unsent') ?? [];
const ticket = store.get('ticket');
connect(ticket).then(pump);
for (const item of left) queue(item);
