"use strict";

// Select all users of the page with one box. Without JavaScript, a link does it.
for (const all of document.querySelectorAll("[data-select-all]")) {
  const boxes = all.form.querySelectorAll("input[name=user]");
  const update = () => {
    const count = [...boxes].filter((box) => box.checked).length;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  };
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) box.addEventListener("change", update);
  update();
}

// Copy the text of a field. Without JavaScript, the user selects it.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copied;
  });
}

// Groups and factors take two calls of Cognito for each user, so they come after the list. Without
// JavaScript, a link shows them.
async function load(table) {
  const rows = [...table.querySelectorAll("tr[data-user]")];
  const query = new URLSearchParams(rows.map((row) => ["user", row.dataset.user]));
  const cells = (row) => row.querySelectorAll("[data-later]");
  const found = new Map();
  try {
    const answer = await fetch(`${table.dataset.details}?${query}`, { redirect: "manual", signal: AbortSignal.timeout(10_000) });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const row of page.querySelectorAll("tr[data-user]")) found.set(row.dataset.user, row.children);
    }
  } catch {
    // The cells say that they were not read.
  }
  for (const row of rows) {
    const fresh = found.get(row.dataset.user);
    const old = [...cells(row)];
    if (fresh) old.forEach((cell, place) => cell.replaceChildren(...fresh[place].childNodes));
    else for (const cell of old) cell.querySelector(".unknown").textContent = table.dataset.unknown;
  }
  table.removeAttribute("aria-busy");
}

for (const table of document.querySelectorAll("table[data-details]")) load(table);
