// One sign-in with openid-client, for tests/e2e/test_client_libraries.py. It prints the authorization
// URL, reads the callback URL, and prints the outcome. Each line is a JSON object.

import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

// Node.js 18 has no global `crypto`.
globalThis.crypto ??= webcrypto;
const client = await import("openid-client");

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value);
const write = (value) => console.log(JSON.stringify(value));

const { issuer, clientId, clientSecret, redirectUri, logoutUri } = await read();
const config = await client.discovery(
  new URL(issuer),
  clientId,
  {},
  client.ClientSecretBasic(clientSecret),
  { execute: [client.allowInsecureRequests] },
);

const codeVerifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
write({
  authorizationUrl: client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "openid email profile",
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
  }),
});

const { callbackUrl } = await read();
const first = await client.authorizationCodeGrant(config, new URL(callbackUrl), {
  pkceCodeVerifier: codeVerifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
});
const { sub } = first.claims();
const userInfo = await client.fetchUserInfo(config, first.access_token, sub);
const second = await client.refreshTokenGrant(config, first.refresh_token);
const third = await client.refreshTokenGrant(config, second.refresh_token);
await client.tokenRevocation(config, third.refresh_token);
const afterRevocation = await client.refreshTokenGrant(config, third.refresh_token).then(
  () => "accepted",
  (error) => error.error,
);
write({
  sub,
  email: userInfo.email,
  groups: third.claims()["cognito:groups"],
  refreshTokens: new Set([first, second, third].map((tokens) => tokens.refresh_token)).size,
  afterRevocation,
  endSessionUrl: client.buildEndSessionUrl(config, { logout_uri: logoutUri }),
});
process.exit(0);
