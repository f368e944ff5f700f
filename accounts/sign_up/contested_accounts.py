"""Signing up, so that only the owner of an address can choose the password of its account.

Anybody can sign up with the address of another person, before or after that person does. The mailed
code proves who owns the address, but not who chose the password. Therefore an account that was
signed up for with two different passwords has none of them: the user pool gets a random password,
which nobody knows. Its owner chooses one with a mailed code: either while confirming, or by a reset
afterwards. This holds for every way to confirm an account, the hosted UI's pages included.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress

from accounts import conf
from accounts.rate_limits.counters import Counter, Limit
from accounts.sign_out import sign_out
from cognito.directory.records import DirectoryUser
from cognito.directory.users import Directory
from cognito.errors import AccountExists, CognitoError, CognitoUnavailable, UserNotFound
from cognito.user_pool import sign_up as pool_sign_up
from cognito.user_pool.pool_client import PoolClient

logger = logging.getLogger(__name__)

UNCONFIRMED = "UNCONFIRMED"
# A sign-up with the same password in this time is a retry: its first answer may have been lost.
RETRY = Limit(1, 24 * 60 * 60)
# An attacker can sign up again between our calls, but not in step with us for long.
MAX_REPLACEMENTS = 3
# About 25 ms and 8 MB: a password must not be guessed quickly from what is stored.
_SCRYPT = {"n": 2**13, "r": 8, "p": 1}


def sign_up(
    *, email: str, password: str, attributes: Mapping[str, str], settable: Collection[str]
) -> bool:
    """Create an account, or replace one of the same address that was never confirmed.

    Every address costs the same number of calls, so that the time tells nothing about it.

    Args:
        settable: the attributes that the caller could have sent.

    Returns:
        Whether the pool has confirmed the account by itself.

    Raises:
        AccountExists: nothing was changed, because the account is confirmed or disabled, or because
            this sign-up repeats the one before it.
        RequestRefused: another of its leaves.
        CognitoUnavailable: try again; the account may exist.
    """
    directory, client = conf.directory(), conf.pool_client()
    # First, so that without AWS credentials nothing is created whose password cannot be replaced.
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
        # Again, because another sign-up may have come in between.
        pending = _pending(directory, email)
        is_retry = _sign_up_of(pending.sub if pending else email, password).is_counted()
        if pending is not None and not is_retry:
            logger.warning(
                "An unconfirmed account was signed up for with another password: %s is replaced.",
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
    """Confirm an account by the code that was mailed.

    Args:
        password: replaces the one of the account and ends every sign-in with that. Whoever has the
            code may choose it, because it would do for a reset just as well.

    Raises:
        RequestRefused: PasswordRefused after the account was confirmed, any other before.
        CognitoUnavailable: it is unknown whether the account was confirmed.
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
        logger.error(  # noqa: TRY400 # the code says it all
            "An account was confirmed, but its password was not replaced (%s): it can be reset.",
            error.code,
        )
        raise
    sign_out.end_earlier_sign_ins(user)


def _pending(directory: Directory, email: str) -> DirectoryUser | None:
    """The account, if it waits for its address to be confirmed. A disabled one stays as it is."""
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
    """Delete the account and create it again with a password that nobody knows.

    AdminSetUserPassword would not do: it confirms the account.
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
            # Another sign-up came first, and the password is that one's.
            account = _pending(directory, email)
        else:
            return
    raise CognitoUnavailable(reason="an account is signed up for by several callers at once")


def _take_as_long_as_a_replacement(directory: Directory, email: str, *, calls: int) -> None:
    with suppress(CognitoError):
        for _ in range(calls):
            _pending(directory, email)


def _sign_up_of(sub: str, password: str) -> Counter:
    """Counts the sign-up that created the account `sub`, known by a keyed hash of its password."""
    salt = sub.encode("utf-8", "surrogatepass")
    digest = hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, **_SCRYPT)
    return Counter("sign-up with a password", f"{sub} {digest.hex()}")


def _random_password() -> str:
    # Some pools demand a character of each kind.
    return f"{secrets.token_urlsafe(48)}aA1-"
