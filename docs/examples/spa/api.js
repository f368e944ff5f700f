// Requests to Gatehouse's API with the access token of the user.
import { config } from "/config.js";
import { currentUser } from "/session.js";

export class Problem extends Error {
  /** An error of the API (RFC 9457). Branch on `code`, and show `message`. */
  constructor(problem) {
    super(problem.detail);
    this.code = problem.code;
    this.errors = problem.errors ?? {};
  }
}

export const call = async (method, path, body) => {
  const user = await currentUser();
  const response = await fetch(config.api + path, {
    method,
    headers: {
      ...(user && { Authorization: `Bearer ${user.access_token}` }),
      ...(body && { "Content-Type": "application/json" }),
    },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Problem(await response.json());
  return response.status === 204 ? null : response.json();
};

/** Yield all notes, page by page. */
export const notes = async function* () {
  let cursor = null;
  do {
    const page = await call("GET", `/notes${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
    yield* page.results;
    cursor = page.next_cursor;
  } while (cursor);
};
