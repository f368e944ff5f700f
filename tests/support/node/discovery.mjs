// A public client that knows its own id and the URL of one endpoint, and finds the rest out with
// oauth4webapi, on which openid-client is built: tests/e2e/test_client_libraries.py. It prints what it found
// with the authorization URL, reads the callback URL, and prints the endpoint's answer. Each line is a
// JSON object.

import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

// Node.js 18 has no global `crypto`.
globalThis.crypto ??= webcrypto;
const oauth = await import("oauth4webapi");

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value);
const write = (value) => console.log(JSON.stringify(value));
// The servers of this machine have no TLS.
const plain = { [oauth.allowInsecureRequests]: true };

const { url, clientId, redirectUri } = await read();
const call = (token) =>
  oauth.protectedResourceRequest(token, "GET", new URL(url), undefined, undefined, plain);

// The library reads the challenge of the 401 to an old token.
const [challenge] = await call("an-old-token").then(
  () => [],
  (error) => error.cause,
);
const metadataUrl = challenge.parameters.resource_metadata;
const { resource } = await (await fetch(metadataUrl)).clone().json();
// The metadata of another resource would let its server choose where users sign in.
if (!url.startsWith(`${resource}/`)) throw new Error(`${url} does not belong to ${resource}`);
const metadata = await oauth.processResourceDiscoveryResponse(
  new URL(resource),
  await fetch(metadataUrl),
);
// A client that knows the resource needs no challenge.
const byResource = await oauth.processResourceDiscoveryResponse(
  new URL(resource),
  await oauth.resourceDiscoveryRequest(new URL(resource), plain),
);

const issuer = new URL(metadata.authorization_servers[0]);
// It fails if the document names another issuer.
const server = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { algorithm: "oidc", ...plain }),
);

const client = { client_id: clientId };
const codeVerifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const authorizationUrl = new URL(server.authorization_endpoint);
authorizationUrl.search = new URLSearchParams({
  client_id: clientId,
  redirect_uri: redirectUri,
  response_type: "code",
  scope: metadata.scopes_supported.join(" "),
  // RFC 8707: the access token is for this resource only.
  resource,
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
  code_challenge_method: "S256",
});
write({
  metadataUrl,
  metadata,
  isSameByResource: JSON.stringify(metadata) === JSON.stringify(byResource),
  tokenEndpoint: server.token_endpoint,
  authorizationUrl,
});

const { callbackUrl } = await read();
const tokens = await oauth.processAuthorizationCodeResponse(
  server,
  client,
  await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    oauth.validateAuthResponse(server, client, new URL(callbackUrl), state),
    redirectUri,
    codeVerifier,
    plain,
  ),
);
const answer = await call(tokens.access_token);
write({ status: answer.status, answer: await answer.json() });
process.exit(0);
