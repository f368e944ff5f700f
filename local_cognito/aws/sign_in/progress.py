"""How far a sign-in is. The client holds its secret name, the `Session` of the API."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from local_cognito.aws.context import Context
from local_cognito.aws.ministack_pools import Record
from local_cognito.aws.service_errors import NotAuthorized

# MiniStack's sessions have no such prefix, so that the dispatcher knows ours.
PREFIX = "local-cognito."
MAXIMUM_ATTEMPTS = 5

_EXPIRED = "Invalid session for the user, session is expired."


@dataclass
class Progress:
    """A sign-in between two requests.

    Attributes:
        typed: the USERNAME of the first request.
        username: the user name in the pool; None if no user has this name, and the client hides it.
        awaited: the challenge that the user must answer.
        methods: what is proven, as values of `amr`.
        proven_at: when the first of them was proven.
        target: the level that must be reached; 0 if the client asked for none.
        shows_level: whether tokens have `acr` and `amr`.
        is_multi_factor: whether what is proven counts as several factors, as a passkey can that
            verifies the user.
        state: what the challenge must remember, such as its code.
    """

    user_pool_id: str
    client_id: str
    typed: str
    username: str | None
    expires: float
    proven_at: float
    metadata: dict[str, str] = field(default_factory=dict)
    target: int = 0
    shows_level: bool = False
    methods: tuple[str, ...] = ()
    is_multi_factor: bool = False
    awaited: str = ""
    state: dict[str, Any] = field(default_factory=dict, repr=False)
    attempts: int = 0

    def pool(self, context: Context) -> Record:
        return context.pools.pool(self.user_pool_id)

    def client(self, context: Context) -> Record:
        return context.pools.client(self.pool(context), self.client_id)

    def user(self, context: Context) -> Record | None:
        if self.username is None:
            return None
        return context.pools.find_user(self.pool(context), self.username)


def is_ours(session: object) -> bool:
    return isinstance(session, str) and session.startswith(PREFIX)


def begin(context: Context, progress: Progress) -> str:
    """Store a sign-in. Return its Session."""
    return PREFIX + context.progress.put(progress)


def attempt(context: Context, session: str, *, client_id: str, name: str | None) -> Progress:
    """Return a copy of the sign-in of a session, and count an attempt. Raises NotAuthorized.

    A session is valid for one correct answer, and for MAXIMUM_ATTEMPTS incorrect ones. What an
    answer adds to the copy is worth nothing if the answer is refused.
    """
    key = session.removeprefix(PREFIX)
    with context.lock:
        progress = context.progress.get(key)
        if progress is None or progress.expires <= context.clock():
            raise NotAuthorized(_EXPIRED)
        names = {progress.typed, progress.username, progress.state.get("user_id")}
        if progress.client_id != client_id or (name is not None and name not in names):
            raise NotAuthorized("Invalid session for the user.")
        progress.attempts += 1
        if progress.attempts > MAXIMUM_ATTEMPTS:
            context.progress.pop(key)
            raise NotAuthorized("Too many incorrect answers. Sign in again.")
        return replace(progress, state=dict(progress.state))


def use_up(context: Context, session: str) -> None:
    """End a session after a correct answer. Raises NotAuthorized if another request did."""
    if context.progress.pop(session.removeprefix(PREFIX)) is None:
        raise NotAuthorized(_EXPIRED)
