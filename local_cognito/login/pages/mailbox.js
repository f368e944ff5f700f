// Show new mail as it arrives, and a button beside each code that copies it.
"use strict";

const POLL_MILLISECONDS = 2000;
const UNAVAILABLE = "The mailbox does not answer. Check that make run is still running.";

const list = document.querySelector("[data-mailbox]");
const status = document.querySelector("[role=status]");

function complete() {
  for (const time of list.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime).toLocaleString();
  }
  for (const code of list.querySelectorAll(".code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
        status.textContent = `Copied ${code.textContent}.`;
      } catch {
        // The browser does not allow it: select the code, so that a key copies it.
        getSelection().selectAllChildren(code);
        status.textContent = "The code is selected. Press Ctrl+C or ⌘C.";
      }
    });
    code.after(" ", button);
  }
}

let shown = list.innerHTML;

async function poll() {
  // Replacing the list would remove what the developer is selecting.
  if (document.hidden || !getSelection().isCollapsed) {
    return;
  }
  const answer = await fetch("/mailbox");
  if (!answer.ok) {
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const latest = page.querySelector("[data-mailbox]");
  if (!latest || latest.innerHTML === shown) {
    return;
  }
  shown = latest.innerHTML;
  const focused = list.contains(document.activeElement);
  list.innerHTML = shown;
  complete();
  if (focused) {
    list.querySelector(".copy")?.focus();
  }
  status.textContent = `New message: ${list.querySelector("h2")?.textContent ?? "none"}`;
}

async function pollForEver() {
  try {
    await poll();
    if (status.textContent === UNAVAILABLE) {
      status.textContent = "";
    }
  } catch {
    // The server was stopped, and may be started again.
    if (status.textContent !== UNAVAILABLE) {
      status.textContent = UNAVAILABLE;
    }
  }
  setTimeout(pollForEver, POLL_MILLISECONDS);
}

complete();
document.querySelector("[data-reload]").hidden = true;
setTimeout(pollForEver, POLL_MILLISECONDS);
