// Swagger UI, with a sign-in that needs no hold on the window in which it happens: our pages and the
// hosted UI keep their windows apart (Cross-Origin-Opener-Policy), so the code comes by a channel.
"use strict";

const { schemaUrl, clientId, signedInUrl, ...data } = document.getElementById("docs").dataset;
const scopes = data.scopes.split(" ");

// The page's own client signs users in, and the hosted UI refuses a sign-in that asks for a scope
// which the client may not have. Machine clients have another id and a secret, which do not belong
// into a web page.
function offerWhatTheClientMayHave(text) {
  const schema = JSON.parse(text);
  const { flows } = schema.components.securitySchemes.cognito;
  const { scopes: meanings } = flows.authorizationCode;
  flows.authorizationCode.scopes = Object.fromEntries(
    scopes.map((scope) => [scope, meanings[scope] ?? scope]),
  );
  delete flows.clientCredentials;
  return JSON.stringify(schema);
}

const ui = SwaggerUIBundle({
  url: schemaUrl,
  dom_id: "#docs",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  // The token lives as long as the page.
  persistAuthorization: false,
  // Sends nothing to anyone but this site and the hosted UI.
  validatorUrl: null,
  oauth2RedirectUrl: signedInUrl,
  requestInterceptor: (request) => {
    // Says nothing that matters, and would take the token endpoint's leave (CORS) to be sent.
    delete request.headers["X-Requested-With"];
    return request;
  },
  responseInterceptor: (response) => {
    if (response.ok && new URL(response.url, location.href).pathname === schemaUrl) {
      response.text = offerWhatTheClientMayHave(response.text);
    }
    return response;
  },
});

ui.initOAuth({
  clientId,
  scopes,
  usePkceWithAuthorizationCodeGrant: true,
});

new BroadcastChannel("gatehouse-docs-sign-in").addEventListener("message", ({ data }) => {
  // What Swagger UI left there when it opened the window (its own oauth2-redirect.js reads it so).
  const pending = window.swaggerUIRedirectOauth2;
  const { state, code, error } = data;
  // Each page open on this site hears of it: the state tells whose sign-in it was.
  if (!pending || !state || state !== pending.state) return;
  window.swaggerUIRedirectOauth2 = undefined;
  if (code) {
    pending.auth.code = code;
    pending.callback({ auth: pending.auth, redirectUrl: pending.redirectUrl });
  } else {
    pending.errCb({
      authId: pending.auth.name,
      source: "auth",
      level: "error",
      message: `The sign-in at the hosted UI failed: ${error}`,
    });
  }
});
