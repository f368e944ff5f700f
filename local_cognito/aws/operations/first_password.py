"""ChangePassword by users who signed up without a password.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChangePassword.html
"""

from __future__ import annotations

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.ministack_pools import own
from local_cognito.aws.sign_in import factors


def has_no_former(request: Request, context: Context) -> bool:
    """Return whether an unchecked request lacks the former password."""
    del context
    return not request.get("PreviousPassword")


def change_password(request: Request, context: Context) -> Answer:
    """Set the first password. MiniStack has one for each user, which such a user does not know."""
    _, user = context.pools.signed_in(request["AccessToken"])
    unknown = own(user).get(factors.UNKNOWN_PASSWORD)
    former = {"PreviousPassword": unknown} if unknown and user.get("_password") == unknown else {}
    return context.pools.call("ChangePassword", {**request, **former})
