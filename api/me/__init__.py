"""The caller's identity and account: `/api/v1/me…`."""
