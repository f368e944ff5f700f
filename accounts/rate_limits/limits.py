"""Rate limits for accounts and addresses, against guessing and flooding.

The counts are in the database (accounts.rate_limits.counters), so all processes share them and a
restart keeps them. While the database is unavailable, limited requests get a 503. Headers that a
caller can set do not influence the counts.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.http import HttpRequest

from accounts.client_address import client_address
from accounts.rate_limits.counters import Counter, Limit
from accounts.request_actors import delegated_claims
from cognito.errors import CognitoUnavailable, RequestRefused

MINUTES = 60
DAY = 24 * 60 * MINUTES
# A client that has one address of such a network has all of them (RFC 6177).
IPV6_NETWORK_BITS = 64
# A site can have all networks of a /48. Several customers can also share a /48.
IPV6_SITE_BITS = 48
IPV6_SITE_FACTOR = 10
# A service or agent that acts for many users may do this many times as much, for all of them
# together, as one user may do alone.
ACTOR_FACTOR = 10


class LimitReached(Exception):
    """An address or an actor has exceeded its rate limit. `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class AccountLimitReached(LimitReached):
    """An account has exceeded its rate limit, counted over all callers."""


class Throttle(NamedTuple):
    """The rate limits for one purpose."""

    purpose: str
    per_account: Limit
    per_address: Limit


# Callbacks that end without a sign-in. An attacker can forge them, and each causes an audit event
# and a call of Cognito. Many users can share one address, but few of their sign-ins fail.
CALLBACK = Limit(100, 15 * MINUTES)
# Sign-ins through the API. Cognito itself locks an account after five wrong passwords in a row.
# Successful attempts do not count against these limits.
# https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html#authentication-flow-lockout-behavior
SIGN_IN = Throttle("sign-in", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
CHALLENGE = Throttle("challenge", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
# Codes that begin a sign-in (api.throttles).
FIRST_FACTOR_CODE = Throttle("first code", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
# Codes during the set-up of an authenticator app, on the page and in the API together.
TOTP = Throttle("second factor", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
# E-mails that an attacker can cause. Cognito sends five codes an hour to one account.
# https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
MAIL = Throttle("mail", Limit(5, 60 * MINUTES), Limit(50, 60 * MINUTES))
# Telephone numbers that a user enters. A pool can be configured to send each of them a code.
PHONE = Throttle("telephone number", Limit(5, 60 * MINUTES), Limit(50, 60 * MINUTES))
# Guesses at a code that was sent to an address or a number.
CODE = Throttle("code", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
# An attacker with an unlocked phone cannot guess the password faster than at sign-in.
PASSWORD_CHANGE = Throttle("password change", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
# Each file takes queries of many rows.
DATA_DOWNLOADS = Limit(10, 60 * MINUTES)

# Each of these adds rows to the database.
SIGN_INS = Limit(500, DAY)
CHANGES = Limit(200, DAY)
# A sign-out everywhere is never refused. Above this limit it is not recorded in the trail.
RECORDED_SIGN_OUTS = Limit(50, DAY)
# Calls of the user pool, whose quotas all users share.
CALLS = Limit(300, 5 * MINUTES)
OPERATOR_ACTIONS = Limit(1000, 60 * MINUTES)
# Requests that check the operator in the pool, and exports. A refused one adds a row as well.
OPERATOR_REQUESTS = Limit(2000, 60 * MINUTES)


class Counted(NamedTuple):
    """A request that was counted, with all its counters."""

    counters: tuple[Counter, ...]

    def take_back(self) -> None:
        """Undo the count of the request."""
        for counter in self.counters:
            counter.take_back()


class Attempt(NamedTuple):
    """An attempt that was counted."""

    account: Counter
    address: Counted

    def take_back(self) -> None:
        """Undo the count, because the attempt was not decided, or a later step decides it."""
        self.address.take_back()
        self.account.take_back()

    def succeeded(self) -> None:
        """Undo the counts of this attempt and of the account's earlier attempts."""
        self.address.take_back()
        self.account.forget()


@contextmanager
def count_attempt(request: HttpRequest, throttle: Throttle, *, account: str) -> Iterator[Attempt]:
    """Count an attempt before it is made, so that parallel attempts are all counted.

    The `with` block makes the attempt. It does not count if Cognito is unavailable.

    Args:
        account: the normalized name of an account, which need not exist.

    Raises:
        AccountLimitReached: the account has exceeded its limit. The address is not charged.
        LimitReached: the address has exceeded its limit.
    """
    by_address = count_request(request, throttle.purpose, throttle.per_address)
    by_account = _counter_of(throttle, account)
    if wait := by_account.count(throttle.per_account):
        by_address.take_back()
        raise AccountLimitReached(wait)
    attempt = Attempt(by_account, by_address)
    try:
        yield attempt
    except CognitoUnavailable:
        attempt.take_back()
        raise


@contextmanager
def count_target(throttle: Throttle, target: str | None) -> Iterator[None]:
    """Count a message by the address or number that it goes to, over all callers.

    The `with` block sends the message. It does not count if Cognito refuses or cannot send it.
    Nothing is counted without a target.

    Args:
        target: the normalized address, or the telephone number. It shares its limit with the
            account of that name.

    Raises:
        AccountLimitReached: the target has received too many messages.
    """
    if not target:
        yield
        return
    counter = _counter_of(throttle, target)
    if wait := counter.count(throttle.per_account):
        raise AccountLimitReached(wait)
    try:
        yield
    except (CognitoUnavailable, RequestRefused):
        counter.take_back()
        raise


def count_account(
    purpose: str, limit: Limit, *, account: str, request: HttpRequest | None = None
) -> None:
    """Count by account, which a change of the actor does not affect.

    Args:
        request: the actors of its token are counted as well, each over all users.

    Raises:
        AccountLimitReached: the account has exceeded its limit. The actors are not charged.
        LimitReached: an actor has exceeded ACTOR_FACTOR times the limit.
    """
    of_actors = Limit(limit.attempts * ACTOR_FACTOR, limit.seconds)
    by_actors = _count_actors(request, purpose, of_actors) if request is not None else ()
    if wait := Counter(f"{purpose} of", account).count(limit):
        Counted(by_actors).take_back()
        raise AccountLimitReached(wait)


def count_account_call(request: HttpRequest, account: str, *, is_change: bool) -> None:
    """Count a call of the pool for a user's own account, from the API or the pages.

    Raises AccountLimitReached or LimitReached, as `count_account` does.
    """
    count_account("account call", CALLS, account=account, request=request)
    if is_change:
        count_account("account change", CHANGES, account=account, request=request)


def count_request(request: HttpRequest, purpose: str, limit: Limit) -> Counted:
    """Count by address, and by the actors of the token. Raises LimitReached above the limit.

    A service or agent that acts for many users, each from another address, has one count. A
    request without an address is not counted. All visitors would share its count, and one of them
    could lock out the others. project/middleware/front.py logs the missing address as an error.
    """
    address = client_address(request)
    counters: list[Counter] = []
    for key, factor in _networks(address) if address else ():
        counter = Counter(f"{purpose} from", key)
        if wait := counter.count(Limit(limit.attempts * factor, limit.seconds)):
            raise LimitReached(wait)
        counters.append(counter)
    try:
        return Counted((*counters, *_count_actors(request, purpose, limit)))
    except LimitReached:
        Counted(tuple(counters)).take_back()
        raise


def _count_actors(request: HttpRequest, purpose: str, limit: Limit) -> tuple[Counter, ...]:
    """Count by each actor that acts for the user. Raises LimitReached above the limit."""
    claims = delegated_claims(request)
    if claims is None:
        return ()
    names = {(actor.issuer or claims.issuer, actor.sub) for actor in claims.actors}
    counters: list[Counter] = []
    for issuer, sub in names:
        counter = Counter(f"{purpose} through", account_name(issuer=issuer, sub=sub))
        if wait := counter.count(limit):
            Counted(tuple(counters)).take_back()
            raise LimitReached(wait)
        counters.append(counter)
    return tuple(counters)


def seconds_until_sign_in(*, email: str, account: str) -> float:
    """Return how long sign-ins of an account are refused here, without counting one.

    Args:
        email: the normalized address, under which the API counts failed sign-ins.
        account: the name under which completed sign-ins count.
    """
    of_address = [
        _counter_of(throttle, email).wait(throttle.per_account)
        for throttle in (SIGN_IN, CHALLENGE, FIRST_FACTOR_CODE)
        if email
    ]
    return max([*of_address, Counter("completed sign-in of", account).wait(SIGN_INS)])


def account_name(*, issuer: str, sub: str) -> str:
    """Return the name under which rate limits count a user."""
    return f"{issuer} {sub}"


def address_key(address: str | None) -> str:
    """Return the name under which an address is counted: its network for IPv6."""
    return _networks(address)[0][0]


def _networks(address: str | None) -> list[tuple[str, int]]:
    """Return the names under which an address is counted, each with a factor for the limit."""
    if address is None:
        return [("unknown", 1)]
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return [(str(parsed), 1)]
    if parsed.ipv4_mapped is not None:
        return [(str(parsed.ipv4_mapped), 1)]
    return [
        (str(ipaddress.ip_network((parsed, bits), strict=False)), factor)
        for bits, factor in [(IPV6_NETWORK_BITS, 1), (IPV6_SITE_BITS, IPV6_SITE_FACTOR)]
    ]


def _counter_of(throttle: Throttle, account: str) -> Counter:
    return Counter(f"{throttle.purpose} of", account)
