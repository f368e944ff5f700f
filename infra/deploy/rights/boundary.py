"""The permissions boundary of a stage's roles, which an administrator creates.

It limits what the roles may do, whatever their own policies say. So a deployer who may create roles
does not get every right of the account through them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from infra.deploy.stage.target import Target


def find_boundary(target: Target) -> str:
    """Return the ARN of the boundary, or an empty string if the account does not have it.

    IAM does not delete a policy while a role has it as its boundary.
    """
    caller = target.client("sts").get_caller_identity()
    partition = caller["Arn"].split(":")[1]
    arn = f"arn:{partition}:iam::{caller['Account']}:policy/{target.stage.boundary_name}"
    iam = target.client("iam")
    try:
        iam.get_policy(PolicyArn=arn)
    except iam.exceptions.NoSuchEntityException:
        return ""
    return arn
