/**
 * A Direct Line 3.0 client: one conversation over WebSocket, over polling where sockets do not pass. It keeps the watermark,
 * reconnects with back-off, renews the token before its end, and hands every activity on exactly once.
 */
import { blob } from './photos.js';

const UPLOAD = 'application/vnd.microsoft.activity';
const LONG = 120_000; // ms for a request with pictures
const PATIENCE = 20_000; // ms for one request: longer than the server takes, shorter than a person's patience
const POLL = 1_500;
const CHECK = 45_000; // a socket may be open and dead: ask the server itself this often
const SILENCE = 6_000; // ms after a post in which its echo should have come over the socket
const LONGEST = 30_000;

/** The server no longer knows the token or the conversation. `code` is Direct Line's word for why. */
export class Expired extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}
/** The server will never take this message as it is. */
export class Refused extends Error {}

export class Line {
  /** `base`: URL of /v3/directline/; `saved`: what `ticket()` gave before a reload; `on`: {activity, state, expired, ticket, locale}. */
  constructor(base, on, saved = null) {
    Object.assign(this, { base, on, ended: false, watermark: '', failures: 0, deaf: 0, seen: new Set() });
    this.held = saved;
    this.wake = () => this.#retryNow();
    addEventListener('online', this.wake);
    document.addEventListener('visibilitychange', this.wake);
  }

  /** Join the saved conversation or open a new one, then listen until `close()`. Comes back when connected once. */
  async start() {
    while (!this.ended) {
      try {
        this.on.state('connecting');
        const stream = this.held ? await this.#resume() : await this.#open();
        this.#listen(stream);
        return;
      } catch (error) {
        if (error instanceof Expired && this.held) return this.#expire(error.code);
        if (error instanceof Refused) this.watermark = ''; // what was seen already is not shown twice
        await this.#backOff();
      }
    }
  }

  close() {
    this.ended = true;
    removeEventListener('online', this.wake);
    document.removeEventListener('visibilitychange', this.wake);
    for (const timer of [this.renewal, this.checking, this.doubt]) clearTimeout(timer);
    this.socket?.close();
    this.skip?.();
  }

  /** Post an activity; gives the id under which its echo comes. Throws Expired, Refused, or another error worth a retry. */
  async post(activity) {
    if (!this.held) throw new Error('not connected yet');
    const photos = activity.attachments ?? [];
    const { id } = await this.#ask(this.#path(photos.length ? '/upload' : '/activities'), { body: activity, photos });
    clearTimeout(this.doubt);
    this.doubt = setTimeout(() => this.#check(), SILENCE);
    return id;
  }

  /** End the conversation and have it removed from the server; one that is gone already is as good. */
  async erase() {
    if (!this.held) return;
    try {
      await this.#ask(this.#path(''), { method: 'DELETE' });
    } catch (error) {
      if (error.code !== 'ConversationEnded') throw error;
    }
    this.close();
  }

  async #open() {
    const { token } = await this.#ask('tokens/generate', { body: {}, token: null });
    const opened = await this.#ask('conversations', { body: { locale: this.on.locale() }, token });
    this.#hold(opened.conversationId, opened.token ?? token, opened.expires_in);
    return opened.streamUrl;
  }

  async #resume() {
    if (this.held.until - Date.now() < 60_000) await this.#renew();
    this.#plan();
    if (!this.watermark) await this.#fetch(true);
    return (await this.#ask(this.#path(`?watermark=${encodeURIComponent(this.watermark)}`))).streamUrl;
  }

