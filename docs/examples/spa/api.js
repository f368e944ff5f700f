// Requests to Gatehouse's API with the access token of the user.
import { config } from "./config.js";
import { Problem } from "./problem.js";
import { currentUser } from "./session.js";

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
