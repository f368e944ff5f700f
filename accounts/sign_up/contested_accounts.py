"""Sign-up that lets only the owner of an address choose the password of its account.

An attacker can sign up with the address of another user, before or after that user does. The code
that Cognito sends proves who owns the address, but not who chose the password. An account that was
signed up for with two different passwords therefore gets neither, but a random one that is not
stored. The owner of the address chooses a password with a code: while confirming, or by a reset
afterwards. This holds for every way to confirm an account, including the hosted UI's pages.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from accounts import conf
from accounts.rate_limits.counters import Counter, Limit
from accounts.sign_out import sign_out
from cognito.errors import AccountExists, CognitoError, CognitoUnavailable, UserNotFound
from cognito.user_pool import sign_up as pool_sign_up
from cognito.user_pool.pool_client import PoolClient

if TYPE_CHECKING:
    from cognito.directory.records import DirectoryUser
    from cognito.directory.users import Directory

logger = logging.getLogger(__name__)

UNCONFIRMED = "UNCONFIRMED"
# A repeated sign-up with the same password is a retry, because the first answer may have been lost.
RETRY = Limit(1, 24 * 60 * 60)
# An attacker can sign up again between two of our calls, but hardly every time.
MAX_REPLACEMENTS = 3
# About 25 ms and 8 MB, so that passwords cannot be guessed quickly from the stored digest.
_SCRYPT = {"n": 2**13, "r": 8, "p": 1}


def sign_up(
    *, email: str, password: str, attributes: Mapping[str, str], settable: Collection[str]
) -> bool:
    """Create an account, or replace one of the same address that was never confirmed.

    Every address takes the same number of calls, so that the time reveals nothing about it.

    Args:
        settable: the attributes that the caller could have sent.

    Returns:
        Whether a trigger of the pool has confirmed the account.

    Raises:
        AccountExists: nothing was changed, because the account is confirmed or disabled, or because
            this sign-up repeats the one before it.
        RequestRefused: the pool refused the sign-up for another reason. It raises a subclass.
        CognitoUnavailable: the account may exist or not. Try again.
    """
    directory, client = conf.directory(), conf.pool_client()
    # Call this first. It fails without AWS credentials, and then no account must be created,
    # because its password could not be replaced later.
    _pending(directory, email)
    try:
        account = pool_sign_up.sign_up(
            client,
            username=email,
            password=password,
            attributes=attributes,
            settable=settable,
        )
    except AccountExists:
        # Look again, because another sign-up may have happened in the meantime.
        pending = _pending(directory, email)
        is_retry = _sign_up_of(pending.sub if pending else email, password).is_counted()
        if pending is not None and not is_retry:
            logger.warning(
                "Replacing the unconfirmed account %s after a sign-up with another password.",
                pending.sub,
            )
            _replace(
                directory, client, pending, email=email, attributes=attributes, settable=settable
            )
            return False
        _take_as_long_as_a_replacement(directory, email, calls=2)
        raise
    _sign_up_of(account.sub, password).count(RETRY)
    _take_as_long_as_a_replacement(directory, email, calls=3)
    return account.is_confirmed


def confirm(*, email: str, code: str, password: str | None) -> None:
    """Confirm an account by the code that Cognito sent.

    Args:
        password: replaces the account's password and ends all sign-ins with it. The code is enough
            for that, because a code is enough for a reset as well.

    Raises:
        RequestRefused: if it is PasswordRefused, the account is confirmed, otherwise not.
        CognitoUnavailable: the account may be confirmed or not.
    """
    client = conf.pool_client()
    if password is None:
        pool_sign_up.confirm(client, username=email, code=code)
        return
    directory = conf.directory()
    user = _pending(directory, email)
    pool_sign_up.confirm(client, username=email, code=code)
    try:
        user = user or directory.user(email)
        directory.set_password(user.username, password)
    except CognitoError as error:
        logger.error(  # noqa: TRY400 # the code says enough
            "An account was confirmed, but its password was not replaced (%s). It can be reset.",
            error.code,
        )
        raise
    sign_out.end_earlier_sign_ins(user)


def _pending(directory: Directory, email: str) -> DirectoryUser | None:
    """Return the account if it is unconfirmed and not disabled."""
    try:
        user = directory.user(email)
    except UserNotFound:
        return None
    return user if user.status == UNCONFIRMED and user.is_enabled else None


def _replace(
    directory: Directory,
    client: PoolClient,
    pending: DirectoryUser,
    *,
    email: str,
    attributes: Mapping[str, str],
    settable: Collection[str],
) -> None:
    """Delete the account and create it again with a random password.

    AdminSetUserPassword cannot be used, because it confirms the account.
    """
    account: DirectoryUser | None = pending
    for _ in range(MAX_REPLACEMENTS):
        if account is None:
            return
        with suppress(UserNotFound):
            directory.delete(account.username)
        try:
            pool_sign_up.sign_up(
                client,
                username=email,
                password=_random_password(),
                attributes=attributes,
                settable=settable,
            )
        except AccountExists:
            # Another sign-up came first and set its password.
            account = _pending(directory, email)
        else:
            return
    raise CognitoUnavailable(reason="several callers sign up for the same account")


def _take_as_long_as_a_replacement(directory: Directory, email: str, *, calls: int) -> None:
    with suppress(CognitoError):
        for _ in range(calls):
            _pending(directory, email)


def _sign_up_of(sub: str, password: str) -> Counter:
    """Return the counter of sign-ups for the account `sub` with this password."""
    salt = sub.encode("utf-8", "surrogatepass")
    digest = hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, **_SCRYPT)
    return Counter("sign-up with a password", f"{sub} {digest.hex()}")


def _random_password() -> str:
    # Some pools require a character of each kind.
    return f"{secrets.token_urlsafe(48)}aA1-"
