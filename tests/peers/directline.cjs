// Microsoft's published Direct Line client against a running web chat.
// usage: node directline.cjs https://…/v3/directline socket|poll text…
// Posts each text after the answer to the one before it, drops the socket once in between, and prints one JSON object.
'use strict';

global.XMLHttpRequest = require('xhr2');
global.WebSocket = require('ws');
const { DirectLine, ConnectionStatus } = require('botframework-directlinejs');

const [, , domain, mode, ...texts] = process.argv;

async function main() {
  const response = await fetch(`${domain}/tokens/generate`, { method: 'POST' });
  const { token } = await response.json();
  const line = new DirectLine({ domain, token, webSocket: mode === 'socket', pollingInterval: 200 });
  const seen = { status: [], activities: [], posted: [] };
  const waiting = [];
  line.connectionStatus$.subscribe((status) => seen.status.push(ConnectionStatus[status]));
  line.activity$.subscribe((activity) => {
    seen.activities.push(activity);
    const found = waiting.findIndex((wait) => activity.replyToId && activity.replyToId === wait.id());
    if (found >= 0) waiting.splice(found, 1)[0].done();
  });
  for (const [place, text] of texts.entries()) {
    let id;
    const answered = new Promise((done) => waiting.push({ id: () => id, done }));
    const activity = { type: 'message', from: { id: 'ignored' }, text, locale: 'fi-FI' };
    id = await new Promise((resolve, reject) => line.postActivity(activity).subscribe(resolve, reject));
    seen.posted.push(id);
    // The answer may have come before the id of the post.
    if (!seen.activities.some((one) => one.replyToId === id)) await answered;
    if (mode === 'socket' && place === 0) line.webSocketConnection?.close?.();
  }
  process.stdout.write(JSON.stringify(seen));
  process.exit(0);
}

main().catch((error) => {
  process.stderr.write(String(error.stack ?? error));
  process.exit(1);
});
