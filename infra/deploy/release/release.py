"""Release the new version: the alias `live` moves to it when it has proved to work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from infra.deploy.function.function import ALIAS, Function, deployed_function, has_snapshots
from infra.deploy.function.releases import Releases
from infra.deploy.release.smoke import smoke_test
from infra.deploy.stage.target import Target
from infra.deploy.step import Run, Step, told
from infra.errors import InfraError


class NewVersion(Step):
    """Publish $LATEST as a version."""

    name = "the new version"

    def apply(self, run: Run) -> list[str]:
        run.version = run.releases.publish(run.bundle.digest, run.variables)
        return []


class Migrations(Step):
    name = "the database"

    def apply(self, run: Run) -> list[str]:
        with _before_release(run, self.name):
            printed = run.function.manage("migrate --no-input", run.version)
        return ["the database's schema"] if "Applying" in printed else []


class NewVersionSmokeTest(Step):
    """Test the new version without API Gateway, which still calls the former one."""

    name = "the smoke test of the new version"

    def apply(self, run: Run) -> list[str]:
        with _before_release(run, self.name):
            smoke_test(
                run.public_url,
                run.variables,
                fetch=lambda url: run.function.request(url, run.public_url, run.version),
            )
        return []


class Release(Step):
    """Move the alias, so that the new version answers requests."""

    name = "the release"

    def preview(self, run: Run) -> list[str]:
        if run.function.configuration() is None:
            return []
        if not run.changes_function and run.releases.is_newest_live(run.bundle.digest):
            return []
        return [f"Modify the alias {ALIAS} of {run.function.name}, after its migrations"]

    def apply(self, run: Run) -> list[str]:
        moved = run.releases.release(run.version)
        return [f"version {run.version}, which is live"] if moved else []

    def status(self, target: Target) -> list[str]:
        function = deployed_function(target)
        return [] if function.configuration() is None else _status_lines(Releases(function))


class OldVersions(Step):
    """Delete versions that `rollback` does not need."""

    name = "the old versions"

    def apply(self, run: Run) -> list[str]:
        run.releases.prune()
        return []


@contextmanager
def _before_release(run: Run, what: str) -> Iterator[None]:
    """Add to an error that the former version, if there is one, still answers requests."""
    try:
        with told(what):
            yield
    except InfraError as error:
        live = run.releases.live()
        if live is None or live.version == run.version or not live.released:
            raise
        raise InfraError(
            f"{error}\nVersion {run.version} was not released: requests are still answered by "
            f"version {live.version}. Correct the cause, then run the same command again."
        ) from error


def _status_lines(releases: Releases) -> list[str]:
    """Return the live version, those before it, and a newer one that is not released."""
    live, function = releases.live(), releases.function
    if live is None:
        return [f"alias {ALIAS}: missing; `deploy` makes it"]
    configuration = function.configuration(live.version) or {}
    code, former = configuration.get("CodeSha256"), ", ".join(live.former) or "none"
    start = ", started from a snapshot" if has_snapshots(configuration) else ""
    lines = [
        f"alias {ALIAS}: version {live.version}, code {code}{start}; released before: {former}",
        f"migrations of version {live.version}: {_pending_migrations(function, live.version)}",
    ]
    newest = releases.newest()
    if newest and int(newest) > int(live.version):
        lines += [
            f"version {newest}: deployed and not live; `deploy` releases it",
            f"migrations of version {newest}: {_pending_migrations(function, newest)}",
        ]
    return lines


def _pending_migrations(function: Function, version: str) -> str:
    try:
        printed = function.manage("showmigrations --plan --no-color", version)
    except InfraError as error:
        return f"unknown. {error}"
    pending = [line.split()[-1] for line in printed.splitlines() if line.startswith("[ ]")]
    return f"{len(pending)} pending: {', '.join(pending)}" if pending else "none pending"
