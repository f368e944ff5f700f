"""`me/profile`: the caller's attributes in the user pool."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.own_account.profile_changes import change_profile, confirm_attribute
from api.account_fields import Code, EmailAddress, PhoneNumber
from api.caller import principal_of
from api.fields import PersonName, Text
from api.me.account_view import AccountView
from api.permissions import NotDelegated, OwnAccount, demand
from api.recent_authentication import RecentAuthentication, demand_recent_authentication
from api.strict_members import StrictMembers
from cognito.user_pool.self_service import Profile

# A code to one of these resets the password, so only the user may change them.
SIGN_IN_ATTRIBUTES = frozenset({"email", "phone_number"})

# BCP 47 with a hyphen or, as OpenID Connect Core section 5.1 tolerates, an underscore.
locale = RegexValidator(
    r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*\Z", "Write the language as a tag, such as en-GB."
)
# A name of the IANA database, which changes too often to keep a list of its names.
zoneinfo = RegexValidator(
    r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}\Z",
    "Write the time zone as a name, such as Europe/London.",
)


class ProfileSerializer(serializers.Serializer[Profile | dict[str, Any]]):
    """The profile of a user. A value that is not set is null."""

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
    """The profile after a change. `pending_email` is null or an address that is not confirmed."""

    pending_email = serializers.EmailField(allow_null=True)


class ProfileChangeSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """A JSON merge patch (RFC 7396): null removes a value, omitted members stay unchanged."""

    name = PersonName(allow_null=True, required=False)
    email = EmailAddress(required=False)
    phone_number = PhoneNumber(allow_null=True, required=False)
    locale = Text(max_length=35, allow_null=True, required=False, validators=[locale])
    zoneinfo = Text(max_length=64, allow_null=True, required=False, validators=[zoneinfo])


class EmailCodeSerializer(StrictMembers, serializers.Serializer[dict[str, str]]):
    """The code that Cognito sent to a new address."""

    code = Code()


class ProfileView(AccountView):
    """The caller's attributes in the user pool."""

    def get(self, request: Request) -> Response:
        """Return the current profile of the user pool."""
        return Response(ProfileSerializer(self.account().profile()).data)

    def patch(self, request: Request) -> Response:
        """Change only the members of the request.

        Cognito sends a code to a new e-mail address. The address takes effect with `confirm-email`.
        A new address or telephone number needs a recent sign-in.

        Raises PermissionDenied if an actor changes an attribute that gives access to the account.
        """
        serializer = ProfileChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        changes: dict[str, str | None] = serializer.validated_data
        if SIGN_IN_ATTRIBUTES & changes.keys():
            demand(NotDelegated, principal_of(request))
            demand_recent_authentication(request)
        email = changes.get("email")
        account, _ = change_profile(self.owner(), changes)
        profile = account.profile()
        pending_email = email if email != profile.email else None
        answer = profile._asdict() | {"pending_email": pending_email}
        return Response(ChangedProfileSerializer(answer).data)


class ConfirmEmailView(AccountView):
    """The second step of a change of e-mail address."""

    permission_classes = (NotDelegated, OwnAccount, RecentAuthentication())

    def post(self, request: Request) -> Response:
        """Replace the address by the new one."""
        serializer = EmailCodeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        confirm_attribute(self.owner(), "email", serializer.validated_data["code"])
        return Response(status=status.HTTP_204_NO_CONTENT)