  #hold(id, token, seconds) {
    this.held = { id, token, until: Date.now() + (seconds ?? 1800) * 1000, life: (seconds ?? 1800) * 1000 };
    this.on.ticket(this.held);
    this.#plan();
  }

  #plan() {
    clearTimeout(this.renewal);
    const left = this.held.until - Date.now();
    const wait = Math.max(left - this.held.life / 2, Math.min(left / 2, 5_000), 1_000);
    this.renewal = setTimeout(() => this.#renew().catch((error) => this.#troubled(error)), wait);
  }

  async #renew() {
    const { id, token } = this.held;
    const renewed = await this.#ask('tokens/refresh', { body: {}, token });
    if (!this.ended) this.#hold(id, renewed.token, renewed.expires_in);
  }

  #troubled(error) {
    if (this.ended) return;
    if (error instanceof Expired) this.#expire(error.code);
    else this.#plan();
  }

  #expire(code) {
    if (this.ended) return;
    this.close();
    this.on.expired(code);
  }

  #listen(stream) {
    if (this.ended) return;
    if (!stream || this.deaf >= 2) return void this.#poll();
    let opened = false;
    const socket = new WebSocket(stream.replace(/^http/, 'ws'));
    this.socket = socket;
    const hurry = setTimeout(() => socket.close(), PATIENCE);
    socket.onopen = () => {
      clearTimeout(hurry);
      opened = true;
      Object.assign(this, { failures: 0, deaf: 0 });
      this.on.state('online');
      this.checking = setTimeout(() => this.#check(), CHECK);
    };
    socket.onmessage = ({ data }) => {
      if (data && socket === this.socket) this.#take(JSON.parse(data));
    };
    socket.onclose = () => {
      clearTimeout(hurry);
      clearTimeout(this.checking);
      if (this.ended || socket !== this.socket) return;
      if (!opened && navigator.onLine) this.deaf += 1;
      this.#again();
    };
  }

  async #again() {
    this.socket = null;
    this.on.state('offline');
    await this.#backOff();
    if (!this.ended) await this.start();
  }

  async #poll() {
    for (let rounds = 0; !this.ended && rounds < 40; ) {
      try {
        await this.#fetch(false);
        this.failures = 0;
        this.on.state('online');
        rounds += 1;
        await this.#pause(POLL);
      } catch (error) {
        if (error instanceof Expired) return this.#expire(error.code);
        this.on.state('offline');
        await this.#backOff();
      }
    }
    this.deaf = 1; // the way may be free by now: give the socket one try
    if (!this.ended) await this.start();
  }

  async #fetch(history) {
    const page = await this.#ask(this.#path(`/activities?watermark=${encodeURIComponent(this.watermark)}`));
    return this.#take(page, history);
  }

  /** Ask over HTTP what the socket should have said; news there means that the socket is dead. */
  async #check() {
    clearTimeout(this.checking);
    const { socket } = this;
    if (this.ended || !socket) return;
    try {
      if ((await this.#fetch(false)) && socket === this.socket) return this.#drop(socket);
    } catch (error) {
      if (error instanceof Expired) return this.#expire(error.code);
      if (socket === this.socket) return this.#drop(socket);
    }
    if (!this.ended) this.checking = setTimeout(() => this.#check(), CHECK);
  }

  // A dead socket may take minutes to say that it closed: go on without it.
  #drop(socket) {
    socket.onclose = null;
    socket.close();
    this.#again();
  }

  #take({ activities = [], watermark }, history = false) {
    if (this.ended) return false;
    const fresh = activities.filter(({ id }) => !id || !this.seen.has(id));
    for (const activity of fresh) {
      this.seen.add(activity.id);
      this.on.activity(activity, history);
    }
    if (watermark !== undefined && watermark !== null) this.watermark = String(watermark);
    return fresh.length > 0;
  }

  #retryNow() {
    if (document.visibilityState !== 'visible') return;
    this.skip?.();
    if (this.socket?.readyState === WebSocket.OPEN) this.#check();
  }

  #backOff() {
    const wait = Math.min(LONGEST, 500 * 2 ** this.failures) * (0.5 + Math.random() / 2);
    this.failures += 1;
    if (this.failures > 1) this.on.state('offline');
    return this.#pause(wait);
  }

  #pause(wait) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.skip = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #path(rest) {
    return `conversations/${encodeURIComponent(this.held.id)}${rest}`;
  }

  async #ask(path, { body, photos = [], method = body ? 'POST' : 'GET', token = this.held?.token, again = false } = {}) {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    if (body && !photos.length) headers['Content-Type'] = 'application/json';
    const response = await fetch(new URL(path, this.base), {
      method,
      headers,
      body: body && (photos.length ? form(body, photos) : JSON.stringify(body)),
      cache: 'no-store',
      signal: AbortSignal.timeout(photos.length ? LONG : PATIENCE),
    });
    if (response.status === 204) return null;
    if (token && [401, 403, 404].includes(response.status)) {
      const code = (await response.json().catch(() => ({}))).error?.code;
      if (code !== 'TokenExpired' || path === 'tokens/refresh' || again) throw new Expired(code);
      // A computer that slept has an old token; while that proves who asks, it is worth a new one.
      if (token === this.held?.token) await this.#renew();
      return this.#ask(path, { body, photos, method, again: true });
    }
    if ([400, 413, 415, 422].includes(response.status)) throw new Refused();
    if (!response.ok) throw Object.assign(new Error(`status ${response.status}`), { wait: response.status === 429 && Number(response.headers.get('Retry-After')) });
    return response.json();
  }
}

/** A message and its pictures, as Direct Line's upload wants them. */
function form(activity, photos) {
  const made = new FormData();
  made.append('activity', new Blob([JSON.stringify({ ...activity, attachments: undefined })], { type: UPLOAD }));
  for (const { contentUrl } of photos) made.append('file', blob(contentUrl), 'photo.jpg');
  return made;
}
