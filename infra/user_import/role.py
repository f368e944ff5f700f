"""The role with which Cognito writes the log of import jobs.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any


def ensure_role(iam: Any, *, user_pool_id: str, region: str) -> str:
    """Create the role unless it exists, and return its ARN."""
    name = f"gatehouse-import-{user_pool_id}"
    arn = _role(iam, name)
    # Also for a role that exists, because an earlier run can have ended between the two steps.
    account = arn.split(":")[4]
    allowed = {
        "Effect": "Allow",
        "Action": [
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        ],
        "Resource": f"arn:aws:logs:{region}:{account}:log-group:/aws/cognito/*",
    }
    iam.put_role_policy(
        RoleName=name,
        PolicyName="logs",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    return arn


def _role(iam: Any, name: str) -> str:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "cognito-idp.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    # Another process can create it at the same time.
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            Description=(
                "Lets Cognito write the log of user import jobs. Delete it after the import."
            ),
            Tags=[{"Key": "Project", "Value": "gatehouse"}],
        )
    return str(iam.get_role(RoleName=name)["Role"]["Arn"])
