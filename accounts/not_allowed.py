"""The refusals that come from rules of this application and not from the user pool.

Those that only operators meet are errors of the console. The audit trail records
their codes.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar

from django.utils.translation import gettext, gettext_noop


class NotAllowed(Exception):
    """The base class. `message` is for the user who wants to act."""

    code: ClassVar[str] = "not_allowed"
    status: ClassVar[HTTPStatus] = HTTPStatus.FORBIDDEN
    message: ClassVar[str] = gettext_noop("You do not have the rights for this action.")

    def __init__(self) -> None:
        super().__init__(self.message)

    def __str__(self) -> str:
        """Return the message in the language of the request."""
        return gettext(self.message)


class LastSuperuser(NotAllowed):
    """The action would leave no superuser who can sign in."""

    code = "last_superuser"
    message = gettext_noop(
        "This is the last superuser who can sign in. Add another superuser first."
    )
