// The page, for both builds. `start` gets the functions that differ.

const element = (id) => document.getElementById(id);

/** Yield all notes, page by page. */
const notes = async function* (call) {
  let cursor = null;
  do {
    const page = await call("GET", `/notes${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
    yield* page.results;
    cursor = page.next_cursor;
  } while (cursor);
};

export const start = ({ call, currentUser, signIn, signOut }) => {
  const attempt = (action) => async (event) => {
    event?.preventDefault();
    element("problem").textContent = "";
    try {
      await action(event);
    } catch (error) {
      const fields = Object.values(error.errors ?? {}).flat();
      element("problem").textContent = [error.message, ...fields].join(" ");
      // Keep what the user typed, and offer to sign in.
      if (["session_ended", "not_authenticated"].includes(error.code)) element("sign-in").hidden = false;
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
    element("who").textContent = user ? user.email : "";
    const rows = [];
    if (user) for await (const note of notes(call)) rows.push(item(note));
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
};
