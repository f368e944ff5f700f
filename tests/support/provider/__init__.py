"""A Cognito on loopback for browser sign-ins, with every known kind of misbehaviour.

It uses cognito.testing: real RSA keys, real tokens and a real HTTP server. Tests use it through the
fixtures in `fixtures` and the class in `provider`.
"""
