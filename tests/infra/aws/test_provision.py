from __future__ import annotations

from pathlib import Path

import pytest

from infra.aws.provision import COGNITO_TEMPLATE, Provisioned, provision
from infra.aws.stacks import stack_outputs
from infra.errors import ProvisionError
from infra.local.ministack import MiniStack

pytestmark = pytest.mark.ministack

CALLBACK = "http://localhost:8000/accounts/callback/"
PARAMETERS = {
    "DomainPrefix": "gatehouse-tests",
    "CallbackUrls": CALLBACK,
    "LogoutUrls": "http://localhost:8000/accounts/logged-out/",
}


def bring_up(
    ministack: MiniStack, template: Path = COGNITO_TEMPLATE, **changes: str
) -> Provisioned:
    return provision(
        ministack.cloudformation(),
        stack_name="tests",
        template=template,
        parameters=PARAMETERS | changes,
        timeout_seconds=30,
        poll_seconds=0.02,
    )


def broken_template(directory: Path) -> Path:
    """Return a copy of the template with a group of a missing pool."""
    text = COGNITO_TEMPLATE.read_text()
    group = text.index("AWS::Cognito::UserPoolGroup")
    path = directory / "broken.yaml"
    path.write_text(text[:group] + text[group:].replace("!Ref UserPool", "nowhere", 1))
    return path


def callback_urls(ministack: MiniStack, stack: Provisioned) -> list[str]:
    client = ministack.cognito().describe_user_pool_client(
        UserPoolId=stack.outputs["UserPoolId"], ClientId=stack.outputs["WebClientId"]
    )
    return client["UserPoolClient"]["CallbackURLs"]


def test_second_run_changes_nothing(empty_ministack: MiniStack) -> None:
    first = bring_up(empty_ministack)
    second = bring_up(empty_ministack)
    assert first.changed
    assert not second.changed
    assert second.outputs == first.outputs
    change_sets = empty_ministack.cloudformation().list_change_sets(StackName="tests")["Summaries"]
    assert [entry["Status"] for entry in change_sets if entry["Status"] == "FAILED"] == []


def test_changed_callback_updates_the_client_and_replaces_nothing(
    empty_ministack: MiniStack,
) -> None:
    first = bring_up(empty_ministack)
    second = bring_up(
        empty_ministack, CallbackUrls=f"{CALLBACK},https://x.example.com/accounts/callback/"
    )
    assert second.changed
    assert second.outputs == first.outputs
    assert callback_urls(empty_ministack, second) == [
        CALLBACK,
        "https://x.example.com/accounts/callback/",
    ]


def test_omitted_parameter_returns_to_its_default(
    empty_ministack: MiniStack,
) -> None:
    bring_up(empty_ministack, OperatorsGroup="staff")
    stack = bring_up(empty_ministack)
    groups = empty_ministack.cognito().list_groups(UserPoolId=stack.outputs["UserPoolId"])
    assert [group["GroupName"] for group in groups["Groups"]] == ["operators"]


def test_failed_creation_reports_the_cause_and_deletes_the_stack(
    empty_ministack: MiniStack, tmp_path: Path
) -> None:
    with pytest.raises(ProvisionError, match=r"Operators \(AWS::Cognito::UserPoolGroup\)"):
        bring_up(empty_ministack, broken_template(tmp_path))
    assert stack_outputs(empty_ministack.cloudformation(), "tests") == {}
    assert bring_up(empty_ministack).changed


def test_failed_update_reports_the_cause_and_restores_the_stack(
    empty_ministack: MiniStack, tmp_path: Path
) -> None:
    before = bring_up(empty_ministack)
    with pytest.raises(ProvisionError, match=r"UPDATE_ROLLBACK_COMPLETE(?s:.)+Operators"):
        bring_up(empty_ministack, broken_template(tmp_path), CallbackUrls="https://x.example.com/")
    assert callback_urls(empty_ministack, before) == [CALLBACK]


def test_refused_parameter_is_one_message(empty_ministack: MiniStack) -> None:
    with pytest.raises(ProvisionError, match=r"stack tests.*DomainPrefix"):
        bring_up(empty_ministack, DomainPrefix="-starts-with-a-dash")


def test_missing_stack_has_no_outputs(empty_ministack: MiniStack) -> None:
    assert stack_outputs(empty_ministack.cloudformation(), "no-such-stack") == {}


def test_unavailable_endpoint_is_one_message() -> None:
    with MiniStack.started() as ministack:
        cloudformation = ministack.cloudformation()
    with pytest.raises(ProvisionError, match="Could not connect"):
        stack_outputs(cloudformation, "tests")
