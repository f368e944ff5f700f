"""Verify a token in any Python program."""

import sys

from cognito.errors import TokenError
from cognito.tokens.pool_verifier import pool_verifier

verifier = pool_verifier(sys.argv[1], client_ids=sys.argv[2].split(","))
try:
    claims = verifier.verify(sys.stdin.read().strip(), token_uses=frozenset({"access"}))
except TokenError as error:
    sys.exit(f"{error.code}: {error}")
print(claims.sub, *sorted(claims.groups))
