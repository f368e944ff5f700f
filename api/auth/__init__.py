"""Accounts for applications that have no browser: `/api/v1/auth/…`. Anyone may call."""
