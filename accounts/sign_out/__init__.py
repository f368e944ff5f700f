"""Sign-out, and the revocation list."""
