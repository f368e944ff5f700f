"""Where the secrets of an application are kept, and how it gets new ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from infra.aws.stacks import stack_outputs
from infra.deploy.function.function import (
    deployed_function,
    environment_of,
    has_snapshots,
)
from infra.deploy.function.releases import Releases
from infra.deploy.function.secrets import read_secret, write_secret
from infra.deploy.release.smoke import smoke_test
from infra.deploy.rotation.client_secrets import ClientSecrets
from infra.deploy.stage.target import Target
from infra.errors import InfraError

# A request of the former version may still run (zappa_settings.json, timeout_seconds).
IN_FLIGHT_SECONDS = 30


class Place(Protocol):
    """The stored secrets, and the running application."""

    client_secrets: ClientSecrets

    def read(self) -> dict[str, str]:
        """Return the stored secrets."""

    def write(self, stored: Mapping[str, str]) -> None:
        """Replace the stored secrets, all at once."""

    def live(self) -> Mapping[str, str]:
        """Return the variables of the application that answers requests."""

    def release(self, variables: Mapping[str, str]) -> None:
        """Let the application answer requests with these variables, and with no others."""

    def settle(self) -> None:
        """Wait until no request runs with variables of before the last release."""

    def now(self) -> datetime: ...


class DeployedPlace:
    """A stage that `deploy` has made."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._function = deployed_function(target)
        self._releases = Releases(self._function)
        pool = stack_outputs(target.client("cloudformation"), target.stage.cognito_stack)
        public_url = target.stage.public_url or target.api_url()
        if not pool or not public_url or self._releases.live() is None:
            raise InfraError(f"The stage {target.stage.name} is not deployed yet.")
        self._public_url = public_url
        live = self.live()
        self.client_secrets = ClientSecrets(
            target.client("cognito-idp"),
            user_pool_id=pool["UserPoolId"],
            client_id=pool["WebClientId"],
            token_url=f"{live.get('COGNITO_DOMAIN', pool['HostedUIUrl'])}/oauth2/token",
            redirect_uri=f"{public_url}/accounts/callback/",
        )

    def read(self) -> dict[str, str]:
        client, name = self._target.client("secretsmanager"), self._target.stage.secret_name
        stored = read_secret(client, name)
        if stored is None:
            raise InfraError(f"Secrets Manager has no secret {name}. Run `deploy` first.")
        return stored

    def write(self, stored: Mapping[str, str]) -> None:
        client = self._target.client("secretsmanager")
        write_secret(client, self._target.stage.secret_name, stored)

    def live(self) -> Mapping[str, str]:
        live = self._releases.live()
        version = live.version if live else None
        return environment_of(self._function.configuration(version) or {})

    def release(
        self,
        variables: Mapping[str, str],
        *,
        before: Callable[[str], None] = lambda _: None,
        keeps_former: bool = True,
    ) -> None:
        """Publish the live code with these variables, test it, and move the alias to it.

        Args:
            before: called with the new version before it is tested. An error ends the release.
            keeps_former: whether `rollback` may go back to the versions before.
        """
        live = self._releases.live()
        latest = self._function.configuration()
        if live is None or latest is None:
            raise InfraError(f"The stage {self._target.stage.name} is not deployed yet.")
        configuration = self._function.configuration(live.version) or {}
        digest = configuration.get("CodeSha256")
        if latest["CodeSha256"] != digest:
            raise InfraError(
                "A newer bundle is deployed and not live. Run `deploy`, and when it has succeeded, "
                "run the same command again."
            )
        wanted = dict(variables)
        self._function.set_environment(wanted, snap_start=has_snapshots(configuration))
        version = self._releases.publish(str(digest), wanted)
        before(version)
        smoke_test(
            self._public_url,
            wanted,
            fetch=lambda url: self._function.request(url, self._public_url, version),
        )
        self._releases.release(version, keeps_former=keeps_former)

    def settle(self) -> None:
        time.sleep(IN_FLIGHT_SECONDS)

    def now(self) -> datetime:
        return datetime.now(UTC)
