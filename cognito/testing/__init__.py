"""For tests of programs that take Cognito's tokens: real keys, real tokens, a real key set server.

See docs/testing.md. Nothing here is imported by the application.
"""
