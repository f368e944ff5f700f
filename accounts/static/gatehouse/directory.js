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
