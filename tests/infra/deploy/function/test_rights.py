"""The rights of the function's role cover the calls that operators make."""

from __future__ import annotations

import re

import pytest

from infra.environments import ROOT

CALL = re.compile(r"client\.([a-z_]+)\(")
TEMPLATE = (ROOT / "infra/deploy/function/platform.yaml").read_text()
PAGE = (ROOT / "docs/operators.md").read_text()
CALLS = sorted(
    {
        "".join(word.title() for word in name.split("_"))
        for file in (ROOT / "cognito/directory").glob("*.py")
        for name in CALL.findall(file.read_text())
    }
)
# Without a call, pytest would skip the test.
assert len(CALLS) > 15


@pytest.mark.parametrize("operation", CALLS)
def test_role_and_documentation_allow_each_call_of_operators(operation: str) -> None:
    right = f"cognito-idp:{operation}"
    assert f"- {right}\n" in TEMPLATE, f"Add {right} to infra/deploy/function/platform.yaml."
    assert operation in PAGE, f'Add {right} to "Required AWS rights" in docs/operators.md.'
