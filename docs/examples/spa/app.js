import { call, notes } from "/api.js";
import { currentUser, signIn, signOut } from "/session.js";

const element = (id) => document.getElementById(id);

const attempt = (action) => async (event) => {
  event?.preventDefault();
  element("problem").textContent = "";
  try {
    await action(event);
  } catch (error) {
    const fields = Object.values(error.errors ?? {}).flat();
    element("problem").textContent = [error.message, ...fields].join(" ");
  }
};

const item = (note) => {
  const remove = document.createElement("button");
  remove.textContent = "Delete";
  remove.setAttribute("aria-label", `Delete ${note.title}`);
  remove.addEventListener(
    "click",
    attempt(async () => {
      await call("DELETE", `/notes/${note.id}`);
      await show();
    }),
  );
  const row = document.createElement("li");
  row.append(note.title, remove);
  return row;
};

const show = async () => {
  const user = await currentUser();
  element("sign-in").hidden = Boolean(user);
  element("sign-out").hidden = element("write").hidden = !user;
  element("who").textContent = user ? user.profile.email : "";
  const rows = [];
  if (user) for await (const note of notes()) rows.push(item(note));
  element("notes").replaceChildren(...rows);
};

element("sign-in").addEventListener("click", attempt(signIn));
element("sign-out").addEventListener("click", attempt(signOut));
element("write").addEventListener(
  "submit",
  attempt(async ({ target }) => {
    await call("POST", "/notes", { title: target.elements.title.value });
    target.reset();
    await show();
  }),
);

attempt(show)();
