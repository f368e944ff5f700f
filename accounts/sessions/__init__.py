"""Browser sessions: a sign-in begins one, Cognito renews it, each request checks it."""
