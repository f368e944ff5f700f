"""The policies of a stage: the deployer's rights, and the boundary of the roles it creates."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import boto3

from infra.deploy.rights import rights
from infra.deploy.rights.rights import RIGHTS, Right
from infra.deploy.stage.stage import PROJECT, Stage
from infra.deploy.stage.zappa_settings import stage_config
from infra.errors import InfraError

VERSION = "2012-10-17"

# The size of a managed policy, without white space.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAXIMUM_CHARACTERS = 6144

# CloudFormation begins a generated name with that of the stack, and may shorten it.
_GENERATED_CHARACTERS = 24

# What the roles of the templates may do at most, whatever their own policies say.
_BOUNDED = (
    Right("", "logs", "CreateLogStream PutLogEvents", rights.LOGS),
    Right("", "lambda", "InvokeFunction", rights.FUNCTIONS),
    Right("", "cognito-idp", "*", rights.POOLS, rights.OURS),
    Right(
        "",
        "ec2",
        "AssignPrivateIpAddresses CreateNetworkInterface DeleteNetworkInterface "
        "DescribeNetworkInterfaces UnassignPrivateIpAddresses",
        rights.EVERYTHING,
    ),
    Right("", "xray", "Get* Put*", rights.EVERYTHING),
    # The audit stream and its archive.
    Right("", "events", "PutEvents", rights.BUSES),
    Right("", "firehose", "PutRecord PutRecordBatch", rights.DELIVERIES),
    Right(
        "",
        "s3",
        "AbortMultipartUpload GetBucketLocation ListBucket ListBucketMultipartUploads PutObject",
        rights.BUCKET,
    ),
)


def deployer_policy(stage: Stage) -> dict[str, Any]:
    """Return the policy for a deployer of the stage.

    Raises:
        InfraError: the policy is larger than IAM accepts.
    """
    wanted = [right for right in RIGHTS if right.is_wanted(stage)]
    document = _policy(wanted, _values(stage))
    if _size(document) > MAXIMUM_CHARACTERS:
        # This is harder to read, so smaller policies stay as they are.
        document["Statement"] = _combined(document["Statement"])
    size = _size(document)
    if size > MAXIMUM_CHARACTERS:
        raise InfraError(
            f"The policy of {stage.name} has {size} characters, and IAM accepts "
            f"{MAXIMUM_CHARACTERS}. Choose a shorter name for the stage."
        )
    return document


def boundary_policy(stage: Stage) -> dict[str, Any]:
    """Return the permissions boundary for roles of the stage."""
    return _policy(_BOUNDED, _values(stage))


def _policy(wanted: Iterable[Right], values: Mapping[str, str]) -> dict[str, Any]:
    """Return a policy. Rights with the same condition and resources, or actions, are merged."""
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": right.names,
            "Resource": _filled(right.resources, values),
            **({"Condition": _filled(right.condition, values)} if right.condition else {}),
        }
        for right in wanted
    ]
    statements = _merged(_merged(statements, "Action"), "Resource")
    return {"Version": VERSION, "Statement": statements}


def _merged(statements: list[dict[str, Any]], part: str) -> list[dict[str, Any]]:
    """Merge statements that differ in `part` only."""
    merged: dict[str, dict[str, Any]] = {}
    for statement in statements:
        same = {name: value for name, value in statement.items() if name != part}
        into = merged.setdefault(repr(same), {**statement, part: []})
        into[part] += [item for item in statement[part] if item not in into[part]]
    return list(merged.values())


def _combined(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Combine statements of different services, which means the same in fewer characters.

    An action applies to resources of its own service only, and their ARNs name the service. So two
    statements of the same service stay apart, and also those with a condition or for everything.
    """
    combined: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    count: Counter[str] = Counter()
    for statement in statements:
        if "Condition" in statement or statement["Resource"] == [*rights.EVERYTHING]:
            others.append(statement)
            continue
        (service,) = {action.partition(":")[0] for action in statement["Action"]}
        if count[service] == len(combined):
            combined.append({"Effect": "Allow", "Action": [], "Resource": []})
        for part in ("Action", "Resource"):
            combined[count[service]][part] += statement[part]
        count[service] += 1
    return combined + others


def _size(document: Mapping[str, Any]) -> int:
    return len(json.dumps(document, separators=(",", ":")))


def _values(stage: Stage) -> dict[str, str]:
    """Return the values of the patterns in rights.py.

    The account is `*`, because a policy gives rights in its own account only.
    """
    # The rights for previews cover preview1, preview2 and so on.
    name = f"{stage.name.rstrip('0123456789')}*" if stage.previews else stage.name
    prefix = f"{PROJECT}-{name}"
    return {
        "partition": boto3.Session().get_partition_for_region(stage.region),
        "region": stage.region,
        "account": "*",
        "stage": name,
        "named": prefix,
        "boundary": stage.boundary_name,
        "generated": f"{prefix}-"[:_GENERATED_CHARACTERS],
        "domain": (stage.public_url or "").removeprefix("https://"),
        "zone": stage.hosted_zone or "",
        "key": stage_config(stage.name).get("aws_kms_key_arn") or "",
    }


def _filled(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, str):
        return node.format_map(values)
    if isinstance(node, Mapping):
        return {name: _filled(item, values) for name, item in node.items()}
    return [_filled(item, values) for item in node]
