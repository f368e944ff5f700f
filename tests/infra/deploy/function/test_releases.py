"""Versions and the alias of a function, on the local AWS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from infra.deploy.bundle.bundle import Bundle
from infra.deploy.function.function import (
    ALIAS,
    Function,
    deployed_function,
    environment_of,
    has_snapshots,
    require_room,
)
from infra.deploy.function.releases import _WORDS, Releases, alias_arn
from infra.errors import InfraError
from infra.local.local_deployment import local_target
from infra.local.ministack import MiniStack
from tests.infra.deploy.interruptions import HANDLER, make_function, small_bundle

pytestmark = pytest.mark.ministack

VARIABLES = {"PUBLIC_URL": "https://app.example.com"}


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return small_bundle(tmp_path)


@pytest.fixture
def releases(empty_ministack: MiniStack, bundle: Bundle) -> Releases:
    """Create a function as Zappa does, and return its releases."""
    target = local_target(empty_ministack, login_url="http://localhost:9")
    make_function(target, bundle)
    function = deployed_function(target)
    return Releases(function)


def published(releases: Releases, bundle: Bundle, number: int) -> str:
    variables = VARIABLES | {"NUMBER": str(number)}
    releases.function.set_environment(variables)
    return releases.publish(bundle.digest, variables)


def test_first_release_cannot_be_rolled_back(releases: Releases, bundle: Bundle) -> None:
    """Before the first release, the alias names a version without variables."""
    releases.ensure_alias()
    placeholder = releases.live()
    assert placeholder is not None
    assert placeholder.released == ()
    first = published(releases, bundle, 1)
    assert first != placeholder.version
    assert releases.release(first)
    assert not releases.release(first)
    with pytest.raises(InfraError, match="this is the stage's first release"):
        releases.roll_back()


def test_former_function_without_an_alias_can_be_rolled_back_to(
    releases: Releases, bundle: Bundle
) -> None:
    """Former deployments created no alias."""
    releases.function.set_environment(VARIABLES)
    releases.ensure_alias()
    former = releases.live()
    assert former is not None
    releases.release(published(releases, bundle, 1))
    assert releases.roll_back() == former.version


def test_each_rollback_goes_back_one_release_further(releases: Releases, bundle: Bundle) -> None:
    releases.ensure_alias()
    made = [published(releases, bundle, number) for number in range(3)]
    for version in made:
        releases.release(version)
    assert releases.roll_back() == made[1]
    assert releases.roll_back() == made[0]
    # Versions that were rolled back are not listed. The next release is the newest.
    newest = published(releases, bundle, 9)
    releases.release(newest)
    live = releases.live()
    assert live is not None
    assert live.released == (newest, made[0])


def test_version_rolled_back_can_be_released_again(releases: Releases, bundle: Bundle) -> None:
    releases.ensure_alias()
    first, second = (published(releases, bundle, number) for number in range(2))
    releases.release(first)
    releases.release(second)
    releases.roll_back()
    # Lambda publishes no new version, because nothing has changed.
    assert published(releases, bundle, 1) == second
    assert releases.release(second)
    live = releases.live()
    assert live is not None
    assert (live.version, live.former) == (second, (first,))


def test_code_of_another_deployment_is_not_published(releases: Releases, bundle: Bundle) -> None:
    releases.function.set_environment(VARIABLES)
    with pytest.raises(InfraError, match="Another deployment has changed gatehouse-dev"):
        releases.publish("another digest", VARIABLES)
    with pytest.raises(InfraError, match="Another deployment has changed gatehouse-dev"):
        releases.publish(bundle.digest, VARIABLES | {"PUBLIC_URL": "https://other.example.com"})


def test_alias_that_another_deployment_moved_is_not_changed(
    releases: Releases, bundle: Bundle
) -> None:
    releases.ensure_alias()
    first, second = (published(releases, bundle, number) for number in range(2))
    client: Any = releases.function.client

    def move(**_: Any) -> None:
        client.meta.events.unregister("before-call.lambda.UpdateAlias", move)
        client.update_alias(FunctionName=releases.function.name, Name=ALIAS, FunctionVersion=second)

    client.meta.events.register("before-call.lambda.UpdateAlias", move)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        releases.release(first)
    live = releases.live()
    assert live is not None
    assert live.version == second


def test_unreleased_versions_are_deleted(
    releases: Releases, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.deploy.function.releases.KEPT_RELEASES", 2)
    releases.ensure_alias()
    released = []
    for number in range(4):
        published(releases, bundle, -number - 1)
        released.append(published(releases, bundle, number))
        releases.release(released[-1])
    releases.prune()
    assert versions(releases) == ["$LATEST", *released[-2:]]


def versions(releases: Releases) -> list[str]:
    listed = releases.function.client.list_versions_by_function(FunctionName=releases.function.name)
    return [entry["Version"] for entry in listed["Versions"]]


def with_snapshot(releases: Releases, bundle: Bundle, number: int) -> str:
    variables = VARIABLES | {"NUMBER": str(number)}
    releases.function.set_environment(variables, snap_start=True)
    return releases.publish(bundle.digest, variables)


def test_snapshot_is_made_of_a_version_with_all_variables(
    releases: Releases, bundle: Bundle
) -> None:
    function = releases.function
    releases.ensure_alias()
    placeholder = releases.live()
    assert placeholder is not None
    # A process without variables could not start.
    assert not has_snapshots(function.configuration(placeholder.version) or {})
    version = with_snapshot(releases, bundle, 1)
    published = function.configuration(version) or {}
    assert published["SnapStart"] == {
        "ApplyOn": "PublishedVersions",
        "OptimizationStatus": "On",
    }
    assert published["State"] == "Active"
    assert environment_of(published) == VARIABLES | {"NUMBER": "1"}
    assert not function.set_environment(VARIABLES | {"NUMBER": "1"})
    assert function.set_environment(VARIABLES | {"NUMBER": "1"}, snap_start=False)
    assert with_snapshot(releases, bundle, 2) != version


def test_fewer_snapshots_are_kept_because_each_costs_money(
    releases: Releases, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.deploy.function.releases.KEPT_SNAPSHOTS", 2)
    releases.ensure_alias()
    released = [with_snapshot(releases, bundle, number) for number in range(4)]
    for version in released:
        releases.release(version)
    releases.prune()
    assert versions(releases) == ["$LATEST", *released[-2:]]
    assert releases.roll_back() == released[-2]


def test_version_that_does_not_start_is_deleted_so_that_the_next_run_makes_another(
    empty_ministack: MiniStack, tmp_path: Path
) -> None:
    """Lambda starts a process for the snapshot, and would return the failed version again."""
    target = local_target(empty_ministack, login_url="http://localhost:9")
    broken = small_bundle(tmp_path, f"import os\nos.environ['MISSING']\n{HANDLER}")
    make_function(target, broken)
    releases = Releases(deployed_function(target))
    releases.ensure_alias()
    before = versions(releases)
    with pytest.raises(InfraError, match=r"did not start: (.|\n)*Read its log"):
        with_snapshot(releases, broken, 1)
    assert versions(releases) == before
    releases.function.set_environment(VARIABLES | {"MISSING": "no longer"})
    assert releases.publish(broken.digest, VARIABLES | {"MISSING": "no longer"}) not in before


def test_version_that_lambda_has_put_to_sleep_is_woken_before_a_rollback() -> None:
    """MiniStack never does that. Lambda does, after weeks without a request."""
    client = boto3.client(
        "lambda", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    name, version = {"FunctionName": "gatehouse-dev"}, {"Qualifier": "1"}
    alias = {"FunctionVersion": "2", "RevisionId": "r", "Description": f"{_WORDS} 2 1"}
    with Stubber(client) as aws:
        aws.add_response("get_alias", alias, {**name, "Name": ALIAS})
        aws.add_response("get_function_configuration", {"State": "Inactive"}, {**name, **version})
        aws.add_client_error("invoke", "SnapStartNotReadyException", http_status_code=409)
        aws.add_response("get_function_configuration", {"State": "Pending"}, {**name, **version})
        aws.add_response("get_function_configuration", {"State": "Active"}, {**name, **version})
        aws.add_response("update_alias", {})
        function = Function(client, "gatehouse-dev", polling_seconds=0)
        assert Releases(function).roll_back() == "1"
        aws.assert_no_pending_responses()


def test_arn_of_the_function_has_no_version() -> None:
    """AWS appends a requested version to the ARN. MiniStack does not."""
    client = boto3.client(
        "lambda", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:gatehouse-dev"
    with Stubber(client) as aws:
        aws.add_response(
            "get_function_configuration",
            {"FunctionArn": arn},
            {"FunctionName": "gatehouse-dev"},
        )
        configuration = Function(client, "gatehouse-dev", polling_seconds=0).configuration()
    assert configuration is not None
    assert alias_arn(configuration["FunctionArn"]) == f"{arn}:live"


def test_size_of_variables_is_measured_as_lambda_does() -> None:
    """Lambda measures JSON, in which a quotation mark takes two bytes."""
    require_room({"X": '"' * 2000})
    with pytest.raises(InfraError, match="Lambda allows 4096"):
        require_room({"X": '"' * 2100})
