"""How a user of the user pool becomes a user of this project.

`OwnUsers` stores them in our own user model. `LinkedUsers` stores them in the project's user model,
with a row of `Identity` for each. To change what it does, subclass it, and name the subclass:

    # settings.py
    GATEHOUSE_USER_ADAPTER = "shop.users.Customers"

    # shop/users.py
    class Customers(LinkedUsers):
        rights_follow_groups = True

        def new_user(self, identity):
            user = super().new_user(identity)
            user.organisation = Organisation.default()
            return user
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, models, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from accounts.models.identity import AbstractIdentity, has_own_user_model, identity_model
from cognito.errors import SignInError

Labels = Mapping[str, str | bool]
# RFC 2606 reserves this domain, so that no mail can reach it.
NO_ADDRESS = "cognito.invalid"


class AccountNotLinked(SignInError):
    """Another user of this project has the name or address of a new one."""

    code = "account_not_linked"
    status = HTTPStatus.FORBIDDEN
    title = gettext_noop("Your account is not linked to this site yet")
    advice = gettext_noop(
        "You signed in correctly, but this site already has an account with your e-mail address. "
        "Ask an operator to link the two."
    )


class UserAdapter:
    """What accounts needs from the project's users. Each method runs inside a transaction.

    Attributes:
        rights_follow_groups: whether `is_staff`, `is_superuser`, and the Django groups of a user
            follow the Cognito groups, in both directions: a right that was granted by hand then
            ends at the next sign-in.
    """

    rights_follow_groups = True

    def find(self, *, issuer: str, sub: str, lock: bool = False) -> AbstractIdentity | None:
        """Return the row of an identity, or None if it has never signed in with a browser."""
        rows = identity_model().objects.filter(issuer=issuer, sub=sub)
        row: AbstractIdentity | None
        row = (rows.select_for_update(of=("self",)) if lock else rows).first()
        return row

    def find_or_create(
        self, *, issuer: str, sub: str, labels: Labels
    ) -> tuple[AbstractIdentity, bool]:
        """Return the locked row of an identity, and whether it is new.

        Raises:
            AccountNotLinked: another user of the project has the address of the new one.
        """
        raise NotImplementedError

    def update(
        self, row: AbstractIdentity, labels: Labels, groups: frozenset[str]
    ) -> tuple[bool, bool]:
        """Save labels and rights. Return whether a flag, and whether a permission has changed."""
        raise NotImplementedError

    def signed_in(self, row: AbstractIdentity, claims: Mapping[str, Any]) -> None:
        """Use other claims of the verified ID token, such as `custom:plan`. By default, keep none.

        The transaction of each sign-in and of each renewal with an ID token calls it last. An
        exception here refuses the sign-in.
        """

    def set_rights(self, row: AbstractIdentity, groups: frozenset[str]) -> bool:
        """Give the user exactly the rights of these Cognito groups. Return whether any changed."""
        if not self.rights_follow_groups:
            return False
        return any(follow(row.auth_user, groups))

    def withhold_rights(self, user: Any) -> None:
        """Take the staff flags from the user of this request, whose groups are not known now."""
        if self.rights_follow_groups:
            for name in ("is_staff", "is_superuser"):
                if hasattr(user, name):
                    setattr(user, name, False)

    def forget(self, row: AbstractIdentity) -> None:
        """Remove a user whose account was deleted in the user pool."""
        raise NotImplementedError


class OwnUsers(UserAdapter):
    """Our own user model. A row of it is the identity."""

    def find_or_create(
        self, *, issuer: str, sub: str, labels: Labels
    ) -> tuple[AbstractIdentity, bool]:
        rows = identity_model().objects.select_for_update()
        found: tuple[AbstractIdentity, bool] = rows.get_or_create(issuer=issuer, sub=sub)
        return found

    def update(
        self, row: AbstractIdentity, labels: Labels, groups: frozenset[str]
    ) -> tuple[bool, bool]:
        flags = flags_of(row, groups)
        changed = save_changes(row, {**labels, **flags})
        return bool(changed & flags.keys()), set_permissions(row, groups)

    def forget(self, row: AbstractIdentity) -> None:
        """Delete the row.

        Django's log of the admin refers to the row of an operator, so that one is kept without
        names and rights: operators cannot erase their traces by deleting their account.
        """
        user: Any = row
        if not _is_in_the_log_of_the_admin(user):
            user.delete()
            return
        user.groups.clear()
        user.user_permissions.clear()
        user.username = user.email = user.name = ""
        user.email_verified = user.is_staff = user.is_superuser = user.is_active = False
        user.save()


def _is_in_the_log_of_the_admin(user: Any) -> bool:
    if not apps.is_installed("django.contrib.admin"):
        return False
    from django.contrib.admin.models import LogEntry  # noqa: PLC0415 # not every project has it

    return LogEntry.objects.filter(user=user).exists()


class LinkedUsers(UserAdapter):
    """The project's own user model, with a row of `Identity` for each user of the user pool.

    A sign-in never links an identity to a user that exists, whatever its address: that takes
    `manage.py link_identities`. It creates a user for an identity that has none.
    """

    # The project grants the rights of its users, until it decides otherwise.
    rights_follow_groups = False

    def find_or_create(
        self, *, issuer: str, sub: str, labels: Labels
    ) -> tuple[AbstractIdentity, bool]:
        row = self.find(issuer=issuer, sub=sub, lock=True)
        if row is not None:
            return row, False
        identity = identity_model()(issuer=issuer, sub=sub, **labels)
        try:
            with transaction.atomic():
                user = self.new_user(identity)
                user.save()
                identity.user = user  # type: ignore[attr-defined] # a member of Identity
                identity.save()
        except IntegrityError:
            # Another request may have signed the same user in for the first time.
            row = self.find(issuer=issuer, sub=sub, lock=True)
            if row is None:
                raise AccountNotLinked from None
            return row, False
        return identity, True

    def update(
        self, row: AbstractIdentity, labels: Labels, groups: frozenset[str]
    ) -> tuple[bool, bool]:
        """Save the labels of the identity. The fields of the project's user stay unchanged."""
        save_changes(row, labels)
        if not self.rights_follow_groups:
            return False, False
        return follow(row.auth_user, groups)

    def new_user(self, identity: AbstractIdentity) -> Any:
        """Return a user for a new identity, not saved yet.

        The user name is the `sub`, because names of the user pool can be names of other users here.
        The address is used only if the pool has verified it, because an address can decide who may
        reset a password.

        Raises:
            AccountNotLinked: addresses are unique here, and another user has this one.
        """
        model = get_user_model()
        address = identity.email if identity.email_verified else ""
        values: dict[str, Any] = {model.USERNAME_FIELD: identity.sub}
        email = getattr(model, "EMAIL_FIELD", "email")
        if _has_field(model, email):
            field: Any = model._meta.get_field(email)
            is_unique = field.unique or email == model.USERNAME_FIELD
            if is_unique and address and _is_taken(model, email, address):
                raise AccountNotLinked
            values[email] = address or (f"{identity.sub}@{NO_ADDRESS}" if is_unique else "")
        if _has_field(model, "name"):
            values["name"] = identity.name
        user = model(**values)
        user.set_unusable_password()
        return user

    def forget(self, row: AbstractIdentity) -> None:
        """Delete the identity, and deactivate the project's user.

        The user's row stays, because the project's own data points to it. The signal `forgotten`
        tells the project to delete what it must.
        """
        user: Any = row.auth_user
        row.delete()
        if _has_field(type(user), "is_active") and user.is_active:
            user.is_active = False
            user.save(update_fields=["is_active"])


