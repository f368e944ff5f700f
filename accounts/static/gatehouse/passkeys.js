// Create a passkey in the form with data-passkey. It stays hidden in browsers without WebAuthn.
"use strict";

// Cognito forgets the options of the page after some minutes.
const FRESH_MILLISECONDS = 150_000;

const form = document.querySelector("form[data-passkey]");
const button = form.querySelector("button");
const message = form.querySelector("[role=alert]");
const begun = performance.now();

async function creationOptions() {
  let page = document;
  if (performance.now() - begun > FRESH_MILLISECONDS) {
    const answer = await fetch(form.action, { redirect: "error" });
    if (!answer.ok) {
      // The sign-in is no longer recent. A visit of the page asks for another one.
      location.assign(form.action);
      return null;
    }
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  }
  return JSON.parse(page.getElementById("creation-options").textContent);
}

async function create() {
  const options = await creationOptions();
  if (!options) {
    return;
  }
  const credential = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
  });
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  form.submit();
}

function explanation(error) {
  if (error.name === "NotAllowedError" || error.name === "AbortError") {
    return form.dataset.cancelled;
  }
  if (error.name === "InvalidStateError") {
    return form.dataset.known;
  }
  return form.dataset.failed;
}

async function click() {
  message.textContent = "";
  button.disabled = true;
  try {
    await create();
  } catch (error) {
    message.textContent = explanation(error);
    button.disabled = false;
  }
}

if (window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  document.querySelector("[data-unsupported]").remove();
  button.addEventListener("click", click);
  form.hidden = false;
}
