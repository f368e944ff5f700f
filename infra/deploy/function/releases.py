"""Versions of the function, and the alias `live`, which names the version that answers requests.

`deploy` changes $LATEST, which nothing calls, and publishes it as a version. The alias moves to the
version when its migrations and its smoke test have succeeded. The description of the alias lists
the released versions, so that `rollback` needs one call.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import WaiterError

from infra.deploy.function.function import ALIAS, Function, environment_of, has_snapshots
from infra.errors import InfraError

# Each version has a copy of the bundle, and an account has 75 GB in a region.
KEPT_RELEASES = 10
# Each snapshot costs money as long as its version exists.
KEPT_SNAPSHOTS = 3
# Lambda gives a process up to 15 minutes to start before its snapshot.
# https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
_SNAPSHOT_SECONDS = 900

_WORDS = "Released versions, newest first:"


@dataclass(frozen=True)
class Live:
    """The alias.

    Attributes:
        released: versions, newest first.
        revision: changes with each change of the alias.
    """

    version: str
    released: tuple[str, ...]
    revision: str

    @property
    def former(self) -> tuple[str, ...]:
        """The versions that were released before the live one, newest first."""
        if self.version not in self.released:
            return self.released
        return self.released[self.released.index(self.version) + 1 :]


def alias_arn(function_arn: str) -> str:
    """Return the ARN that API Gateway and schedules call."""
    return f"{function_arn}:{ALIAS}"


class Releases:
    """The versions and the alias of a function."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self._client = function.client

    def live(self) -> Live | None:
        """Return the alias, or None if the function or the alias is missing."""
        try:
            alias = self._client.get_alias(FunctionName=self.function.name, Name=ALIAS)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        words, _, numbers = alias.get("Description", "").rpartition(":")
        released = tuple(numbers.split()) if f"{words}:" == _WORDS else ()
        return Live(alias["FunctionVersion"], released, alias["RevisionId"])

    def ensure_alias(self) -> None:
        """Create the alias, if it is missing, so that an API can call it.

        It names the present code. A new function has no variables yet and cannot answer: its
        version is not a release, and `rollback` never goes back to it.
        """
        if self.live():
            return
        is_release = bool(environment_of(self.function.configuration() or {}))
        version = self._publish()
        self._client.create_alias(
            FunctionName=self.function.name,
            Name=ALIAS,
            FunctionVersion=version,
            Description=_description((version,) if is_release else ()),
        )

    def publish(self, digest: str, variables: Mapping[str, str]) -> str:
        """Publish $LATEST. Return its number, which is the former one if nothing has changed."""
        present = self.function.configuration() or {}
        if present.get("CodeSha256") != digest or environment_of(present) != variables:
            raise InfraError(
                f"Another deployment has changed {self.function.name} in the meantime. When it has "
                "ended, run the same command again."
            )
        return self._publish(CodeSha256=digest, RevisionId=present["RevisionId"])

    def release(self, version: str, *, keeps_former: bool = True) -> bool:
        """Let `version` answer requests. Return whether that was a change.

        Lambda refuses the change if another deployment has moved the alias in the meantime.

        Args:
            keeps_former: whether `rollback` may go back to the versions before.
        """
        live = self.live()
        if live is None:
            raise InfraError(f"{self.function.name} has no alias {ALIAS}. Run `deploy` again.")
        if live.version == version and version in live.released:
            return False
        released = live.released if keeps_former else ()
        former = tuple(number for number in released if number != version)
        kept = KEPT_SNAPSHOTS if has_snapshots(self._configuration(version)) else KEPT_RELEASES
        # The live version may be no release: a placeholder, or set by hand. Then it is not listed.
        self._move(version, (version, *former)[:kept], live)
        return True

    def roll_back(self) -> str:
        """Let the version that was released before answer requests. Return its number."""
        live = self.live()
        if live is None:
            raise InfraError(f"There is no {self.function.name} to roll back.")
        if not live.former:
            raise InfraError("There is no former version: this is the stage's first release.")
        self._wait_until_active(live.former[0])
        self._move(live.former[0], live.former, live)
        return live.former[0]

    def newest(self) -> str | None:
        """Return the latest published version, live or not, or None if there is no version."""
        versions = self._versions()
        return versions[-1] if versions else None

    def is_newest_live(self, digest: str) -> bool:
        """Return whether the version that was deployed last is live and has this code."""
        live = self.live()
        if live is None or live.version != self.newest():
            return False
        return bool(self._configuration(live.version).get("CodeSha256") == digest)

    def prune(self) -> None:
        """Delete old versions that are not released. Keep all that are newer than the live one."""
        live = self.live()
        if live is None:
            return
        for version in self._versions():
            if version not in (live.version, *live.released) and int(version) < int(live.version):
                try:
                    self._client.delete_function(FunctionName=self.function.name, Qualifier=version)
                except self._client.exceptions.ResourceConflictException:
                    # The account has another alias for this version.
                    continue

    def _publish(self, **conditions: str) -> str:
        version: str = self._client.publish_version(FunctionName=self.function.name, **conditions)[
            "Version"
        ]
        self._wait_until_active(version)
        return version

    def _wait_until_active(self, version: str) -> None:
        """Wait until a version can answer, which takes minutes while its snapshot is made."""
        if self._configuration(version).get("State") == "Inactive":
            self.function.wake(version)
        pause = self.function.polling_seconds
        try:
            self._client.get_waiter("published_version_active").wait(
                FunctionName=self.function.name,
                Qualifier=version,
                WaiterConfig={
                    "Delay": pause,
                    "MaxAttempts": round(_SNAPSHOT_SECONDS / max(pause, 0.01)),
                },
            )
        except WaiterError as error:
            last: Mapping[str, Any] = error.last_response
            if last.get("State") != "Failed":
                raise
            if (live := self.live()) is None or version not in (live.version, *live.released):
                # Otherwise Lambda would return this version again instead of making another one.
                self._client.delete_function(FunctionName=self.function.name, Qualifier=version)
            raise InfraError(
                f"Version {version} of {self.function.name} did not start: "
                f"{last.get('StateReason') or last.get('StateReasonCode') or 'no reason given'}\n"
                f"Read its log: aws logs tail /aws/lambda/{self.function.name}\n"
                "Correct the cause, then run the same command again."
            ) from error

    def _configuration(self, version: str) -> dict[str, Any]:
        return self.function.configuration(version) or {}

    def _move(self, version: str, released: tuple[str, ...], live: Live) -> None:
        self._client.update_alias(
            FunctionName=self.function.name,
            Name=ALIAS,
            FunctionVersion=version,
            Description=_description(released),
            # A weighted alias would still send requests to another version.
            RoutingConfig={"AdditionalVersionWeights": {}},
            RevisionId=live.revision,
        )

    def _versions(self) -> list[str]:
        """Return the numbers of the published versions, oldest first."""
        pages = self._client.get_paginator("list_versions_by_function").paginate(
            FunctionName=self.function.name
        )
        versions: list[dict[str, Any]] = [entry for page in pages for entry in page["Versions"]]
        numbers = [entry["Version"] for entry in versions if entry["Version"].isdecimal()]
        return sorted(numbers, key=int)


def _description(released: tuple[str, ...]) -> str:
    return f"{_WORDS} {' '.join(released)}"