def adapter() -> UserAdapter:
    """Return the adapter of this project."""
    default = "OwnUsers" if has_own_user_model() else "LinkedUsers"
    path = getattr(settings, "GATEHOUSE_USER_ADAPTER", f"{__name__}.{default}")
    found: UserAdapter = import_string(path)()
    return found


def save_changes(row: models.Model, wanted: Labels) -> set[str]:
    """Save the wanted values. Return the names of the fields that had another value."""
    changed = {name for name, value in wanted.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        row.save(update_fields=changed)
    return changed


def follow(user: Any, groups: frozenset[str]) -> tuple[bool, bool]:
    """Give the user the rights of the groups. Return whether a flag, and a permission changed."""
    has_new_flags = bool(save_changes(user, flags_of(user, groups)))
    return has_new_flags, set_permissions(user, groups)


def flags_of(user: models.Model, groups: frozenset[str]) -> dict[str, str | bool]:
    """Return the flags that the groups give, as far as the user's model has them."""
    is_superuser = not groups.isdisjoint(settings.COGNITO_SUPERUSER_GROUPS)
    is_staff = is_superuser or not groups.isdisjoint(settings.COGNITO_STAFF_GROUPS)
    flags = {"is_staff": is_staff, "is_superuser": is_superuser}
    return {name: value for name, value in flags.items() if _has_field(type(user), name)}


def set_permissions(user: Any, groups: frozenset[str]) -> bool:
    """Give the user exactly the permissions of the Django groups with these names.

    Permissions of the row itself were granted by hand, so they are removed. Returns whether any
    permission changed.
    """
    if not hasattr(user, "user_permissions"):
        return False
    has_changed = False
    if user.user_permissions.exists():
        user.user_permissions.clear()
        has_changed = True
    wanted = set(Group.objects.filter(name__in=groups))
    if wanted != set(user.groups.all()):
        user.groups.set(wanted)
        has_changed = True
    return has_changed


def _has_field(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.get_fields())


def _is_taken(model: type[models.Model], field: str, address: str) -> bool:
    return model._default_manager.filter(**{f"{field}__iexact": address}).exists()
