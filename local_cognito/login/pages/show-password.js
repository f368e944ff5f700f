// Put a button into each password field that shows what was typed.
"use strict";

for (const input of document.querySelectorAll('input[type="password"]')) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  const show = () => {
    const isShown = input.type === "text";
    button.innerHTML = isShown
      ? 'Hide<span class="for-readers"> password</span>'
      : 'Show<span class="for-readers"> password</span>';
  };
  button.addEventListener("click", () => {
    input.type = input.type === "password" ? "text" : "password";
    show();
  });
  // A browser saves a password only of a field that hides it.
  input.form?.addEventListener("submit", () => {
    input.type = "password";
  });
  input.after(button);
  show();
}
