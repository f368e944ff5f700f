"""The admin pages of users and sessions. Users are read-only, because the user pool owns them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import conf
from accounts.audit import trail
from accounts.audit.subject import Named, Subject
from accounts.console import revocation_admin  # noqa: F401 # registers itself
from accounts.console.audit import admin as audit_admin  # noqa: F401 # registers itself
from accounts.console.declared_lookups import DeclaredLookups, is_flag
from accounts.console.directory import admin as directory_admin  # noqa: F401 # registers itself
from accounts.console.directory import rights
from accounts.console.directory.current_operator import person_of
from accounts.console.directory.errors import FAILURES, Failure
from accounts.console.directory.pages import operator_of, problem_page
from accounts.console.permission_names import PermissionsField
from accounts.console.recent_sign_in import RecentSignInAdmin
from accounts.last_superuser import require_other_superuser
from accounts.models import AbstractIdentity, BrowserSession, User
from accounts.sessions import browser_sessions
from accounts.sessions.guards import identity_of, signed_in_user
from accounts.sign_out import sign_out


class SwitchRefused(Exception):
    """A rule forbids changing whether the user is active, or the user pool is unavailable."""

    def __init__(self, user: User, cause: Failure) -> None:
        super().__init__(cause.code)
        self.user = user
        self.cause = cause


@admin.register(User)
class UserAdmin(DeclaredLookups):
    """All users who have signed in. Only `active` can be changed."""

    list_display = ("identity", "name", "is_staff", "is_active", "last_login", "created_at")
    list_display_links = ("identity", "name")
    list_filter = ("is_active", "is_staff")
    lookups: ClassVar = {"is_active__exact": is_flag, "is_staff__exact": is_flag}
    search_fields = ("email", "name", "username", "sub")
    ordering = ("-created_at",)
    fields = (
        "name",
        "email",
        "email_verified",
        "username",
        "sub",
        "issuer",
        "is_active",
        "is_staff",
        "is_superuser",
        "created_at",
        "last_login",
    )
    readonly_fields = tuple(name for name in fields if name != "is_active")

    @admin.display(description=gettext_lazy("identity"))
    def identity(self, user: User) -> str:
        return user.identity

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Forbid changes of the operator's own row, and of users with more rights."""
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or (obj != identity_of(request) and _reaches(request, obj))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Extend Django's view by a page that says why `active` was not changed."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except SwitchRefused as refused:
            # Record the failure here, because the error has rolled the transaction back.
            _record(
                request,
                _switch_action(refused.user),
                refused.user,
                outcome=trail.Outcome.FAILURE,
                detail=refused.cause.code,
            )
            return problem_page(request, refused.cause)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if "is_active" not in form.changed_data:
            return
        try:
            with self._allowed(request, obj):
                super().save_model(request, obj, form, change)
        except FAILURES as error:
            raise SwitchRefused(obj, error) from error
        _record(request, _switch_action(obj), obj)
        if obj.is_active:
            return
        # Run this after the commit. Before it, a renewal or sign-in could create another session,
        # and it takes locks in the other order. The sessions stay ended if the user becomes active
        # again.
        transaction.on_commit(
            partial(
                sign_out.sign_out_by_operator,
                issuer=obj.issuer,
                sub=obj.sub,
                is_signed_out_at_cognito=False,
            )
        )

    def _allowed(self, request: HttpRequest, user: User) -> AbstractContextManager[None]:
        """Check the user's rights in the pool, which may be newer than those of the row.

        Raises NotAllowed, RequestRefused or CognitoUnavailable, at once or on entering.
        """
        directory = conf.directory()
        person = person_of(directory, user)
        if person is None:
            return nullcontext()
        operator_of(signed_in_user(request)).demand_over(person)
        if user.is_active or not person.is_superuser:
            return nullcontext()
        return require_other_superuser(directory, sub=user.sub)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(BrowserSession)
