"""Signing out, and the list of revoked sign-ins."""
