"""Sign-ins that ended here before the browser came back with their code.

Cognito exchanges a code for some minutes, and a session at the hosted UI can issue more of them. A
code of a sign-in from before a password reset, or before the user was signed out everywhere, must
not begin a session.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop

from accounts.process.revocation_list import is_sign_in_revoked
from cognito.errors import SignInError
from cognito.tokens.claims import Claims


class SignInRevoked(SignInError):
    """The user was signed out everywhere after the sign-in."""

    code = "sign_in_revoked"
    title = gettext_noop("This sign-in was ended")
    advice = gettext_noop(
        "You were signed out everywhere, or your password was reset, after it began. Start again."
    )


def demand_not_revoked(access_claims: Claims) -> None:
    """Raise SignInRevoked if the sign-in has ended.

    Call it in the transaction that begins a session, after the user's row is locked.
    """
    if is_sign_in_revoked(access_claims):
        raise SignInRevoked
