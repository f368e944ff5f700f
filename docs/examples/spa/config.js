// These values are for `make run`. On AWS, use the API's address, COGNITO_DOMAIN, the URL
// https://cognito-idp.<region>.amazonaws.com/<pool>/.well-known/openid-configuration and the id of the
// public app client.
export const config = {
  api: "http://localhost:8000/api/v1",
  domain: "http://localhost:4567",
  metadataUrl: "http://localhost:4567/.well-known/openid-configuration",
  clientId: "the id of the public app client: see README.md",
};
