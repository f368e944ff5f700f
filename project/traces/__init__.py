"""Traces of requests, of their calls of Cognito and of their statements: docs/traces.md."""
