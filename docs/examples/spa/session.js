// Sign-in and sign-out: authorization code with PKCE, as RFC 9700 requires of a public client.
import { config } from "./config.js";

const { UserManager } = window.oidc;

const manager = new UserManager({
  authority: config.domain,
  metadataUrl: config.metadataUrl,
  client_id: config.clientId,
  redirect_uri: `${location.origin}/callback`,
  // Request only the scopes that the application needs, because a stolen token has the same ones.
  scope: "openid email api/read api/write",
});

export const signIn = () => manager.signinRedirect();

export const finishSignIn = () => manager.signinRedirectCallback();

export const currentUser = async () => {
  const user = await manager.getUser();
  return user && !user.expired ? user : null;
};

export const signOut = async () => {
  const user = await manager.getUser();
  await manager.removeUser();
  // The user is signed out here even if this request fails. The library cannot send it, because it
  // expects JSON, and Cognito's answer is empty.
  // https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html
  await fetch(`${config.domain}/oauth2/revoke`, {
    method: "POST",
    body: new URLSearchParams({ token: user?.refresh_token ?? "", client_id: config.clientId }),
  }).catch(console.warn);
  // End the session of the hosted UI as well. Otherwise the next sign-in needs no password.
  // https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
  const logout = new URL(`${config.domain}/logout`);
  logout.search = new URLSearchParams({ client_id: config.clientId, logout_uri: `${location.origin}/` });
  location.assign(logout);
};
