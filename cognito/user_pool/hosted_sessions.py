"""End a user's sessions at the hosted UI, in pools that track sessions.

Without tracking, such a session signs the user in again, in its browser, until it expires.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from cognito import deadlines
from cognito.errors import (
    CognitoError,
    MalformedAnswer,
    NoTimeLeft,
    OperationNotSupported,
    SessionNotFound,
    SessionsNotTracked,
)
from cognito.user_pool.service import PoolService

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Whether the sessions that a session came from, or led to, end with it.
Linked = Literal["NONE", "LINKED"]
# A shorter rest of the time is not enough for a call.
_SHORTEST_CALL_SECONDS = 0.05


class HostedSignOut(NamedTuple):
    """What happened to a user's sessions at the hosted UI.

    Attributes:
        ended: how many were ended.
        left: how many were found, and not ended.
        error: the first error; None if there was none.
    """

    ended: int = 0
    left: int = 0
    error: CognitoError | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HostedSessions:
    """The sessions at the hosted UI of one user, authorized by their access token.

    The token needs the scope aws.cognito.signin.user.admin.
    """

    service: PoolService
    access_token: str

    def end_all(self, *, reserved_seconds: float) -> HostedSignOut:
        """End the sessions, the last used first, as far as there is time. Repeating it is safe.

        A pool without session tracking has nothing to end.

        Args:
            reserved_seconds: the part of the request's time that a later call needs.
        """
        return end_all(
            self._all,
            self._end,
            limit_seconds=self.service.deadline_seconds,
            reserved_seconds=reserved_seconds,
        )

    def _all(self) -> list[Mapping[str, Any]]:
        """Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserSessions.html"""
        return sessions_in(
            self.service.call(
                lambda client: cast("Any", client).list_user_sessions(AccessToken=self.access_token)
            )
        )

    def _end(self, session_id: str, linked: Linked) -> None:
        """Source: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeUserSession.html"""
        self.service.call(
            lambda client: cast("Any", client).revoke_user_session(
                AccessToken=self.access_token,
                SessionId=session_id,
                RevokeAssociatedSessions=linked,
            )
        )


def end_all(
    list_sessions: Callable[[], list[Mapping[str, Any]]],
    end: Callable[[str, Linked], None],
    *,
    limit_seconds: float,
    reserved_seconds: float,
) -> HostedSignOut:
    """End the sessions at the hosted UI among those listed, in their order, while there is time.

    Args:
        limit_seconds: the limit for all calls together.
        reserved_seconds: the part of the request's time that a later call needs.
    """
    seconds = deadlines.call_seconds(limit_seconds, reserved=reserved_seconds)
    if seconds < _SHORTEST_CALL_SECONDS:
        return HostedSignOut(error=NoTimeLeft())
    with deadlines.running(deadlines.Budget(calls=seconds, database=seconds)):
        try:
            sessions = list_sessions()
        except (SessionsNotTracked, OperationNotSupported):
            return HostedSignOut()
        except CognitoError as error:
            return HostedSignOut(error=error)
        ours = {one.get("OriginSessionId") for one in sessions if one.get("IsCurrentSession")}
        hosted = [one["SessionId"] for one in sessions if one.get("SessionType") == "SSO"]
        for ended, session_id in enumerate(hosted):
            try:
                # The access token belongs to the session of this browser. It is still needed.
                end(session_id, "NONE" if session_id in ours else "LINKED")
            except SessionNotFound:
                continue
            except CognitoError as error:
                return HostedSignOut(ended, len(hosted) - ended, error)
    return HostedSignOut(len(hosted))


def sessions_in(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the sessions in an answer, the last used first. All of a user's fit on one page."""
    listed = answer.get("Sessions") or []
    if not isinstance(listed, list) or not all(
        isinstance(one, dict) and isinstance(one.get("SessionId"), str) for one in listed
    ):
        raise MalformedAnswer
    return sorted(listed, key=lambda one: str(one.get("LastActiveDate")), reverse=True)
