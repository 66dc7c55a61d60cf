// The live part of a page is fetched anew by htmx when its conversation changes. Forms are left alone.
"use strict";

const live = () => document.querySelector("[data-live]");
const atEnd = (box) => !box || box.scrollHeight - box.scrollTop - box.clientHeight < 40;
const toEnd = () => {
  const box = document.getElementById("said");
  if (box) box.scrollTop = box.scrollHeight;
};
const counted = (part) => part.querySelectorAll(".message, tbody tr").length;
let follow = true;
let before = 0;
let state;

// What is being written is kept in this tab until it has been sent: the login may end before that.
const kept = `answer ${location.pathname}`;
const writing = () => document.getElementById("text");
const keep = () => writing() && sessionStorage.setItem(kept, writing().value);
if (writing()) {
  writing().value = writing().value || sessionStorage.getItem(kept) || "";
  writing().addEventListener("input", keep);
}
document.querySelector('form[action="/console/logout"]')?.addEventListener("submit", () => sessionStorage.clear());

// What has just been done is told once, not at every reload.
if (/[?&](said|wrong)=/.test(location.search)) history.replaceState(null, "", location.pathname);

toEnd();
if (live()) {
  new EventSource("/console/events").onmessage = (event) => {
    const part = live();
    if (part && (!part.dataset.live || !event.data || event.data === part.dataset.live)) htmx.trigger(part, "changed");
  };
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const part = live();
  if (!part) return;
  const page = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
  const fresh = page.querySelector("[data-live]");
  if (!fresh) {
    // Another page: the login has ended, or the server is in trouble. It is shown, whatever was asked for.
    event.detail.shouldSwap = false;
    location.reload();
    return;
  }
  if (event.detail.requestConfig.verb !== "get") return;
  // The same words mean that nothing is to be done.
  event.detail.shouldSwap = fresh.innerHTML !== part.innerHTML.replace(/ class="htmx-[a-z]+"/g, "");
  follow = atEnd(document.getElementById("said"));
  before = counted(part);
  state = part.dataset.state;
});

document.body.addEventListener("htmx:afterSettle", () => {
  const part = live();
  if (!part) return;
  if (follow) toEnd();
  const news = document.getElementById("news");
  if (news && news.dataset.words && counted(part) > before) news.textContent = news.dataset.words;
  if (news && part.dataset.state !== state) news.textContent = part.dataset.said;
  const text = document.getElementById("text");
  const saying = document.getElementById("saying");
  // The conversation has come to us or has gone: the page around it is another one now.
  if ((part.dataset.mine === "yes") !== Boolean(saying) && !(text && text.value) && "mine" in part.dataset) location.reload();
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb === "post") follow = true;
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful, xhr } = event.detail;
  if (requestConfig.verb !== "post" || !successful || !xhr.responseText.includes("data-live")) return;
  const text = writing();
  if (text && !document.querySelector("#late *")) {
    text.value = "";
    sessionStorage.removeItem(kept);
  }
  if (text) text.focus();
});

document.body.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const text = document.getElementById("text");
  if (!button || !text) return;
  text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
  keep();
  text.focus();
});
