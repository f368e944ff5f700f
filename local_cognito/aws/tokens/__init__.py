"""Tokens with the claims of Cognito that MiniStack's lack.

MiniStack collects a user's claims and groups, runs the trigger before token generation, and signs
with the pool's keys. This package adds, before the signature:

- `auth_time`, which refreshes keep, and which a hosted UI session keeps from its sign-in;
- `acr` and `amr`, if the sign-in asked for a level or an age (`levels`);
- `at_hash` of ID tokens from the hosted UI;
- `aud` of access tokens, if the sign-in asked for a resource (RFC 8707).

What a sign-in has proven is a SignIn. It is stored with the user under the `origin_jti` of its
tokens, so that refreshes find it (`sign_ins`).
"""
