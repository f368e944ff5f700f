"""Triggers and authorizer have the runtime of the stage, and no packages of their own."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from infra.aws.provision import COGNITO_TEMPLATE
from infra.aws.template import load_template
from infra.deploy.gateway.gateway import Gateway  # only with gateway-authorizer
from infra.environments import ROOT

# Lambda's runtime has these.
OF_THE_RUNTIME = {"boto3", "botocore"}


@pytest.mark.parametrize(
    "trigger", sorted((ROOT / "infra/triggers").glob("[!_]*.py")), ids=lambda file: file.stem
)
def test_trigger_needs_no_package(trigger: Path) -> None:
    """So nothing of it has to be locked."""
    imported = set()
    for node in ast.walk(ast.parse(trigger.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported
    assert imported <= {*sys.stdlib_module_names, *OF_THE_RUNTIME}


@pytest.mark.parametrize(
    "template",
    [
        COGNITO_TEMPLATE,
        Gateway.template,  # only with gateway-authorizer
    ],
    ids=lambda file: file.stem,
)
def test_every_function_has_the_runtime_and_the_processor_of_the_stage(template: Path) -> None:
    functions = [
        resource["Properties"]
        for resource in load_template(template)["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    ]
    assert functions
    for properties in functions:
        assert properties["Runtime"] == {"Ref": "Runtime"}
        assert properties["Architectures"] == [{"Ref": "Architecture"}]
        # A trigger is text in the template. The authorizer has the application's bundle, whose
        # packages are locked.
        code = properties["Code"]
        assert code.keys() in ({"ZipFile"}, {"S3Bucket", "S3Key"})
        if "S3Key" in code:
            assert code["S3Key"] == {"Ref": "BundleKey"}
