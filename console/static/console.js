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

toEnd();
if (live()) {
  new EventSource("/console/events").onmessage = (event) => {
    const part = live();
    if (part && (!part.dataset.live || !event.data || event.data === part.dataset.live)) htmx.trigger(part, "changed");
  };
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const part = live();
  if (!part || event.detail.requestConfig.verb !== "get") return;
  const page = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
  const fresh = page.querySelector("[data-live]");
  // Another page means that the login has ended; the same words mean that nothing is to be done.
  event.detail.shouldSwap = Boolean(fresh) && fresh.innerHTML !== part.innerHTML.replace(/ class="htmx-[a-z]+"/g, "");
  if (!fresh) location.reload();
  follow = atEnd(document.getElementById("said"));
  before = counted(part);
});

document.body.addEventListener("htmx:afterSettle", () => {
  const part = live();
  if (!part) return;
  if (follow) toEnd();
  const news = document.getElementById("news");
  if (news && counted(part) > before) news.textContent = news.dataset.words;
  const text = document.getElementById("text");
  const saying = document.getElementById("saying");
  // The conversation has come to us or has gone: the page around it is another one now.
  if ((part.dataset.mine === "yes") !== Boolean(saying) && !(text && text.value) && "mine" in part.dataset) location.reload();
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.verb === "post") follow = true;
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig.verb !== "post" || !event.detail.successful) return;
  const text = document.getElementById("text");
  if (text && !document.querySelector("#late *")) text.value = "";
  if (text) text.focus();
});

document.body.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const text = document.getElementById("text");
  if (!button || !text) return;
  text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
  text.focus();
});
