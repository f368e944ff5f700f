"""Passkeys: the WebAuthn ceremonies of a user pool, which MiniStack lacks.

https://www.w3.org/TR/webauthn-3/
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
"""
