// Who is signed in: authorization code with PKCE, as RFC 9700 asks of a public client.
import { config } from "/config.js";

const { UserManager } = window.oidc;

const manager = new UserManager({
  authority: config.domain,
  metadataUrl: config.metadataUrl,
  client_id: config.clientId,
  redirect_uri: `${location.origin}/callback`,
  // What the application does, and no more: a stolen token does no more either.
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
  // Signed out here, whether or not this arrives. Not by the library: it wants JSON for an answer.
  // https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html
  await fetch(`${config.domain}/oauth2/revoke`, {
    method: "POST",
    body: new URLSearchParams({ token: user?.refresh_token ?? "", client_id: config.clientId }),
  }).catch(console.warn);
  // Cognito's own logout; without it the next sign-in asks for no password.
  // https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
  const logout = new URL(`${config.domain}/logout`);
  logout.search = new URLSearchParams({ client_id: config.clientId, logout_uri: `${location.origin}/` });
  location.assign(logout);
};
