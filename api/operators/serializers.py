"""The JSON form of users and groups of the pool."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from accounts.console.directory.actions import Argument
from accounts.console.directory.operator import Person
from accounts.label_rules import group_name, visible, visible_characters
from accounts.password_rules import not_common
from api.account_fields import EmailAddress, Password, PhoneNumber
from api.fields import PersonName, Text
from api.pagination import MAX_CURSOR_CHARACTERS
from api.strict_members import StrictMembers
from cognito.directory.access import (
    DEVICE_KEY,
    REMOVABLE,
    SESSION_ID,
    PoolSession,
    RememberedDevice,
)
from cognito.directory.records import MAX_PRECEDENCE, STATUSES, DirectoryGroup, DirectoryUser
from cognito.directory.search import DISABLED, ENABLED, FIELDS
from cognito.user_pool.auth_factors import AuthFactors

MAX_LIMIT = 60
MAX_GROUP_NAME = 128


class MembersQuery(serializers.Serializer[dict[str, Any]]):
    """Query parameters of a list with the pool's pagination."""

    cursor = Text(
        required=False,
        default=None,
        max_length=MAX_CURSOR_CHARACTERS,
        help_text="`next_cursor` of the previous page of the same list.",
    )


class UserQuery(MembersQuery):
    """Query parameters of the list of users."""

    search = Text(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="The beginning of `field`. Case is ignored.",
    )
    field = serializers.ChoiceField(required=False, default="email", choices=FIELDS)
    status = serializers.ChoiceField(
        required=False, default="", choices=["", ENABLED, DISABLED, *STATUSES]
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=MAX_LIMIT, default=20, help_text="The maximum number of results."
    )


class SortedNames(serializers.ListField):
    """A set of names, in the order of the alphabet."""

    child = serializers.CharField()

    def to_representation(self, data: Any) -> list[Any]:
        return super().to_representation(sorted(data))


class DirectoryUserSerializer(serializers.Serializer[DirectoryUser]):
    """A user. `username` identifies the user in the paths of this API."""

    username = serializers.CharField()
    sub = serializers.CharField()
    email = serializers.CharField()
    email_verified = serializers.BooleanField()
    name = serializers.CharField()
    phone_number = serializers.CharField()
    status = serializers.CharField()
    enabled = serializers.BooleanField(source="is_enabled")
    created_at = serializers.DateTimeField(allow_null=True)
    changed_at = serializers.DateTimeField(allow_null=True)


class DirectoryUserPageSerializer(serializers.Serializer[dict[str, Any]]):
    """A page. It can be empty although more follow. On the last page, `next_cursor` is null."""

    results = DirectoryUserSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class DirectoryPersonSerializer(serializers.Serializer[Person]):
    """A user with all attributes, second factors and groups."""

    user = DirectoryUserSerializer()
    attributes = serializers.DictField(child=serializers.CharField(), source="user.attributes")
    mfa = serializers.ListField(child=serializers.CharField(), source="user.mfa")
    groups = serializers.SerializerMethodField()

    def get_groups(self, person: Person) -> list[str]:
        """Return the names of the groups."""
        return [group.name for group in person.groups]


class FactorsSerializer(serializers.Serializer[AuthFactors]):
    """Sign-in factors, by their names in Cognito. Passkeys are `WEB_AUTHN`, without a list."""

    first = SortedNames(help_text="What can begin a sign-in.")
    second = SortedNames(help_text="What a sign-in asks for in addition.")
    preferred = serializers.CharField(help_text="The second factor that is asked for first.")


class PoolSessionSerializer(serializers.Serializer[PoolSession]):
    """A session at Cognito: a sign-in to an app or, if `hosted`, a session at the hosted UI."""

    id = serializers.CharField(source="session_id")
    hosted = serializers.BooleanField(source="is_hosted")
    client_id = serializers.CharField()
    device = serializers.CharField()
    address = serializers.CharField()
    place = serializers.CharField()
    signed_in_at = serializers.DateTimeField(source="created_at", allow_null=True)
    last_seen_at = serializers.DateTimeField(source="last_active_at", allow_null=True)


