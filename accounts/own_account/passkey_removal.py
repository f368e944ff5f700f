"""Remove a passkey of the user, unless it is the last way to sign in."""

from __future__ import annotations

from accounts.audit import trail
from accounts.own_account.owner import Owner
from accounts.rate_limits.counters import Counter
from cognito.user_pool.passkeys import Passkeys


def remove_passkey(owner: Owner, passkey_id: str) -> None:
    """Remove a passkey. One removal of a user runs at a time.

    Otherwise two removals at the same moment could remove the last two passkeys, because each would
    still find the other one. The lock does not cover removals through Cognito itself.

    Raises:
        LastFactor: the user has no other way to sign in.
        PasskeyNotFound: the user has no such passkey.
        RequestRefused, CognitoUnavailable: as `Passkeys` says.
    """
    # A refresh of the tokens must be stored, whatever happens to the transaction of the lock.
    pool = owner.pool()
    with Counter("passkey removal of", owner.name).locked():
        Passkeys(pool.service, pool.access_token).delete(passkey_id)
    owner.record(trail.Action.PASSKEY_OFF)
