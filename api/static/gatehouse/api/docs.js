// Swagger UI, with a sign-in that works without `window.opener`. Cross-Origin-Opener-Policy separates
// our windows from the hosted UI's, so the callback page sends the code through a BroadcastChannel.
"use strict";

const { schemaUrl, clientId, signedInUrl, resource, ...data } = document.getElementById("docs").dataset;
const scopes = data.scopes.split(" ");

// Offer only the scopes of this page's app client, because the hosted UI refuses a sign-in that
// requests any other. Remove the flow of machine clients: their secret does not belong in a page.
function keepScopesOfTheClient(text) {
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
  plugins: [PathWithoutLink],
  layout: "BaseLayout",
  deepLinking: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  // Keep the token only as long as the page is open.
  persistAuthorization: false,
  // Do not send the document to an external validator.
  validatorUrl: null,
  oauth2RedirectUrl: signedInUrl,
  requestInterceptor: (request) => {
    // The header is not needed, and the token endpoint would have to allow it (CORS).
    delete request.headers["X-Requested-With"];
    return request;
  },
  responseInterceptor: (response) => {
    if (response.ok && new URL(response.url, location.href).pathname === schemaUrl) {
      response.text = keepScopesOfTheClient(response.text);
    }
    return response;
  },
});

ui.initOAuth({
  clientId,
  scopes,
  usePkceWithAuthorizationCodeGrant: true,
  additionalQueryStringParams: resource ? { resource } : {},
});

new BroadcastChannel("gatehouse-docs-sign-in").addEventListener("message", ({ data }) => {
  // Swagger UI stores the pending sign-in here. Its own oauth2-redirect.js reads it in the same way.
  const pending = window.swaggerUIRedirectOauth2;
  const { state, code, error } = data;
  // All open pages of this site receive the message. The state shows which of them signed in.
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
      message: `The sign-in failed: ${error}. Try again.`,
    });
  }
});
