// Requests to Gatehouse's API with the session cookie, which the browser adds and no script can read.
import { Problem } from "../problem.js";

// Below a stage prefix: "/dev/api/v1".
const API = "/api/v1";

// The last answer of `GET session`, or the problem that says where to sign in.
let session = null;
let signInUrl = "/accounts/login/";

const ask = async (path, options) => {
  const response = await fetch(API + path, options);
  if (response.ok) return response.status === 204 ? null : response.json();
  const problem = new Problem(await response.json());
  signInUrl = problem.signInUrl ?? signInUrl;
  throw problem;
};

/** Return the signed-in user, or null for a visitor. */
export const currentUser = async () => {
  try {
    session = await ask("/session");
  } catch (problem) {
    session = null;
    // A session that has ended is worth a message. A visitor never had one.
    if (problem.code !== "not_authenticated") throw problem;
  }
  return session?.user ?? null;
};

export const call = async (method, path, body) => {
  const send = () =>
    ask(path, {
      method,
      headers: {
        ...(method !== "GET" && { "X-CSRFToken": session?.csrf_token ?? "" }),
        ...(body && { "Content-Type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
  try {
    return await send();
  } catch (problem) {
    // The user signed in again in another tab. Another user must not write what this one typed.
    const before = session?.user.sub;
    if (problem.code !== "csrf_failed" || (await currentUser())?.sub !== before) throw problem;
    return send();
  }
};

export const signIn = () => location.assign(`${signInUrl}?next=${encodeURIComponent(location.pathname)}`);

/** Sign out by a form, because the answer leads the browser through the hosted UI. */
export const signOut = () => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: session.sign_out_url });
  const token = Object.assign(document.createElement("input"), {
    type: "hidden",
    name: "csrfmiddlewaretoken",
    value: session.csrf_token,
  });
  form.append(token);
  document.body.append(form);
  form.submit();
};
