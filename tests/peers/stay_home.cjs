// Loaded before a peer that runs on Node: a connection that would leave this machine ends the process.
"use strict";

const dns = require("node:dns");
const net = require("node:net");

const HOME = new Set([undefined, "", "localhost", "127.0.0.1", "::1"]);

function stay(host) {
  if (!HOME.has(host)) {
    process.stderr.write(`a peer tried to reach ${host}\n`);
    process.exit(86);
  }
}

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...options) {
  const first = Array.isArray(options[0]) ? options[0][0] : options[0];
  stay(typeof first === "object" && first !== null ? first.host : typeof options[1] === "string" ? options[1] : "");
  return connect.apply(this, options);
};

for (const api of [dns, dns.promises]) {
  const lookup = api.lookup;
  api.lookup = (host, ...more) => {
    stay(host);
    return lookup(host, ...more);
  };
}
