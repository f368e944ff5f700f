"""How often one account, and one address, may try what somebody could guess at or flood.

The counts are in the database (accounts.rate_limits.counters): every process holds the same limits,
and a restart forgets nothing. Without the database nobody gets in: 503. Headers that a caller can
write have no part in it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.http import HttpRequest

from accounts.client_address import client_address
from accounts.rate_limits.counters import Counter, Limit
from cognito.errors import CognitoUnavailable, RequestRefused

MINUTES = 60
DAY = 24 * 60 * MINUTES
# A client with one address of such a network has all of them (RFC 6177).
IPV6_NETWORK_BITS = 64
# A site may have as many such networks as a /48 holds. Several customers may share one as well.
IPV6_SITE_BITS = 48
IPV6_SITE_FACTOR = 10


class Throttled(Exception):
    """The attempts of an address are used up. `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class AccountThrottled(Throttled):
    """One account's attempts are used up, by all callers together."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Limits on one purpose."""

    purpose: str
    per_account: Limit
    per_address: Limit


# Ways back from the hosted UI that end in no sign-in: anybody can make them up, and each is a line
# in the audit trail and a call of Cognito. Many people share one address, and few of them fail.
CALLBACK = Limit(100, 15 * MINUTES)
# Codes of an authenticator app that is being set up, on the page and through the API together.
TOTP = Throttle("second factor", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
# Mails that a stranger can have sent. Cognito sends five codes an hour to one account.
# https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
MAIL = Throttle("mail", Limit(5, 60 * MINUTES), Limit(50, 60 * MINUTES))
# Telephone numbers that a user enters: the pool may be configured to send each of them a code.
PHONE = Throttle("telephone number", Limit(5, 60 * MINUTES), Limit(50, 60 * MINUTES))

# What one account can make the database grow. Each of these is a row or a few of them.
SIGN_INS = Limit(500, DAY)
CHANGES = Limit(200, DAY)
# A sign-out everywhere is never refused. More of them than these leave no line in the trail.
RECORDED_SIGN_OUTS = Limit(50, DAY)
# Of the user pool, which has quotas for everybody together.
CALLS = Limit(300, 5 * MINUTES)
OPERATOR_ACTIONS = Limit(1000, 60 * MINUTES)
# Requests for which the pool is asked about the operator, and exports. Refused ones are rows, too.
OPERATOR_REQUESTS = Limit(2000, 60 * MINUTES)


@dataclass(frozen=True, slots=True)
class Counted:
    """One request that was counted, by everything that it counts for."""

    counters: tuple[Counter, ...]

    def take_back(self) -> None:
        """Make the request not count."""
        for counter in self.counters:
            counter.take_back()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was counted."""

    account: Counter
    address: Counted

    def take_back(self) -> None:
        """It was not judged, or is judged in a later step: it does not count."""
        self.address.take_back()
        self.account.take_back()

    def succeeded(self) -> None:
        """It does not count, and neither do those of the account before it."""
        self.address.take_back()
        self.account.forget()


@contextmanager
def count_attempt(request: HttpRequest, throttle: Throttle, *, account: str) -> Iterator[Attempt]:
    """Counts before anything is tried, so that a hundred attempts at once are a hundred.

    The attempt is what happens in the `with` block: one that Cognito could not answer does not
    count.

    Args:
        account: the normalised name; whether there is such an account makes no difference.

    Raises:
        AccountThrottled: the account's attempts are used up. The address does not pay for it.
        Throttled: the address's are.
    """
    by_address = count_request(request, throttle.purpose, throttle.per_address)
    by_account = _counter_of(throttle, account)
    if wait := by_account.count(throttle.per_account):
        by_address.take_back()
        raise AccountThrottled(wait)
    attempt = Attempt(by_account, by_address)
    try:
        yield attempt
    except CognitoUnavailable:
        attempt.take_back()
        raise


@contextmanager
def count_target(throttle: Throttle, target: str | None) -> Iterator[None]:
    """Count a message by the address or number that it goes to, for all callers together.

    The message is what happens in the `with` block: one that Cognito refused, or could not send,
    does not count. Without a target nothing is counted.

    Args:
        target: the normalised address, or the telephone number. It counts as an account does, so
            that all that has messages sent to it shares one limit.

    Raises:
        AccountThrottled: the target has had enough of them.
    """
    if not target:
        yield
        return
    counter = _counter_of(throttle, target)
    if wait := counter.count(throttle.per_account):
        raise AccountThrottled(wait)
    try:
        yield
    except (CognitoUnavailable, RequestRefused):
        counter.take_back()
        raise


def count_account(purpose: str, limit: Limit, *, account: str) -> None:
    """Count by account alone. Raises AccountThrottled if it is one too many."""
    if wait := Counter(f"{purpose} of", account).count(limit):
        raise AccountThrottled(wait)


def count_account_call(account: str, *, is_change: bool) -> None:
    """Count a call of the pool for a user's own account, by the API and by pages together.

    Raises AccountThrottled.
    """
    count_account("account call", CALLS, account=account)
    if is_change:
        count_account("account change", CHANGES, account=account)


def count_request(request: HttpRequest, purpose: str, limit: Limit) -> Counted:
    """Counts by address alone. Raises Throttled if it is one too many.

    A request without an address is not counted: all visitors would share that count, and one of
    them could lock out the others. project/middleware/front.py logs that as an error.
    """
    address = client_address(request)
    counters: list[Counter] = []
    for key, factor in _networks(address) if address else ():
        counter = Counter(f"{purpose} from", key)
        if wait := counter.count(Limit(limit.attempts * factor, limit.seconds)):
            raise Throttled(wait)
        counters.append(counter)
    return Counted(tuple(counters))


def account_name(*, issuer: str, sub: str) -> str:
    """A person as throttles count them: the same for every session, token and address."""
    return f"{issuer} {sub}"


def address_key(address: str | None) -> str:
    """What an address counts as: its network, if it is one of IPv6."""
    return _networks(address)[0][0]


def _networks(address: str | None) -> list[tuple[str, int]]:
    """What an address counts as, and how many times the limit each of these has."""
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
