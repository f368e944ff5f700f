"""How often one account, and one address, may try what somebody could guess at or flood.

The counts are in the database (accounts.attempts): every process holds the same limits, and a
restart forgets nothing. Without the database nobody gets in: 503. Headers that a caller can write
have no part in it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.http import HttpRequest

from accounts.addresses import client_address
from accounts.attempts import Counter, Limit
from cognito.errors import CognitoUnavailable

MINUTES = 60
# Whoever has one address of such a network has all of them (RFC 6177).
IPV6_NETWORK_BITS = 64


class _Uncounted(Counter):
    """A counter that counts nothing."""

    def count(self, limit: Limit) -> float:
        return 0.0

    def take_back(self) -> None:
        pass

    def forget(self) -> None:
        pass


class Throttled(Exception):
    """The attempts of an address are used up. `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class AccountThrottled(Throttled):
    """One account's attempts are used up, whoever made them."""


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


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was counted."""

    account: Counter
    address: Counter

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
    by_account = Counter(f"{throttle.purpose} of", account)
    if wait := by_account.count(throttle.per_account):
        by_address.take_back()
        raise AccountThrottled(wait)
    attempt = Attempt(by_account, by_address)
    try:
        yield attempt
    except CognitoUnavailable:
        attempt.take_back()
        raise


def count_request(request: HttpRequest, purpose: str, limit: Limit) -> Counter:
    """Counts by address alone. Raises Throttled if it is one too many.

    A request without an address is not counted: all visitors would share that count, and one of
    them could lock out the others. project/front.py logs that as an error.
    """
    address = client_address(request)
    kind = _Uncounted if address is None else Counter
    counter = kind(f"{purpose} from", address_key(address))
    if wait := counter.count(limit):
        raise Throttled(wait)
    return counter


def account_name(*, issuer: str, sub: str) -> str:
    """A person as throttles count them: the same for every session, token and address."""
    return f"{issuer} {sub}"


def address_key(address: str | None) -> str:
    """What an address counts as: its network, if it is one of IPv6."""
    if address is None:
        return "unknown"
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))
