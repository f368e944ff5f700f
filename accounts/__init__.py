"""Users in the browser: sign-in, sessions, sign-out, the pages and the operators' console."""
