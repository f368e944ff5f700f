"""The user pool as an operator sees it: every user and group, and what can be done to them.

Each method says which operation it is; their pages are below
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cognito.attributes import usernames
from cognito.directory.calls import MAX_PAGE
from cognito.directory.groups import GroupDirectory
from cognito.directory.records import DirectoryUser, UserPage, members_of, next_token, user_of
from cognito.directory.search import Search
from cognito.errors import MalformedAnswer

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

# How many pages of the pool one page of a search may cost.
MAX_CALLS_PER_PAGE = 3


@dataclass(frozen=True, slots=True)
class Directory(GroupDirectory):
    """The pool. Calls are signed (`PoolService.is_signed`), and each is tried once.

    `username` is always `DirectoryUser.username`, except where a method says otherwise.

    Raises, from every method:
        UserNotFound, GroupNotFound: there is none, or no longer.
        WrongUserState: the user's status does not allow it.
        RequestRefused: another of its leaves: a value that the pool does not take, a quota.
        CognitoUnavailable: nobody can tell whether it was done; ClientRefused if the AWS role of
            this application lacks a right.
    """

    def list_users(self, search: Search, *, limit: int, token: str | None = None) -> UserPage:
        """ListUsers. Up to `limit` users, fewer where the pool's own page had others in it.

        An empty page with a `next_token` says that nobody was found so far: it stops after
        MAX_CALLS_PER_PAGE calls, however large the pool is.

        Args:
            token: `next_token` of the page before, of the same search; InvalidParameter otherwise.
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

    def user(self, username: str) -> DirectoryUser:
        """AdminGetUser. `username` may be an alias, such as an e-mail address, or the `sub`."""
        answer = self._call(lambda client: client.admin_get_user(**self._named(username)))
        return user_of(answer, attributes="UserAttributes")

    def invite(self, *, email: str, name: str = "", phone_number: str = "") -> DirectoryUser:
        """AdminCreateUser: a user with a temporary password, which Cognito sends by e-mail.

        Whoever has that mail controls the address, so it counts as verified. It is written in its
        normal form, which users sign in with however they type it.

        Raises:
            AccountExists: somebody has this address.
            CodeNotDelivered: there is no user then.
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
                **self._named(email), UserAttributes=attributes, DesiredDeliveryMediums=["EMAIL"]
            ),
            settable=("email", "name", "phone_number"),
        )
        return _made(answer)

    def resend_invitation(self, user: DirectoryUser) -> None:
        """AdminCreateUser again. On AWS with a new temporary password; the old one is over."""
        # A pool where people sign in by e-mail address takes nothing else for the name of somebody
        # to be invited, and makes of it a user name that equals the `sub`.
        named = user.email if user.username == user.sub else user.username
        answer = self._call(
            lambda client: client.admin_create_user(
                **self._named(named), MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"]
            )
        )
        _made(answer)

    def confirm(self, username: str) -> None:
        """AdminConfirmSignUp: as if the code had come back. It verifies no address."""
        self._call(lambda client: client.admin_confirm_sign_up(**self._named(username)))

    def disable(self, username: str) -> None:
        """AdminDisableUser: no sign-in, and no refresh of one, until `enable`."""
        self._call(lambda client: client.admin_disable_user(**self._named(username)))

    def enable(self, username: str) -> None:
        """AdminEnableUser."""
        self._call(lambda client: client.admin_enable_user(**self._named(username)))

    def force_password_reset(self, username: str) -> None:
        """AdminResetUserPassword: Cognito mails a code; without a new password no sign-in."""
        self._call(lambda client: client.admin_reset_user_password(**self._named(username)))

    def set_temporary_password(self, username: str, password: str) -> None:
        """AdminSetUserPassword, not permanent: the next sign-in asks for another one.

        Raises:
            PasswordRefused: the pool's policy does not allow it.
        """
        self._call(
            lambda client: client.admin_set_user_password(
                **self._named(username), Password=password, Permanent=False
            )
        )

    def set_password(self, username: str, password: str) -> None:
        """AdminSetUserPassword, permanent. It confirms an account that is not confirmed yet.

        Raises:
            PasswordRefused: the pool's policy does not allow it.
        """
        self._call(
            lambda client: client.admin_set_user_password(
                **self._named(username), Password=password, Permanent=True
            )
        )

    def sign_out_everywhere(self, username: str) -> None:
        """AdminUserGlobalSignOut: every refresh token is over; access tokens live to their exp."""
        self._call(lambda client: client.admin_user_global_sign_out(**self._named(username)))

    def delete(self, username: str) -> None:
        """AdminDeleteUser: for good."""
        self._call(lambda client: client.admin_delete_user(**self._named(username)))

    def add_to_group(self, username: str, group: str) -> None:
        """AdminAddUserToGroup. Who is in it already stays in it."""
        self._call(
            lambda client: client.admin_add_user_to_group(**self._named(username), GroupName=group)
        )

    def remove_from_group(self, username: str, group: str) -> None:
        """AdminRemoveUserFromGroup. Who is not in it stays out."""
        self._call(
            lambda client: client.admin_remove_user_from_group(
                **self._named(username), GroupName=group
            )
        )


def _made(answer: Mapping[str, Any]) -> DirectoryUser:
    user = answer.get("User")
    if not isinstance(user, Mapping):
        raise MalformedAnswer
    return user_of(user)
