"""Sign-up and sign-in for applications without a browser: `/api/v1/auth/…`."""
