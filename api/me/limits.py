"""How often one account may try what somebody could guess at, or what sends mail."""

from __future__ import annotations

from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from accounts.attempts import Counter, Limit
from api.me.caller import claims_of

# As often as Cognito lets a wrong password pass.
PASSWORDS = Limit(attempts=5, seconds=900)
CODES = Limit(attempts=5, seconds=900)
# Each sends a mail to an address that the caller chose.
EMAIL_CHANGES = Limit(attempts=5, seconds=3600)


def counter_of(request: Request, purpose: str) -> Counter:
    """The caller's own, whichever tokens and addresses they come with."""
    claims = claims_of(request)
    return Counter(f"me: {purpose}", f"{claims.issuer} {claims.sub}")


def demand_attempt(request: Request, purpose: str, limit: Limit) -> None:
    """Counts an attempt. Raises Throttled if it is one too many."""
    if wait := counter_of(request, purpose).count(limit):
        raise Throttled(wait=wait)
