"""The users of the pool, for operators: search, invite, change and delete them.

Each method names its operation. AWS documents the operations at
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cognito.attributes import temporary_passwords, usernames
from cognito.directory.access import AccessDirectory
from cognito.directory.calls import MAX_PAGE
from cognito.directory.groups import GroupDirectory
from cognito.directory.people import People, finding_people, searches_for
from cognito.directory.pool_facts import PoolDescription
from cognito.directory.records import DirectoryUser, UserPage, members_of, next_token, user_of
from cognito.directory.search import Search
from cognito.errors import MalformedAnswer

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

# One page of a search reads at most this many pages of the pool.
MAX_CALLS_PER_PAGE = 3


@dataclass(frozen=True, slots=True)
class Directory(GroupDirectory, AccessDirectory, PoolDescription):
    """Users and groups of the pool, and what users sign in with.

    `username` is `DirectoryUser.username`, unless a method says otherwise.

    Raises:
        UserNotFound, GroupNotFound: the user or group does not exist.
        WrongUserState: the user's status does not allow the operation.
        RequestRefused: the pool refuses a value, or a quota is used up.
        CognitoUnavailable: the operation may have taken effect or not.
        ClientRefused: the AWS role of this application lacks a permission.
    """

    def list_users(self, search: Search, *, limit: int, token: str | None = None) -> UserPage:
        """ListUsers. Return up to `limit` users: those on one page of the pool that match.

        An empty page with a `next_token` means that no user matches so far. The search stops after
        MAX_CALLS_PER_PAGE calls, so that its time does not grow with the pool.

        Args:
            token: `next_token` of the previous page of the same search.

        Raises:
            InvalidParameter: `token` is not of this search.
        """
        parameters: dict[str, Any] = {"Limit": min(limit, MAX_PAGE)}
        if condition := search.filter():
            parameters["Filter"] = condition
        found: list[DirectoryUser] = []
        for _ in range(MAX_CALLS_PER_PAGE):
            if token:
                parameters["PaginationToken"] = token
            answer = self._call(lambda client: client.list_users(**self._pool(), **parameters))
            listed = (user_of(one) for one in members_of(answer, "Users"))
            found = [user for user in listed if search.matches(user)]
            token = next_token(answer, "PaginationToken")
            if found or token is None:
                break
        return UserPage(found, token)

    def finding_people(
        self, text: str, *, status: str = "", limit: int
    ) -> AbstractContextManager[Callable[[], People]]:
        """ListUsers, at most five times at once. Find users by the beginning of any attribute."""
        searches = searches_for(text, status=status)
        return finding_people(partial(self.list_users, limit=limit), searches, limit=limit)

    def user(self, username: str) -> DirectoryUser:
        """AdminGetUser. `username` may be an alias, such as an e-mail address, or the `sub`."""
        answer = self._call(lambda client: client.admin_get_user(**self._named(username)))
        return user_of(answer, attributes="UserAttributes")

    def invite(self, *, email: str, name: str = "", phone_number: str = "") -> DirectoryUser:
        """AdminCreateUser. Cognito sends the new user a temporary password by e-mail.

        The user needs that e-mail to sign in, so the address counts as verified. It is stored in
        its normal form, to which sign-in converts what users type.

        Raises:
            AccountExists: another account has this address.
            CodeNotDelivered: the e-mail could not be sent, and no user was created.
        """
        email = usernames.normalised(email)
        attributes: list[AttributeTypeTypeDef] = [
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
        ]
        if name:
            attributes.append({"Name": "name", "Value": name})
        if phone_number:
            attributes.append({"Name": "phone_number", "Value": phone_number})
        answer = self._call(
            lambda client: client.admin_create_user(
                **self._named(email),
                UserAttributes=attributes,
                DesiredDeliveryMediums=["EMAIL"],
                # Without it, AWS creates no password in a pool with passkeys or codes by e-mail.
                TemporaryPassword=temporary_passwords.generate(),
            ),
            settable=("email", "name", "phone_number"),
        )
        return _user_in(answer)

    def resend_invitation(self, user: DirectoryUser) -> None:
        """AdminCreateUser again. AWS sends a new temporary password and voids the old one."""
        # A pool whose users sign in by e-mail address takes only the address here. The user name
        # that it creates equals the `sub`.
        named = user.email if user.username == user.sub else user.username
        answer = self._call(
            lambda client: client.admin_create_user(
                **self._named(named),
                MessageAction="RESEND",
                DesiredDeliveryMediums=["EMAIL"],
                TemporaryPassword=temporary_passwords.generate(),
            )
        )
        _user_in(answer)

    def confirm(self, username: str) -> None:
        """AdminConfirmSignUp. Confirm an account without its code. Its address stays unverified."""
        self._call(lambda client: client.admin_confirm_sign_up(**self._named(username)))

    def disable(self, username: str) -> None:
        """AdminDisableUser. The user can neither sign in nor refresh tokens until `enable`."""
        self._call(lambda client: client.admin_disable_user(**self._named(username)))

    def enable(self, username: str) -> None:
        """AdminEnableUser."""
        self._call(lambda client: client.admin_enable_user(**self._named(username)))

    def force_password_reset(self, username: str) -> None:
        """AdminResetUserPassword. Cognito sends the user a code, to set a new password with."""
        self._call(lambda client: client.admin_reset_user_password(**self._named(username)))

    def set_temporary_password(self, username: str, password: str) -> None:
        """AdminSetUserPassword, temporary. The user must replace it at the next sign-in.

        Raises:
            PasswordRefused: the password does not meet the pool's policy.
        """
        self._call(
            lambda client: client.admin_set_user_password(
                **self._named(username), Password=password, Permanent=False
            )
        )

    def set_password(self, username: str, password: str) -> None:
        """AdminSetUserPassword, permanent. This confirms an unconfirmed account.

        Raises:
            PasswordRefused: the password does not meet the pool's policy.
        """
        self._call(
            lambda client: client.admin_set_user_password(
                **self._named(username), Password=password, Permanent=True
            )
        )

    def sign_out_everywhere(self, username: str) -> None:
        """AdminUserGlobalSignOut. It revokes refresh tokens, but no access token."""
        self._call(lambda client: client.admin_user_global_sign_out(**self._named(username)))

    def delete(self, username: str) -> None:
        """AdminDeleteUser. This cannot be undone."""
        self._call(lambda client: client.admin_delete_user(**self._named(username)))

    def add_to_group(self, username: str, group: str) -> None:
        """AdminAddUserToGroup. It changes nothing for a user who is in the group already."""
        self._call(
            lambda client: client.admin_add_user_to_group(**self._named(username), GroupName=group)
        )

    def remove_from_group(self, username: str, group: str) -> None:
        """AdminRemoveUserFromGroup. It changes nothing for a user who is not in the group."""
        self._call(
            lambda client: client.admin_remove_user_from_group(
                **self._named(username), GroupName=group
            )
        )


def _user_in(answer: Mapping[str, Any]) -> DirectoryUser:
    user = answer.get("User")
    if not isinstance(user, Mapping):
        raise MalformedAnswer
    return user_of(user)
