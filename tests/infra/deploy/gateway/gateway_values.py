"""Parameters of the gateway template for tests."""

from __future__ import annotations

PARAMETERS = {
    "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:gatehouse-dev",
    "StageName": "dev",
    "Authorizer": "user-pool",
    "UserPoolId": "eu-west-1_Example01",
    "RequestsPerSecond": "100",
    "Burst": "200",
    "CorsOrigin": "",
    "HasDomain": "false",
    "PublicUrl": "",
}
VARIABLES = {
    "COGNITO_USER_POOL_ID": "eu-west-1_Example01",
    "COGNITO_ISSUER": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01",
    "COGNITO_JWKS_URL": "http://127.0.0.1:9/jwks.json",
    "COGNITO_JWKS": '{"keys":[]}',
    "COGNITO_CLIENT_ID": "web",
    "COGNITO_API_CLIENT_IDS": "app,machine",
    "COGNITO_CLIENT_SECRET": "a-client-secret",
    "DJANGO_SECRET_KEY": "a-secret-key",
}
