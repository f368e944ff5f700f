"""Reports of errors to Sentry, without secrets and without users: docs/traces.md."""
