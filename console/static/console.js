// The part of a page that is marked as live is fetched anew when its conversation changes. Forms are left alone.
"use strict";
const live = document.querySelector("[data-live]");
if (live) {
  const events = new EventSource("/console/events");
  events.onmessage = async (event) => {
    const mine = live.dataset.live;
    if (mine && event.data && event.data !== mine) return;
    const response = await fetch(location.pathname + location.search.replace("late", ""));
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (fresh && fresh.innerHTML !== live.innerHTML) {
      live.replaceChildren(...fresh.childNodes);
      const said = live.querySelector(".scroll");
      if (said) said.scrollTop = said.scrollHeight;
    }
  };
}
