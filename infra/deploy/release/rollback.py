"""Move the alias back to the version that was released before."""

from __future__ import annotations

from collections.abc import Mapping

from infra.aws.aws_errors import explained
from infra.deploy.function.function import deployed_function, environment_of
from infra.deploy.function.releases import Live, Releases
from infra.deploy.function.stored_secrets import CLIENT_SECRET
from infra.deploy.ownership import require_ours
from infra.deploy.rotation.ages import differing
from infra.deploy.stage.target import Target
from infra.errors import InfraError


def rollback(target: Target) -> str:
    """Let the former version answer requests. Return its number.

    A version has its own code and variables. The database keeps its schema, and the stacks do not
    change.
    """
    with explained("the release"):
        # After a bad release, the stacks may still be changing for minutes.
        require_ours(target, while_changed=True)
        releases = Releases(deployed_function(target))
        if (live := releases.live()) and live.former:
            _require_valid_secrets(target, releases, live)
        return releases.roll_back()


def _require_valid_secrets(target: Target, releases: Releases, live: Live) -> None:
    """Refuse a version with which users would be signed out, or could not sign in."""
    former, present = (
        environment_of(releases.function.configuration(version) or {})
        for version in (live.former[0], live.version)
    )
    names = set(differing(former, present))
    if CLIENT_SECRET in names and _has_two_client_secrets(target, present):
        names.remove(CLIENT_SECRET)
    if names:
        raise InfraError(
            f"Version {live.former[0]} has a former {', '.join(sorted(names))}, which is not "
            "accepted any more, so users would be signed out. To go back, check out the former "
            "code and run `deploy`: it releases that code with the present secrets."
        )


def _has_two_client_secrets(target: Target, variables: Mapping[str, str]) -> bool:
    answer = target.client("cognito-idp").list_user_pool_client_secrets(
        UserPoolId=variables["COGNITO_USER_POOL_ID"], ClientId=variables["COGNITO_CLIENT_ID"]
    )
    return len(answer["ClientSecrets"]) > 1