class BrowserSessionAdmin(DeclaredLookups):
    """Signed-in devices. Deleting one signs it out and revokes the bearer tokens of its sign-in."""

    list_display = ("user", "browser_name", "signed_in_at", "last_seen_at")
    search_fields = ("user__email", "user__name", "user__sub")
    ordering = ("-last_seen_at",)
    fields = ("user", "browser_name", "user_agent", "signed_in_at", "last_seen_at", "renewed_at")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("browser"))
    def browser_name(self, session: BrowserSession) -> str:
        return session.browser_name

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: BrowserSession | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: BrowserSession | None = None
    ) -> bool:
        """Forbid signing out users with more rights."""
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or _reaches(request, obj.user)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Extend Django's view by a check of the user's rights in the pool."""
        session = self.get_object(request, unquote(object_id))
        if (
            request.method == "POST"
            and session is not None
            and session.user != identity_of(request)
        ):
            try:
                person = person_of(conf.directory(), session.user)
                if person is not None:
                    operator_of(signed_in_user(request)).demand_over(person)
            except FAILURES as error:
                _record(
                    request,
                    trail.Action.SIGN_OUT_DEVICE,
                    session.user,
                    outcome=trail.Outcome.FAILURE,
                    detail=error.code,
                )
                return problem_page(request, error)
        words = {
            "title": _("End the session?"),
            "consequence": _(
                "The browser is signed out at once. Tokens of its sign-in are refused within ten "
                "seconds."
            ),
            "submit": _("End the session"),
        }
        return super().delete_view(request, object_id, words | (extra_context or {}))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no bulk action: each session takes a call of Cognito. The directory has one."""
        return {}

    def delete_model(self, request: HttpRequest, obj: BrowserSession) -> None:
        ended = browser_sessions.end(obj.pk)
        if ended is None:
            return
        _record(request, trail.Action.SIGN_OUT_DEVICE, ended.user)
        sign_out.sign_out_device(ended)


admin.site.unregister(Group)


@admin.register(Group)
class SuperusersGroupAdmin(RecentSignInAdmin, DeclaredLookups, GroupAdmin):
    """The permissions of groups, for superusers only: changing them can grant any right."""

    # Django's filter widget needs scripts, and its labels are not accessible to screen readers.
    filter_horizontal = ()
    formfield_overrides: ClassVar = {
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}
    }

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(
            db_field, request, **kwargs, form_class=PermissionsField
        )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return _is_superuser(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no bulk action: each group needs a decision."""
        return {}

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        words = {
            "title": _("Delete these permissions?"),
            "consequence": _(
                "Members of the group of this name lose its permissions at the next renewal of "
                "their sessions. The group of the user pool is kept."
            ),
            "submit": _("Delete"),
        }
        return super().delete_view(request, object_id, words | (extra_context or {}))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        group = form.instance
        before = _permissions_of(group)
        super().save_related(request, form, formsets, change)
        after = _permissions_of(group)
        changes = [f"+{one}" for one in sorted(after - before)]
        changes += [f"-{one}" for one in sorted(before - after)]
        self._record(request, group, ", ".join(changes))

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        self._record(request, obj, "deleted on this site")
        super().delete_model(request, obj)

    def _record(self, request: HttpRequest, group: Group, changes: str) -> None:
        detail = f"{group.name}: {changes}" if changes else group.name
        _record(
            request,
            trail.Action.CHANGE_PERMISSIONS,
            Subject.named(group.name),
            detail=detail,
        )


def _permissions_of(group: Group) -> frozenset[str]:
    return frozenset(group.permissions.values_list("codename", flat=True))


def _record(
    request: HttpRequest,
    action: trail.Action,
    subject: Named,
    *,
    outcome: trail.Outcome = trail.Outcome.SUCCESS,
    detail: str = "",
) -> None:
    actor = signed_in_user(request)
    trail.record(request, action, outcome, actor=actor, subject=subject, detail=detail)


def _switch_action(user: User) -> trail.Action:
    return trail.Action.SWITCH_ON_USER if user.is_active else trail.Action.SWITCH_OFF_USER


def _is_superuser(request: HttpRequest) -> bool:
    # The index of the admin asks this for every user, and an error would take it from all.
    identity = identity_of(request)
    return identity is not None and identity.is_superuser


def _reaches(request: HttpRequest, user: AbstractIdentity) -> bool:
    """Return whether the operator has all rights of the user."""
    return rights.of_row(signed_in_user(request)).cover(rights.of_row(user))
