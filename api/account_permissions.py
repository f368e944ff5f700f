"""Who may change an account: the person it belongs to, through a client that was let to."""

from __future__ import annotations

from api.permissions import HasScope, IsUser, demand_scope
from api.principals import Principal
from api.refusals import InsufficientScope

# Our own scope: a client without it does not touch its users' accounts here. Cognito's scope cannot
# say so, because every token of a sign-in through Cognito's API carries that one.
ACCOUNT_SCOPE = "api/account"
MayActOnAccount = HasScope(ACCOUNT_SCOPE)

# Cognito refuses a token without it in every call on the user's account.
# https://docs.aws.amazon.com/cognito/latest/developerguide/scopes-and-claims.html
COGNITO_SCOPE = "aws.cognito.signin.user.admin"


class OwnAccount(IsUser):
    """A user whose token carries ACCOUNT_SCOPE, as `HasScope` demands it, and COGNITO_SCOPE.

    COGNITO_SCOPE makes no exception for first-party clients: Cognito would refuse the token.
    """

    def permits(self, principal: Principal) -> bool:
        """Whether it is a user. Raises InsufficientScope for one whose token lacks a scope."""
        if not super().permits(principal):
            return False
        demand_scope(ACCOUNT_SCOPE, principal)
        if COGNITO_SCOPE not in principal.scopes:
            raise InsufficientScope(COGNITO_SCOPE)
        return True
