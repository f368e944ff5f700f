"""Replace a secret in steps that leave every session valid.

1. The next value becomes accepted, and nothing uses it yet.
2. The application uses it. The former value stays accepted.
3. After a grace period, the former value is removed.

Each step is complete before the next begins, so that two versions of the application that answer
requests at the same time accept each other's values. What to do next follows from the stored
secrets, from Cognito and from the live version alone. So a run after an interrupted one continues.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from infra.deploy.function.stored_secrets import (
    CLIENT_SECRET,
    CREATED,
    ENCRYPTION_KEYS,
    FORMER_SIGNING_KEYS,
    SIGNING_KEY,
    created,
    variables_of,
    with_created,
)
from infra.deploy.rotation.place import Place
from infra.errors import InfraError

# The variables that a rotation may change.
VARIABLES = (CLIENT_SECRET, CREATED, ENCRYPTION_KEYS, FORMER_SIGNING_KEYS, SIGNING_KEY)
# A secret that is younger has just been replaced, so a new rotation is probably a mistake.
YOUNG = timedelta(days=1)
# The defaults of the application: docs/configuration.md.
_IDLE_SECONDS, _ABSOLUTE_SECONDS = "28800", "604800"
# Longer than a release takes, and than Cognito may be unavailable to a session.
_MARGIN = timedelta(hours=1)

Say = Callable[[str], None]
# Asks the deployer before a secret is removed. It returns whether to go on.
Confirm = Callable[[str], bool]


@dataclass(frozen=True)
class Options:
    """How to rotate.

    Attributes:
        is_dry: whether to say what would happen, without doing it.
        skips_grace: whether to remove the former value at once.
        again: whether to replace a value that has just been replaced.
    """

    say: Say
    confirm: Confirm
    is_dry: bool = False
    skips_grace: bool = False
    again: bool = False


@dataclass
class Rotation(ABC):
    """The replacement of one kind of secret."""

    place: Place
    options: Options
    stored: dict[str, str] = field(default_factory=dict, repr=False)

    kind: ClassVar[str]
    title: ClassVar[str]

    def run(self) -> bool:
        """Go as far as possible. Return whether the rotation has ended."""
        self.stored = self.place.read()
        begins = not self._is_in_progress()
        if begins:
            if not self._may_begin():
                return True
            self._do(f"Create the next {self.title}", self._prepare)
        if begins or self._has_next():
            self._do(f"Let the application accept the next {self.title}", self._introduce)
            self._do(f"Let the application use the next {self.title}", self._promote)
        else:
            self._do(f"Let the application use the new {self.title}", self._use)
        return self._finish()

    # --- What differs between the kinds -----------------------------------------------------------

    @abstractmethod
    def _prepare(self) -> None:
        """Store the next value."""

    @abstractmethod
    def _introduce(self) -> None:
        """Let the next value be accepted."""

    @abstractmethod
    def _promoted(self) -> dict[str, str]:
        """Return the stored secrets with the next value in use."""

    @abstractmethod
    def _has_former(self) -> bool:
        """Return whether a former value is accepted, wherever that is decided."""

    @abstractmethod
    def _is_used(self) -> bool:
        """Return whether the live version uses the stored value."""

    @abstractmethod
    def _remove_former(self) -> None: ...

    @abstractmethod
    def _next_name(self) -> str: ...

    # --- Steps ------------------------------------------------------------------------------------

    def _promote(self) -> None:
        # A request of a version that does not accept the next value may still run.
        self.place.settle()
        self._write(with_created(self._promoted(), **{self.kind: self.place.now()}))
        self._use()

    def _use(self) -> None:
        if self._is_used():
            return
        # The grace period begins with the release, which an interruption may have delayed.
        self._write(with_created(self.stored, **{self.kind: self.place.now()}))
        self._release()

    def _finish(self) -> bool:
        if self.options.is_dry:
            self.options.say(f"After {_words(self.grace)}: remove the former {self.title}.")
            return False
        if not self._has_former():
            return True
        since = created(self.stored).get(self.kind) or self.place.now()
        ends = since + self.grace
        if not self.options.skips_grace and self.place.now() < ends:
            self.options.say(
                f"The former {self.title} is accepted until it is removed, so that no user is "
                f"signed out. Run the same command again after {_moment(ends)}."
            )
            return False
        if not self.options.confirm(f"remove the former {self.title}"):
            raise InfraError(f"The former {self.title} was not removed.")
        self.place.settle()
        self._remove_former()
        self.options.say(f"Removed the former {self.title}.")
        return True

    @property
    def grace(self) -> timedelta:
        """How long a session may still need the former value.

        A session that is used gets the new value, and one that is not used for longer has expired.
        """
        live = self.place.live()
        idle = int(live.get("SESSION_IDLE_SECONDS", _IDLE_SECONDS))
        absolute = int(live.get("SESSION_ABSOLUTE_SECONDS", _ABSOLUTE_SECONDS))
        return timedelta(seconds=min(idle, absolute)) + _MARGIN

    def _is_in_progress(self) -> bool:
        return self._has_next() or self._has_former() or not self._is_used()

    def _has_next(self) -> bool:
        return self._next_name() in self.stored

    def _may_begin(self) -> bool:
        since = created(self.stored).get(self.kind)
        if since is None or self.options.again or self.place.now() - since >= YOUNG:
            return True
        self.options.say(
            f"The {self.title} is in use since {_moment(since)}, so it was left as it is. To "
            "replace it anyway, add --again."
        )
        return False

    def _do(self, what: str, step: Callable[[], None]) -> None:
        self.options.say(f"{what}.")
        if not self.options.is_dry:
            step()

    def _write(self, stored: Mapping[str, str]) -> None:
        if stored != self.stored:
            self.place.write(stored)
            self.stored = dict(stored)

    def _release(self) -> None:
        """Release the stored secrets, unless the live version has them."""
        live, stored = dict(self.place.live()), variables_of(self.stored)
        # Another stored value, such as a new DATABASE_URL, waits for the next deployment.
        wanted = live | {name: stored[name] for name in VARIABLES if name in stored}
        if FORMER_SIGNING_KEYS not in stored:
            wanted.pop(FORMER_SIGNING_KEYS, None)
        if wanted != live:
            self.place.release(wanted)


def _words(time: timedelta) -> str:
    return f"{time.total_seconds() / 3600:.0f} hours"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
