/**
 * Pictures: those that wait beside the text field to be sent, and how they are shown. A picture is made small here, so that
 * it goes over a slow network, and leaves behind what the telephone wrote into it. As data URLs they need no address.
 */
import { $, node, store } from './dom.js';

const MOST = 4;
const SIDE = 1600; // pixels
const SHOWN = /^data:image\/(jpeg|png|webp|gif);base64,/;

/** An image element, or null for an address from which no picture is shown. */
export function image(address, alt) {
  let safe = SHOWN.test(address);
  try {
    safe ||= new URL(address).protocol === 'https:';
  } catch {
    return null;
  }
  if (!safe) return null;
  const element = node('img', { className: 'photo', alt, referrerPolicy: 'no-referrer', src: address });
  // It takes its room when it has come: keep the end in view.
  element.onload = () => element.closest('.message:last-child')?.scrollIntoView({ block: 'nearest' });
  return element;
}

async function small(file) {
  const bitmap = await createImageBitmap(file); // fails for what is no picture
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = node('canvas', { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.toDataURL('image/jpeg', 0.85);
}

export class Tray {
  /** `words` gives the page's words now; `tell(text, bad)` says what happened. */
  constructor(words, tell) {
    // `ready` ends when all that was chosen is here: who sends at once sends it along.
    Object.assign(this, { words, tell, photos: store.get('photos') ?? [], ready: Promise.resolve() });
    $('attach').onclick = () => $('files').click();
    $('files').onchange = () => {
      const files = [...$('files').files];
      $('files').value = ''; // so that the same file can be chosen again
      this.ready = this.ready.then(() => this.#add(files));
    };
    this.draw();
  }

  async #add(files) {
    this.tell(this.words().photoComing);
    let fault = '';
    for (const file of files) {
      if (this.photos.length >= MOST) {
        fault = this.words().photosFull;
        break;
      }
      try {
        this.photos.push(await small(file));
      } catch {
        fault = this.words().notPhoto;
      }
    }
    this.draw();
    this.tell(fault || this.words().photoAdded, Boolean(fault));
    $('field').focus();
  }

  /** Hand over what waits. */
  take() {
    const taken = this.photos;
    this.photos = [];
    this.draw();
    return taken;
  }

  give(photos) {
    this.photos = [...photos, ...this.photos].slice(0, MOST);
    this.draw();
  }

  draw() {
    store.set('photos', this.photos);
    const items = this.photos.map((address, place) => {
      const name = `${this.words().photo} ${place + 1}`;
      const remove = node('button', { type: 'button' }, this.words().remove, node('span', { className: 'hidden', textContent: ` ${name}` }));
      remove.onclick = () => {
        this.photos.splice(place, 1);
        this.draw();
        this.tell(this.words().photoRemoved);
        ($('photos').querySelector('button') ?? $('attach')).focus();
      };
      return node('li', {}, node('img', { alt: name, src: address }), remove);
    });
    $('photos').replaceChildren(...items);
    $('photos').hidden = !items.length;
  }
}

/** The bytes of a data URL. */
export function blob(address) {
  const [head, data] = address.split(',');
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: head.slice(5).split(';')[0] });
}
