"""Verify bearer tokens of Cognito in Django REST framework, in a project that has its own users.

Gatehouse itself uses `api.authentication`, which also knows revocations. See
docs/verify-tokens.md.
"""
