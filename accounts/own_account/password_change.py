"""Change a password that the user knows, or set the first one."""

from __future__ import annotations

from accounts.audit import trail
from accounts.own_account.owner import Owner
from accounts.rate_limits.limits import PASSWORD_CHANGE, count_attempt
from cognito.errors import PasswordRefused, WrongPassword


def change_password(owner: Owner, *, old: str | None, new: str) -> None:
    """Change the password. Sessions and tokens remain valid.

    Args:
        owner: the user.
        old: the current password; None for a user who has none yet.
        new: the new password, which meets the rules of this site.

    Raises:
        LimitReached: the account or the address has tried too many passwords.
        WrongPassword, PasswordRefused, TooManyAttempts: as `SelfService.change_password` says.
        CognitoUnavailable: the change may have happened or not.
    """
    with count_attempt(owner.request, PASSWORD_CHANGE, account=owner.name) as attempt:
        try:
            owner.pool().change_password(old=old, new=new)
        except WrongPassword as error:
            owner.record(trail.Action.PASSWORD_CHANGE, trail.Outcome.FAILURE, detail=error.code)
            raise
        except PasswordRefused:
            # PasswordRefused is about the new password, so this was no guess at the old one.
            attempt.take_back()
            raise
        attempt.succeeded()
    owner.record(trail.Action.PASSWORD_CHANGE)
