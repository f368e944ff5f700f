"""A whole Cognito on loopback for the browser's side, which can misbehave in every way we know of.

It is built on cognito.testing: real RSA keys, real tokens, a real HTTP server. `fixtures` makes it
usable from pytest, `provider` is what a test holds in its hand.
"""
