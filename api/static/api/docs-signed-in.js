// Hands the hosted UI's answer to the page that asked for it.
"use strict";

const answer = new URLSearchParams(location.search);
// The code is of no use any more once it is out of sight: not in the history, nor in a bookmark.
history.replaceState(null, "", location.pathname);
new BroadcastChannel("gatehouse-docs-sign-in").postMessage({
  state: answer.get("state"),
  code: answer.get("code"),
  error: answer.get("error"),
});
window.close();
