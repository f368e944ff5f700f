"""`me/profile`: what the user pool knows of the caller."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.audit import trail
from accounts.rate_limits.limits import count_attempt, count_target
from api.account_fields import Code, EmailAddress, PhoneNumber
from api.caller import account_name_of
from api.fields import PersonName, Text
from api.me.account_view import AccountView
from api.strict_members import StrictMembers
from api.throttles import CODE, MAIL, PHONE
from cognito.errors import AccountExists
from cognito.user_pool.self_service import Profile, SelfService

# BCP 47 with a hyphen or, as OpenID Connect Core section 5.1 tolerates, an underscore.
locale = RegexValidator(
    r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*\Z", "Write the language as a tag such as en-GB."
)
# A name of the IANA database. Which names there are changes too often to keep a list.
zoneinfo = RegexValidator(
    r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}\Z",
    "Write the time zone as a name such as Europe/London.",
)


class ProfileSerializer(serializers.Serializer[Profile | dict[str, Any]]):
    """A person. Null is what is not set."""

    sub = serializers.CharField()
    email = serializers.EmailField(allow_null=True)
    email_verified = serializers.BooleanField()
    phone_number = serializers.CharField(allow_null=True)
    phone_number_verified = serializers.BooleanField()
    name = serializers.CharField(allow_null=True)
    locale = serializers.CharField(allow_null=True)
    zoneinfo = serializers.CharField(allow_null=True)
    totp_enabled = serializers.BooleanField(source="has_totp")


class ChangedProfileSerializer(ProfileSerializer):
    """The same after a change. `pending_email` waits for its code, or is null."""

    pending_email = serializers.EmailField(allow_null=True)


class ProfileChangeSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """A JSON merge patch (RFC 7396): what is left out stays, null takes away."""

    name = PersonName(allow_null=True, required=False)
    email = EmailAddress(required=False)
    phone_number = PhoneNumber(allow_null=True, required=False)
    locale = Text(max_length=35, allow_null=True, required=False, validators=[locale])
    zoneinfo = Text(max_length=64, allow_null=True, required=False, validators=[zoneinfo])


class EmailCodeSerializer(serializers.Serializer[dict[str, str]]):
    """The code that was sent to a new address."""

    code = Code()


class ProfileView(AccountView):
    """The caller's attributes in the user pool."""

    def get(self, request: Request) -> Response:
        """Your profile, as the user pool has it now."""
        return Response(ProfileSerializer(self.account().profile()).data)

    def patch(self, request: Request) -> Response:
        """Change the members that are sent, and no other.

        A new e-mail address gets a code and counts once `confirm-email` was told it.
        """
        serializer = ProfileChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        changes: dict[str, str | None] = serializer.validated_data
        changed = ", ".join(sorted(changes))
        email = changes.pop("email", None)
        account = self.account()
        with (
            count_attempt(request, MAIL, account=account_name_of(request))
            if email is not None
            else nullcontext(),
            count_target(MAIL, email),
            count_target(PHONE, changes.get("phone_number")),
        ):
            if changes:
                account.update(changes)
            if email is not None:
                _ask_for_email(account, email)
        if changed:
            self.record(trail.Action.PROFILE_CHANGE, detail=changed)
        profile = account.profile()
        pending_email = email if email != profile.email else None
        answer = asdict(profile) | {"pending_email": pending_email}
        return Response(ChangedProfileSerializer(answer).data)


class ConfirmEmailView(AccountView):
    """The second step of a change of address."""

    def post(self, request: Request) -> Response:
        """Take the new address over."""
        serializer = EmailCodeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with count_attempt(request, CODE, account=account_name_of(request)) as attempt:
            self.account().confirm_email(serializer.validated_data["code"])
            attempt.succeeded()
        self.record(trail.Action.EMAIL_CHANGE)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _ask_for_email(account: SelfService, email: str) -> None:
    """A call of its own: what it is answered tells nobody anything, and nothing hangs on it."""
    try:
        account.update({"email": email})
    except AccountExists:
        # Answered as any other address is: or anyone could find out who has an account.
        return
