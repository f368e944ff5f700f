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
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from accounts.addresses import client_address
from accounts.attempts import Counter, Limit
from cognito.errors import CognitoUnavailable

MINUTES = 60
# Whoever has one address of such a network has all of them (RFC 6177).
IPV6_NETWORK_BITS = 64


class AccountThrottled(Throttled):
    """One account's attempts are used up, whoever made them."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """Limits on one purpose."""

    purpose: str
    per_account: Limit
    per_address: Limit


# Cognito itself locks an account after five wrong passwords in a row. In these three what succeeds
# does not count.
# https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html#authentication-flow-lockout-behavior
SIGN_IN = Throttle("sign-in", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
CHALLENGE = Throttle("challenge", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))
CODE = Throttle("code", Limit(5, 15 * MINUTES), Limit(50, 15 * MINUTES))

SIGN_UP = Throttle("sign-up", Limit(5, 60 * MINUTES), Limit(20, 60 * MINUTES))
# Mails that a stranger can have sent. Cognito sends five codes an hour to one account.
# https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
MAIL = Throttle("mail", Limit(5, 60 * MINUTES), Limit(50, 60 * MINUTES))
# The same of codes by SMS or mail that a right password has sent. Counted apart, so that no
# stranger who asks for mails keeps anybody from signing in.
SIGN_IN_MESSAGE = Throttle("sign-in message", MAIL.per_account, MAIL.per_address)

# Nothing can be guessed here. Many people share one address, and each refreshes every few minutes.
REFRESH = Limit(600, 5 * MINUTES)
SIGN_OUT = Limit(600, 5 * MINUTES)


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
def count_attempt(
    request: HttpRequest | Request, throttle: Throttle, *, account: str
) -> Iterator[Attempt]:
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
        raise AccountThrottled(wait=wait)
    attempt = Attempt(by_account, by_address)
    try:
        yield attempt
    except CognitoUnavailable:
        attempt.take_back()
        raise


def count_request(request: HttpRequest | Request, purpose: str, limit: Limit) -> Counter:
    """Counts by address alone. Raises Throttled if it is one too many."""
    counter = Counter(f"{purpose} from", address_key(client_address(request)))
    if wait := counter.count(limit):
        raise Throttled(wait=wait)
    return counter


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
