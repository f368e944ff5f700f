"use strict";

// Shows new events of the audit trail while the button "Live" is on. Each request counts as use of
// the session, so it stops after a while: an open page must not keep an operator signed in.
const SECONDS = 5;
const STOP_AFTER_MINUTES = 15;

const button = document.getElementById("live");
const events = document.getElementById("events");
const status = document.getElementById("live-status");
let timer = 0;
let stopAt = 0;

function ids(root) {
  return new Set([...root.querySelectorAll("tr[data-event]")].map((row) => row.dataset.event));
}

function turn(on) {
  clearInterval(timer);
  stopAt = Date.now() + STOP_AFTER_MINUTES * 60_000;
  timer = on ? setInterval(poll, SECONDS * 1000) : 0;
  button.setAttribute("aria-pressed", String(on));
  button.textContent = on ? button.dataset.on : button.dataset.off;
  if (on) poll();
}

async function poll() {
  if (document.hidden) return;
  if (Date.now() > stopAt) return turn(false);
  // An operator who reads a row with the keyboard must not lose it.
  if (events.contains(document.activeElement) && document.activeElement !== events) return;
  let answer;
  try {
    answer = await fetch(location.href, { redirect: "manual", signal: AbortSignal.timeout(4000) });
  } catch {
    // The next request may succeed.
    return;
  }
  // Signed out, which is a redirect to the sign-in, or no rights any more.
  if (!answer.ok) return turn(false);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("events");
  if (!timer || !fresh) return;
  const before = ids(events);
  const added = [...fresh.querySelectorAll("tr[data-event]")].filter((row) => !before.has(row.dataset.event));
  if (!added.length) return;
  for (const row of added) row.classList.add("new");
  events.replaceChildren(...fresh.childNodes);
  status.textContent = `${button.dataset.added} ${added.length}`;
}

// Older pages do not change.
if (events && events.dataset.page === "1") {
  button.hidden = false;
  button.addEventListener("click", () => turn(!timer));
}
