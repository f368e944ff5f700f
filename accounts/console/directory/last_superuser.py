"""Somebody with all rights is left, whoever takes whose rights at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.console.directory.errors import LastSuperuser
from accounts.models import User
from cognito.directory.records import DirectoryUser
from cognito.directory.users import Directory
from cognito.errors import CognitoUnavailable, GroupNotFound

# Of those in which there is a way to sign in; a temporary password is one.
MAY_SIGN_IN = frozenset(
    {"CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED", "EXTERNAL_PROVIDER"}
)
# Of 60 each. Whoever has more superusers than that has one that can sign in among them.
MAX_PAGES = 5


@contextmanager
def require_other_superuser(directory: Directory, *, sub: str) -> Iterator[None]:
    """Around what takes rights from the superuser with this `sub`. Raises LastSuperuser.

    One at a time, by a row lock: of the last two, each could otherwise take the other's rights at
    once, both having seen two. What is done elsewhere, as in the AWS console, waits for no lock of
    ours; nor does a call that Cognito carries out after it was given up here.
    """
    failure = None
    with transaction.atomic():
        ContentType.objects.select_for_update().get(app_label="accounts", model="directory")
        if not _has_other(directory, sub):
            raise LastSuperuser
        try:
            yield
        except CognitoUnavailable as error:
            # Not through the transaction: what was done here because of it has to stay.
            failure = error
    if failure is not None:
        raise failure


def _has_other(directory: Directory, sub: str) -> bool:
    off = User.objects.filter(issuer=settings.COGNITO_ISSUER, is_active=False)
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
