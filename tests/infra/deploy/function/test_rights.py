"""The rights of the function's role cover the calls that operators make."""

from __future__ import annotations

import re

import botocore.session
import pytest
from botocore import xform_name

from infra.environments import ROOT

# Some calls are of `cast("Any", client)`.
CALL = re.compile(r"client\)?\.([a-z_]+)\(")
TEMPLATE = (ROOT / "infra/deploy/function/platform.yaml").read_text()
RIGHTS = re.findall(r"^ +- ([\w-]+:\w+)\b", TEMPLATE, re.MULTILINE)
PAGE = (ROOT / "docs/operators.md").read_text()
MODEL = botocore.session.get_session().get_service_model("cognito-idp")
# The names of operations by those of boto3's methods.
OPERATIONS = {xform_name(name): name for name in MODEL.operation_names}
CALLS = sorted(
    {
        OPERATIONS[name]
        for file in (ROOT / "cognito/directory").glob("*.py")
        for name in CALL.findall(file.read_text())
    }
)
# Without a call, pytest would skip the test.
assert len(CALLS) > 15


@pytest.mark.parametrize("operation", CALLS)
def test_role_and_documentation_allow_each_call_of_operators(operation: str) -> None:
    right = f"cognito-idp:{operation}"
    assert right in RIGHTS, f"Add {right} to infra/deploy/function/platform.yaml."
    assert operation in PAGE, f'Add {right} to "Required AWS rights" in docs/operators.md.'
