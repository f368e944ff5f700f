// Create and use passkeys in the forms with data-passkey. Their buttons stay hidden in browsers
// without WebAuthn, and without JavaScript.
//
// data-passkey   "create" or "get"
// data-options   the address that returns the options of a ceremony
// data-autofill  the browser may also offer passkeys in the field for the user name
"use strict";

// Options expire, so a request that waits for the user's choice gets new ones before that.
const RENEW_MILLISECONDS = 150_000;

// A message of the server for the user.
class Refusal extends Error {}

let waiting = null;

async function perform(form, request) {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
  });
  const options = await answer.json();
  if (!answer.ok) {
    throw new Refusal(options.error);
  }
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
        })
      : await navigator.credentials.get({
          ...request,
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
        });
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  form.submit();
}

function explanation(error) {
  if (error instanceof Refusal) {
    return error.message;
  }
  if (error.name === "NotAllowedError" || error.name === "AbortError") {
    return "No passkey was used. Try again, or use another way.";
  }
  if (error.name === "InvalidStateError") {
    return "This device already has a passkey for this account.";
  }
  return "The passkey could not be used. Try again, or use another way.";
}

async function click(form, button) {
  const message = form.querySelector("[role=alert]");
  message.textContent = "";
  button.disabled = true;
  waiting?.abort("clicked");
  try {
    await perform(form, {});
  } catch (error) {
    message.textContent = explanation(error);
    button.disabled = false;
  }
}

async function autofill(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) {
    return;
  }
  for (let again = true; again; ) {
    waiting = new AbortController();
    const signal = waiting.signal;
    const timer = setTimeout(() => waiting.abort("renew"), RENEW_MILLISECONDS);
    try {
      await perform(form, { mediation: "conditional", signal });
      again = false;
    } catch {
      // The user chose none, or clicked a button, which shows what fails.
      again = signal.reason === "renew";
    }
    clearTimeout(timer);
  }
}

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  document.querySelector("[data-unsupported]")?.remove();
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("button");
    button.addEventListener("click", () => click(form, button));
    form.hidden = false;
    if ("autofill" in form.dataset) {
      autofill(form);
    }
  }
}
