"""Keep at least one superuser who can sign in, also when operators act at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.models import identity_model
from accounts.not_allowed import LastSuperuser
from cognito.errors import CognitoUnavailable, GroupNotFound

if TYPE_CHECKING:
    from cognito.directory.records import DirectoryUser
    from cognito.directory.users import Directory

# The statuses in which a user can sign in, for example with a temporary password.
MAY_SIGN_IN = frozenset(
    {"CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED", "EXTERNAL_PROVIDER"}
)
# A page has 60 users. If none of the first 300 superusers can sign in, the action is refused.
MAX_PAGES = 5


@contextmanager
def require_other_superuser(directory: Directory, *, sub: str) -> Iterator[None]:
    """Guard an action that removes the rights of the superuser with this `sub`.

    A row lock lets one such action run at a time. Otherwise the last two superusers could remove
    each other's rights at the same time, because each check would still find two. The lock covers
    neither changes from elsewhere, such as the AWS console, nor a call that Cognito carries out
    after its deadline here.

    Raises:
        LastSuperuser: no other superuser can sign in.
    """
    failure = None
    with transaction.atomic():
        ContentType.objects.select_for_update().get(app_label="accounts", model="directory")
        if not _has_other(directory, sub):
            raise LastSuperuser
        try:
            yield
        except CognitoUnavailable as error:
            # An exception would roll the transaction back. The sign-out that follows a failed call
            # must stay.
            failure = error
    if failure is not None:
        raise failure


def _has_other(directory: Directory, sub: str) -> bool:
    off = identity_model().switched_off().filter(issuer=settings.COGNITO_ISSUER)
    locked_out = {sub, *off.values_list("sub", flat=True)}
    return any(
        one.is_enabled and one.status in MAY_SIGN_IN and one.sub not in locked_out
        for name in sorted(settings.COGNITO_SUPERUSER_GROUPS)
        for one in _members(directory, name)
    )


def _members(directory: Directory, group: str) -> Iterator[DirectoryUser]:
    token = None
    for _ in range(MAX_PAGES):
        try:
            page = directory.members(group, token=token)
        except GroupNotFound:
            return
        yield from page.users
        token = page.next_token
        if token is None:
            return
