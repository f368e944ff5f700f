"""Let a stage use a database that was restored from a backup.

A backup does not know the sign-outs and revocations after it. So all users are signed out in the
restored database before any request reaches it.
"""

from __future__ import annotations

from collections.abc import Callable

from infra.deploy.function.function import deployed_function
from infra.deploy.function.secrets import DATABASE_URL
from infra.deploy.rotation.place import DeployedPlace
from infra.deploy.stage.target import Target
from infra.errors import InfraError


def use_restored_database(
    target: Target, database_url: str | None, *, confirm: Callable[[], bool], is_dry: bool
) -> None:
    """Release the live code with another database.

    The former version answers requests until the end. A run after an interrupted one begins again,
    which signs users out of the restored database once more.

    Args:
        confirm: asks the deployer, after the content of the database was printed.

    Raises:
        InfraError: there is no URL, a step failed, or the deployer did not confirm.
    """
    if not database_url:
        raise InfraError(
            "Set DATABASE_URL to the restored database, for example with "
            "`read -rs DATABASE_URL && export DATABASE_URL`."
        )
    place, function = DeployedPlace(target), deployed_function(target)
    live, stored = dict(place.live()), place.read()
    if live.get(DATABASE_URL) == stored.get(DATABASE_URL) == database_url:
        print("The stage uses this database already.")
        return

    published: list[str] = []

    def prepare(version: str) -> None:
        published.append(version)
        function.manage("migrate --no-input", version)
        found = function.manage("sign_out_everyone --dry-run", version)
        print(f"The restored database has\n{found.rstrip()}")
        if is_dry or not confirm():
            raise _NotConfirmedError("Nothing was changed: the stage uses its former database.")
        print(function.manage("sign_out_everyone", version).rstrip())
        # Without it, the next `deploy` would go back to the former database.
        place.write({**stored, DATABASE_URL: database_url})

    try:
        # A rollback would go back to the former database.
        place.release({**live, DATABASE_URL: database_url}, before=prepare, keeps_former=False)
    except _NotConfirmedError as error:
        function.set_environment(live)
        function.client.delete_function(FunctionName=function.name, Qualifier=published[0])
        if not is_dry:
            raise
        print(error)
    else:
        print("The stage uses the restored database. Every user signs in again.")


class _NotConfirmedError(InfraError):
    """The deployer did not confirm, or asked for a dry run."""
