"""Browser sessions: begun by a sign-in, renewed with Cognito, checked on each request."""
