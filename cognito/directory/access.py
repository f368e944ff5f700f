"""What a user signs in with and where they are signed in, for operators.

AWS has no operation with which an operator can see or remove a user's passkeys. A user removes them
(`cognito.user_pool.passkeys`).

Each method names its operation. AWS documents the operations at
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from cognito.attributes.labels import shown
from cognito.directory.calls import MAX_PAGE, DirectoryCalls
from cognito.directory.records import members_of, moment
from cognito.errors import MalformedAnswer
from cognito.user_pool.auth_factors import AuthFactors, factors_in
from cognito.user_pool.hosted_sessions import HostedSignOut, Linked, end_all, sessions_in

APP: Final = "SOFTWARE_TOKEN_MFA"
# The second factors that an operator can remove, and the parameter that switches off those that are
# messages. A passkey as a second factor cannot be removed: it would still be the first factor.
_MESSAGES: Final[Mapping[str, str]] = {
    "SMS_MFA": "SMSMfaSettings",
    "EMAIL_OTP": "EmailMfaSettings",
}
REMOVABLE: Final = (APP, *_MESSAGES)
# As the API's model has them.
SESSION_ID: Final = r"\A(?:tkn|sso)[a-z0-9]{25}\Z"
DEVICE_KEY: Final = r"\A[\w-]+_[0-9a-f-]+\Z"


@dataclass(frozen=True, slots=True)
class PoolSession:
    """A session at Cognito: a sign-in to an app, or a session at the hosted UI.

    Attributes:
        is_hosted: whether it is a session at the hosted UI, which signs the user in to apps.
        client_id: the app client. Sessions at the hosted UI may have none.
        device: in Cognito's words, for example a browser and a system.
        place: city and country, as far as Cognito knows them.
        origin: `session_id` of the session at the hosted UI in which a sign-in began.
    """

    session_id: str
    is_hosted: bool
    client_id: str = ""
    created_at: datetime | None = None
    last_active_at: datetime | None = None
    device: str = ""
    address: str = ""
    place: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class RememberedDevice:
    """A device that Cognito remembers. Sign-ins on it may skip the second factor.

    Attributes:
        key: identifies the device.
        name: as the app named it when the device was confirmed.
        is_trusted: whether it is remembered, and not only tracked.
    """

    key: str
    name: str = ""
    address: str = ""
    is_trusted: bool = False
    created_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessDirectory(DirectoryCalls):
    """Sign-in factors, sessions and devices of users. Raises the errors of `Directory`."""

    def factors(self, username: str) -> AuthFactors:
        """AdminGetUserAuthFactors."""
        return factors_in(
            self._call(lambda client: client.admin_get_user_auth_factors(**self._named(username)))
        )

    def remove_factor(self, username: str, factor: str) -> None:
        """Remove one of REMOVABLE: AdminDeleteSoftwareToken or AdminSetUserMFAPreference.

        Raises:
            InvalidParameter: the user has no such factor, or the pool refuses to remove it.
        """
        if factor == APP:
            self._call(lambda client: client.admin_delete_software_token(**self._named(username)))
            return
        setting: dict[str, Any] = {
            _MESSAGES[factor]: {"Enabled": False, "PreferredMfa": False},
        }
        self._call(
            lambda client: client.admin_set_user_mfa_preference(**self._named(username), **setting)
        )

    def sessions(self, username: str) -> list[PoolSession]:
        """AdminListUserSessions. Return up to 125 sessions, the last used first.

        Raises:
            SessionsNotTracked: the pool does not track sessions.
        """
        return [_session_of(one) for one in self._sessions(username)]

    def end_session(self, username: str, session_id: str) -> None:
        """AdminRevokeUserSession, with the sessions that it came from or led to.

        A sign-in would otherwise begin again without a password, in the same browser.

        Raises:
            SessionNotFound: the session does not exist.
            SessionsNotTracked: the pool does not track sessions.
        """
        self._end(username, session_id, "LINKED")

    def end_hosted_sessions(self, username: str, *, reserved_seconds: float = 0) -> HostedSignOut:
        """End the user's sessions at the hosted UI, and the sign-ins that began in them.

        The last used ends first, as far as there is time. Repeating it is safe. A pool without
        session tracking has nothing to end.

        Args:
            reserved_seconds: the part of the request's time that a later call needs.
        """
        return end_all(
            lambda: self._sessions(username),
            lambda session_id, linked: self._end(username, session_id, linked),
            limit_seconds=self.service.deadline_seconds,
            reserved_seconds=reserved_seconds,
        )

    def devices(self, username: str) -> list[RememberedDevice]:
        """AdminListDevices. Return the first 60 devices.

        Raises:
            DevicesNotRemembered: the pool does not remember devices.
        """
        answer = self._call(
            lambda client: client.admin_list_devices(**self._named(username), Limit=MAX_PAGE)
        )
        # AWS omits the member if there is none.
        listed = members_of({"Devices": answer.get("Devices") or []}, "Devices")
        return [_device_of(one) for one in listed]

    def forget_device(self, username: str, key: str) -> None:
        """AdminForgetDevice. Sign-ins on the device ask for the second factor again.

        Raises:
            DeviceNotFound: the device does not exist.
        """
        self._call(
            lambda client: client.admin_forget_device(**self._named(username), DeviceKey=key)
        )

    # The stubs of boto3 do not know the operations on sessions.

    def _sessions(self, username: str) -> list[Mapping[str, Any]]:
        return sessions_in(
            self._call(
                lambda client: cast("Any", client).admin_list_user_sessions(**self._named(username))
            )
        )

    def _end(self, username: str, session_id: str, linked: Linked) -> None:
        self._call(
            lambda client: cast("Any", client).admin_revoke_user_session(
                **self._named(username), SessionId=session_id, RevokeAssociatedSessions=linked
            )
        )


def _session_of(answer: Mapping[str, Any]) -> PoolSession:
    location = answer.get("LastLocation")
    location = location if isinstance(location, Mapping) else {}
    parts = (_text(location, name) for name in ("City", "Country"))
    return PoolSession(
        session_id=_text(answer, "SessionId"),
        is_hosted=answer.get("SessionType") == "SSO",
        client_id=_text(answer, "ClientId"),
        created_at=moment(answer.get("CreateDate")),
        last_active_at=moment(answer.get("LastActiveDate")),
        device=_known(_text(answer, "DeviceType")),
        address=_text(answer, "LastIPAddress"),
        place=", ".join(filter(None, map(_known, parts))),
        origin=_text(answer, "OriginSessionId"),
    )


def _device_of(answer: Mapping[str, Any]) -> RememberedDevice:
    key = answer.get("DeviceKey")
    listed = answer.get("DeviceAttributes") or []
    if not isinstance(key, str) or not key or not isinstance(listed, list):
        raise MalformedAnswer
    about = {
        str(one.get("Name")): shown(str(one.get("Value") or ""))
        for one in listed
        if isinstance(one, dict)
    }
    return RememberedDevice(
        key=key,
        name=about.get("device_name", ""),
        address=about.get("last_ip_used", ""),
        is_trusted=about.get("dev:device_remembered_status") == "remembered",
        created_at=moment(answer.get("DeviceCreateDate")),
        last_used_at=moment(answer.get("DeviceLastAuthenticatedDate")),
    )


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    return shown(value) if isinstance(value, str) else ""


def _known(value: str) -> str:
    """Return an empty string for the word with which Cognito says that it does not know."""
    return "" if value.casefold() == "unknown" else value
