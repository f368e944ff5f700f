// Passes the hosted UI's answer to the page that began the sign-in.
"use strict";

const answer = new URLSearchParams(location.search);
// Keep the code out of the browser's history and of bookmarks.
history.replaceState(null, "", location.pathname);
new BroadcastChannel("gatehouse-docs-sign-in").postMessage({
  state: answer.get("state"),
  code: answer.get("code"),
  error: answer.get("error"),
});
window.close();
