"""Who may change an account: the person it belongs to, through a client that was let to."""

from __future__ import annotations

from api.exceptions import InsufficientScope
from api.permissions import IsUser
from api.principals import Principal

# Cognito's own name for "may change the account of whoever signed in".
# https://docs.aws.amazon.com/cognito/latest/developerguide/scopes-and-claims.html
ACCOUNT_SCOPE = "aws.cognito.signin.user.admin"


class OwnAccount(IsUser):
    """People with a token that carries ACCOUNT_SCOPE, whichever client it was issued to.

    Unlike `HasScope` it makes no exception for first-party clients: Cognito would refuse the token.
    """

    def permits(self, principal: Principal) -> bool:
        """Whether it is a person. Raises InsufficientScope for one whose token lacks the scope."""
        if not super().permits(principal):
            return False
        if ACCOUNT_SCOPE not in principal.scopes:
            raise InsufficientScope(ACCOUNT_SCOPE)
        return True
