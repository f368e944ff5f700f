"""The first steps of a sign-in by choice, which any visitor can take for any account.

Accounts that exist and accounts that do not get the same answers, and share the same limits.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts import conf
from accounts.client_address import client_address
from accounts.rate_limits.limits import Throttle, address_key
from api.throttles import (
    CHALLENGE,
    FIRST_FACTOR_CODE,
    MAIL,
    PASSKEY,
    SIGN_IN,
    SIGN_IN_MESSAGE,
)
from cognito import errors
from cognito.user_pool import sign_in as pool_sign_in
from cognito.user_pool.challenges import PASSWORD, SELECT_CHALLENGE, SENT, WEB_AUTHN
from cognito.user_pool.sign_in import MAX_USERNAME_CHARACTERS, Challenge

logger = logging.getLogger(__name__)


def begin(email: str, *, preferred: str) -> Challenge:
    """Begin the sign-in of an account, and return its challenge.

    The pool answers for unknown accounts as if they existed. It refuses disabled and unconfirmed
    accounts and the like. These get the answer for an unknown account, which the pool makes for a
    decoy: a second call, and a sign-in that cannot succeed.

    Raises:
        ChoiceUnavailable: the user pool allows no sign-in by choice.
        TooManyRequests: a quota of the pool.
        CognitoUnavailable: the pool is unavailable, or reveals which accounts exist.
    """
    client = conf.pool_client()
    try:
        return pool_sign_in.begin_by_choice(client, username=email, preferred=preferred)
    except (errors.ChoiceUnavailable, errors.TooManyRequests):
        raise
    except errors.RequestRefused:
        pass
    try:
        return pool_sign_in.begin_by_choice(client, username=decoy_of(email), preferred=preferred)
    except errors.UserNotFound:
        logger.exception(
            "The user pool reveals which accounts exist. Set PreventUserExistenceErrors of the app "
            "client to ENABLED."
        )
        raise errors.ClientRefused(reason="UserNotFoundException") from None


def decoy_of(email: str) -> str:
    """Return the name of an account that does not exist, always the same for an address.

    Its first letter and its domain are those of the address, so that the pool masks both alike.
    """
    _, _, domain = email.rpartition("@")
    digest = salted_hmac("api.auth.choice", email, algorithm="sha256").hexdigest()
    longest = MAX_USERNAME_CHARACTERS - len(domain) - 1
    return f"{email[:1]}{digest[:24]}"[:longest] + f"@{domain}"


def message_limit(factor: str) -> Throttle:
    """Return the limit for the message that a request for this factor can send.

    The mails that any visitor can request have a limit of their own, so that they cannot use up the
    codes after a correct password.
    """
    return MAIL if factor in SENT else SIGN_IN_MESSAGE


def attempt_limit(
    request: HttpRequest, challenge: Challenge, answers: dict[str, Any], *, email: str
) -> tuple[Throttle, str]:
    """Return the limit for wrong answers to a challenge, and the account to count."""
    if not challenge.is_first:
        return CHALLENGE, email
    if PASSWORD in (challenge.name, answers.get("factor")):
        return SIGN_IN, email
    if challenge.name in (SELECT_CHALLENGE, WEB_AUTHN):
        return PASSKEY, f"{email} {address_key(client_address(request))}"
    return FIRST_FACTOR_CODE, email
