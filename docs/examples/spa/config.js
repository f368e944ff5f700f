// For `make run`. On AWS: the API's address, COGNITO_DOMAIN, the id of the public app client, and
// https://cognito-idp.<region>.amazonaws.com/<pool>/.well-known/openid-configuration.
export const config = {
  api: "http://localhost:8000/api/v1",
  domain: "http://localhost:4567",
  metadataUrl: "http://localhost:4567/.well-known/openid-configuration",
  clientId: "the id of the public app client: see README.md",
};