class PoolSessionListSerializer(serializers.Serializer[dict[str, Any]]):
    """Sessions at Cognito, the most recently used first."""

    sessions = PoolSessionSerializer(many=True)


class RememberedDeviceSerializer(serializers.Serializer[RememberedDevice]):
    """A device that Cognito remembers. If `trusted`, sign-ins may skip the second factor."""

    key = serializers.CharField()
    name = serializers.CharField()
    address = serializers.CharField()
    trusted = serializers.BooleanField(source="is_trusted")
    created_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class RememberedDeviceListSerializer(serializers.Serializer[dict[str, Any]]):
    """The first 60 remembered devices."""

    devices = RememberedDeviceSerializer(many=True)


class InvitationSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """An invitation of a new user."""

    email = EmailAddress()
    name = PersonName(required=False, default="", allow_blank=True)
    phone_number = PhoneNumber(required=False, default="", allow_blank=True)


class Precedence(serializers.IntegerField):
    """An integer or null. Strings are not converted."""

    def __init__(self, **options: Any) -> None:
        about = (
            "If a user is in several groups with an AWS role, the one with the lowest number "
            "applies. `null` comes after all numbers."
        )
        super().__init__(
            allow_null=True, help_text=about, min_value=0, max_value=MAX_PRECEDENCE, **options
        )

    def to_internal_value(self, data: object) -> int:
        """Raise ValidationError unless `data` is an integer."""
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class GroupEditSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """A change of a group. Omitted members stay unchanged."""

    description = Text(
        required=False, allow_blank=True, max_length=2048, validators=[visible_characters, visible]
    )
    precedence = Precedence(required=False)


class DirectoryGroupSerializer(StrictMembers, serializers.Serializer[DirectoryGroup]):
    """A group."""

    name = Text(max_length=MAX_GROUP_NAME, validators=[group_name, visible])
    description = Text(
        required=False,
        default="",
        allow_blank=True,
        max_length=2048,
        validators=[visible_characters, visible],
    )
    precedence = Precedence(required=False, default=None)


class DirectoryGroupListSerializer(serializers.Serializer[dict[str, Any]]):
    """Groups, sorted by name."""

    groups = DirectoryGroupSerializer(many=True)


class NothingSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """An empty body."""


class GroupArgumentSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """The group of the action."""

    group = Text(max_length=MAX_GROUP_NAME, validators=[group_name, visible])


class PasswordArgumentSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """The password of the action."""

    # The user pool checks the length.
    password = Password(validators=[not_common])


class FactorArgumentSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """The second factor to remove."""

    factor = serializers.ChoiceField(choices=REMOVABLE)


class SessionArgumentSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """The `id` of a session at Cognito."""

    session = Text(max_length=28, validators=[RegexValidator(SESSION_ID)])


class DeviceArgumentSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """The `key` of a remembered device."""

    device = Text(max_length=55, validators=[RegexValidator(DEVICE_KEY)])


class ConfirmationSerializer(StrictMembers, serializers.Serializer[dict[str, Any]]):
    """The e-mail address of the user, or the user name without one, to confirm the action."""

    email = Text(max_length=320)


TAKES: dict[Argument, type[serializers.Serializer[dict[str, Any]]]] = {
    Argument.NONE: NothingSerializer,
    Argument.GROUP: GroupArgumentSerializer,
    Argument.PASSWORD: PasswordArgumentSerializer,
    Argument.FACTOR: FactorArgumentSerializer,
    Argument.SESSION: SessionArgumentSerializer,
    Argument.DEVICE: DeviceArgumentSerializer,
    Argument.CONFIRMATION: ConfirmationSerializer,
}
