// What Swagger UI lacks for screen readers, and its dark colours. The names in here are those of its
// document; where a later version has others, a repair has no effect.
"use strict";

// Swagger UI has dark colours, but does not ask what the visitor prefers.
const dark = matchMedia("(prefers-color-scheme: dark)");
const choose = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", choose);
choose();

const REPAIRS = {
  // A level is missing between the page's heading and these.
  "h3.opblock-tag, .modal-ux h3, section.models > h4": { "aria-level": "2" },
  ".opblock-section-header h4, .modal-ux h4": { "aria-level": "3" },
  ".information-container": { role: "region", "aria-label": "About the API" },
  ".scheme-container .schemes": { role: "region", "aria-label": "Server and authorization" },
  "#servers": { "aria-label": "Server" },
  "select.content-type": { "aria-label": "Media type" },
  ".response-control-media-type select": { "aria-label": "Media type of the response" },
  "select.examples-select-element": { "aria-label": "Example" },
  ".close-modal": { "aria-label": "Close" },
  // These scroll, and a keyboard scrolls only what has the focus.
  ".opblock-body pre": { tabindex: "0" },
};
// Names that differ from the button's visible text. Voice control goes by the text.
const MISNAMED = ".auth-btn-wrapper [aria-label], .authorization__btn[aria-label]";

function repair(root) {
  for (const [selector, attributes] of Object.entries(REPAIRS)) {
    for (const element of root.querySelectorAll(selector)) {
      for (const [name, value] of Object.entries(attributes)) {
        if (element.getAttribute(name) !== value) {
          element.setAttribute(name, value);
        }
      }
    }
  }
  for (const select of root.querySelectorAll("tr[data-param-name] select:not([aria-label])")) {
    select.setAttribute("aria-label", select.closest("tr").dataset.paramName);
  }
  for (const element of root.querySelectorAll(MISNAMED)) {
    if (element.textContent.trim()) {
      element.removeAttribute("aria-label");
    }
  }
}

// The dialog has the keyboard's focus from its first line on, ends with Escape, and gives it back.
let dialog = null;

function follow(root) {
  const opened = root.querySelector(".modal-ux");
  if (opened && !dialog) {
    opened.setAttribute("role", "dialog");
    opened.setAttribute("aria-modal", "true");
    opened.setAttribute("aria-label", "Available authorizations");
    opened.querySelector(".close-modal").focus();
    opened.querySelector(".modal-ux-content").scrollTop = 0;
  } else if (!opened && dialog) {
    root.querySelector(".btn.authorize").focus();
  }
  dialog = opened;
}

const docs = document.getElementById("docs");
docs.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    dialog?.querySelector(".close-modal").click();
  }
});
new MutationObserver(() => {
  repair(docs);
  follow(docs);
}).observe(docs, { childList: true, subtree: true });

// The path of an operation is a link inside of a button, which is not possible in HTML. The button
// writes the same address into the browser's.
// eslint-disable-next-line no-unused-vars -- docs.js passes it to Swagger UI
const PathWithoutLink = ({ React }) => ({
  wrapComponents: {
    DeepLink: () => (props) =>
      React.createElement("span", { className: "nostyle" }, props.text),
  },
});
