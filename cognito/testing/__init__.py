"""For tests of programs that take Cognito's tokens: real keys, real tokens, a real key set server.

See docs/testing.md. Nothing here is imported by the application.
"""

from cognito.testing.key_set_server import KeySetServer
from cognito.testing.signing_key import SigningKey, signing_key
from cognito.testing.token_factory import WITHOUT, TokenFactory

__all__ = ["WITHOUT", "KeySetServer", "SigningKey", "TokenFactory", "signing_key"]
