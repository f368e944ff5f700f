"""The audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AuditEventIsFinal(TypeError):
    """Audit events are written once. The application never changes or deletes one."""


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AuditEventIsFinal

    def delete(self) -> NoReturn:
        raise AuditEventIsFinal


class CodeField(models.CharField):  # type: ignore[type-arg] # not generic when it runs
    """A CharField whose choices are not in the schema, so that a new choice needs no migration."""

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Describe the field to migrations as a CharField without choices."""
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, "django.db.models.CharField", args, kwargs


class AuditEvent(models.Model):
    """An event: an actor, an action, a subject and an outcome.

    Actor and subject are recorded by their `sub` and by the label they had at the time. A service
    or agent that acts for a user is the actor, and the user the subject.
    """

    class Action(models.TextChoices):
        SIGN_IN = "sign_in", _("Sign-in")
        # Recorded in addition to the sign-in, so that new users can be counted and found.
        FIRST_SIGN_IN = "first_sign_in", _("First sign-in")
        STEP_UP = "step_up", _("Confirmation of a session")
        SIGN_OUT = "sign_out", _("Sign-out")
        SIGN_OUT_DEVICE = "sign_out_device", _("Sign-out of another device")
        SIGN_OUT_OTHERS = "sign_out_others", _("Sign-out of all other devices")
        SIGN_OUT_EVERYWHERE = "sign_out_everywhere", _("Sign-out everywhere")
        SIGN_UP = "sign_up", _("Sign-up")
        CONFIRMATION = "confirmation", _("Confirmation of an address")
        PASSWORD_RESET = "password_reset", _("Reset of a forgotten password")
        PASSWORD_CHANGE = "password_change", _("Change of password")
        PROFILE_CHANGE = "profile_change", _("Change of profile")
        EMAIL_CHANGE = "email_change", _("Change of e-mail address")
        PHONE_CHANGE = "phone_change", _("Telephone number verified")
        PASSKEY_ON = "passkey_on", _("Passkey registered")
        PASSKEY_OFF = "passkey_off", _("Passkey deleted")
        TOTP_ON = "totp_on", _("Authenticator app set up")
        TOTP_OFF = "totp_off", _("Authenticator app switched off")
        DATA_DOWNLOAD = "data_download", _("Download of the account's data")
        ACCOUNT_DELETION = "account_deletion", _("Deletion of the account")
        RENEWAL = "renewal", _("Renewal of a session")
        GROUP_CHANGE = "group_change", _("Change of groups")
        OPERATOR_CHECK = "operator_check", _("Check of an operator's rights")
        # Actions of operators on other users.
        INVITE_USER = "invite_user", _("Invitation")
        RESEND_INVITATION = "resend_invitation", _("Invitation sent again")
        CONFIRM_USER = "confirm_user", _("Confirmation by an operator")
        DISABLE_USER = "disable_user", _("User disabled")
        ENABLE_USER = "enable_user", _("User enabled")
        FORCE_PASSWORD_RESET = "force_password_reset", _("Password reset forced")
        TEMPORARY_PASSWORD = "temporary_password", _("Temporary password set")
        SIGN_OUT_USER = "sign_out_user", _("User signed out everywhere")
        ADD_TO_GROUP = "add_to_group", _("User added to a group")
        REMOVE_FROM_GROUP = "remove_from_group", _("User removed from a group")
        REMOVE_FACTOR = "remove_factor", _("Second factor removed by an operator")
        END_SESSION = "end_session", _("Session ended by an operator")
        FORGET_DEVICE = "forget_device", _("Remembered device forgotten by an operator")
        DELETE_USER = "delete_user", _("User deleted")
        CREATE_GROUP = "create_group", _("Group created")
        UPDATE_GROUP = "update_group", _("Group edited")
        DELETE_GROUP = "delete_group", _("Group deleted")
        CHANGE_PERMISSIONS = "change_permissions", _("Permissions of a group changed")
        SWITCH_OFF_USER = "switch_off_user", _("User disabled on this site")
        SWITCH_ON_USER = "switch_on_user", _("User enabled on this site")
        LINK_IDENTITY = "link_identity", _("User of this project linked")
        EXPORT_AUDIT_EVENTS = "export_audit_events", _("Export of the audit trail")
        DELETE_AUDIT_EVENTS = "delete_audit_events", _("Deletion of old audit events")

    class Outcome(models.TextChoices):
        SUCCESS = "success", _("Success")
        FAILURE = "failure", _("Failure")

    at = models.DateTimeField(verbose_name=_("at"), db_default=Now(), db_index=True, editable=False)
    action = CodeField(verbose_name=_("action"), max_length=40, choices=Action)
    outcome = models.CharField(verbose_name=_("outcome"), max_length=10, choices=Outcome)
    # A stable code of the failure, or the change. Never a token, code or password.
    detail = models.CharField(verbose_name=_("detail"), max_length=400, blank=True)
    actor_sub = models.CharField(verbose_name=_("actor sub"), max_length=255, blank=True)
    actor_label = models.CharField(verbose_name=_("actor label"), max_length=320, blank=True)
    subject_sub = models.CharField(verbose_name=_("subject sub"), max_length=255, blank=True)
    subject_label = models.CharField(verbose_name=_("subject label"), max_length=320, blank=True)
    address = models.GenericIPAddressField(verbose_name=_("address"), null=True, blank=True)
    user_agent = models.CharField(verbose_name=_("user agent"), max_length=400, blank=True)
    request_id = models.CharField(verbose_name=_("request id"), max_length=64, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        default_permissions: ClassVar = ("view",)
        indexes: ClassVar = [
            models.Index(fields=["subject_sub", "-at"], name="accounts_audit_subject"),
            models.Index(fields=["actor_sub", "-at"], name="accounts_audit_actor"),
            models.Index(fields=["subject_label", "-at"], name="accounts_audit_subject_label"),
            models.Index(fields=["actor_label", "-at"], name="accounts_audit_actor_label"),
            # Both also cover the counts on the front page of the console.
            models.Index(fields=["action", "-at", "outcome"], name="accounts_audit_by_action"),
            models.Index(fields=["outcome", "-at", "action"], name="accounts_audit_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.subject_label or 'unknown'} ({self.outcome})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AuditEventIsFinal
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AuditEventIsFinal
