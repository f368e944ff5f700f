"""The user pool that outlives its stack: found again by its name and tags.

The template keeps the pool when its stack is deleted, because users cannot be restored.
`destroy` deletes it afterwards, unless the stage is in production. A `deploy` after that takes the
pool into the new stack (CloudFormation imports it), instead of making a second, empty one.
"""

from __future__ import annotations

import json

from infra.aws.provision import COGNITO_TEMPLATE, import_resource
from infra.aws.stacks import stack_status
from infra.aws.template import load_template
from infra.deploy.ownership import pools
from infra.deploy.stage.target import Target
from infra.deploy.user_pool.user_pool import cognito_parameters
from infra.errors import InfraError

_LOGICAL_ID = "UserPool"


def retained_pool(target: Target) -> str | None:
    """The id of the pool that a former `destroy` left; None where there is none.

    Raises InfraError where there are several: which of them has the users is not known here.
    """
    if stack_status(target, target.stage.cognito_stack) not in (None, "REVIEW_IN_PROGRESS"):
        return None
    found = pools(target)
    if len(found) > 1:
        raise InfraError(
            f"There are {len(found)} user pools named {target.stage.cognito_stack}: "
            f"{', '.join(found)}. Keep the one that has the users, and delete each other with\n"
            f"  aws cognito-idp delete-user-pool --region {target.stage.region} "
            "--user-pool-id ID\nThen run the same command again."
        )
    return found[0] if found else None


def adopt_pool(target: Target, public_url: str) -> bool:
    """Take a retained pool into a new stack; whether there was one. Raises InfraError.

    An import may make nothing else, so that the stack has the pool alone at first. Triggers are
    functions of the stack: the update that follows has the pool call them.
    """
    pool_id = retained_pool(target)
    if pool_id is None:
        return False
    template = load_template(COGNITO_TEMPLATE)
    pool = template["Resources"][_LOGICAL_ID]
    pool["Properties"].pop("LambdaConfig", None)
    template["Resources"] = {_LOGICAL_ID: pool}
    del template["Outputs"]
    import_resource(
        target.client("cloudformation"),
        stack_name=target.stage.cognito_stack,
        template=json.dumps(template),
        parameters=cognito_parameters(target, public_url),
        resource={
            "ResourceType": pool["Type"],
            "LogicalResourceId": _LOGICAL_ID,
            "ResourceIdentifier": {"UserPoolId": pool_id},
        },
        poll_seconds=target.polling_seconds,
    )
    return True


def delete_pools(target: Target) -> None:
    """Delete the pools of the stage, users included. Raises InfraError for a protected one."""
    cognito = target.client("cognito-idp")
    for pool_id in pools(target):
        pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        if pool.get("DeletionProtection") == "ACTIVE":
            raise InfraError(
                f"The user pool {pool_id} is protected from deletion. To delete it "
                "with its users, run\n"
                f"  aws cognito-idp update-user-pool --region {target.stage.region} "
                f"--user-pool-id {pool_id} --deletion-protection INACTIVE\n"
                "and then the same command again."
            )
        cognito.delete_user_pool(UserPoolId=pool_id)
