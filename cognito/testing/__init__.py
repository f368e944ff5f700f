"""Tools for tests of programs that accept Cognito's tokens: keys, tokens and a key set server.

docs/testing.md describes them. The application does not import this package.
"""

from cognito.testing.key_set_server import KeySetServer
from cognito.testing.signing_key import SigningKey, signing_key
from cognito.testing.token_factory import WITHOUT, TokenFactory

__all__ = ["WITHOUT", "KeySetServer", "SigningKey", "TokenFactory", "signing_key"]
