"""The user pool that remains when its stack is deleted. It is found again by its name and tags.

The template retains the pool, because users cannot be restored. `destroy` deletes it afterwards,
unless the stage is in production. The next `deploy` imports a retained pool into the new stack,
instead of making a second, empty one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from infra.aws.provision import COGNITO_TEMPLATE, import_resources
from infra.aws.stacks import stack_status
from infra.aws.template import load_template
from infra.deploy.ownership import find_pools
from infra.deploy.stage.target import Target
from infra.errors import InfraError

# Logical ids in the template.
_POOL, _OPERATORS = "UserPool", "Operators"


def find_retained_pool(target: Target) -> str | None:
    """Return the id of the pool that an earlier `destroy` kept, or None."""
    cloudformation = target.client("cloudformation")
    if stack_status(cloudformation, target.stage.cognito_stack) not in (None, "REVIEW_IN_PROGRESS"):
        return None
    found = find_pools(target)
    if len(found) > 1:
        raise InfraError(
            f"There are {len(found)} user pools named {target.stage.cognito_stack}: "
            f"{', '.join(found)}. Keep the one that has the users, and delete each other with\n"
            f"  aws cognito-idp delete-user-pool --region {target.stage.region} "
            "--user-pool-id ID\nThen run the same command again."
        )
    return found[0] if found else None


def adopt_pool(target: Target, pool_id: str, parameters: Mapping[str, str]) -> None:
    """Import a retained pool into a new stack, with the group of its operators.

    An import cannot create resources, so the stack has only these at first. The update that
    follows adds the rest, triggers included.
    """
    template = load_template(COGNITO_TEMPLATE)
    group = parameters.get("OperatorsGroup", template["Parameters"]["OperatorsGroup"]["Default"])
    identifiers = {_POOL: {"UserPoolId": pool_id}}
    # Earlier versions deleted the group. The update then makes a new one.
    if _has_group(target, pool_id, group):
        identifiers[_OPERATORS] = {"UserPoolId": pool_id, "GroupName": group}
    template["Resources"][_POOL]["Properties"].pop("LambdaConfig", None)
    template["Resources"] = {name: template["Resources"][name] for name in identifiers}
    del template["Outputs"]
    import_resources(
        target.client("cloudformation"),
        stack_name=target.stage.cognito_stack,
        template=json.dumps(template),
        parameters=parameters,
        resources=[
            {
                "ResourceType": template["Resources"][name]["Type"],
                "LogicalResourceId": name,
                "ResourceIdentifier": identifier,
            }
            for name, identifier in identifiers.items()
        ],
        poll_seconds=target.polling_seconds,
    )


def _has_group(target: Target, pool_id: str, name: str) -> bool:
    cognito = target.client("cognito-idp")
    try:
        cognito.get_group(UserPoolId=pool_id, GroupName=name)
    except cognito.exceptions.ResourceNotFoundException:
        return False
    return True


def delete_pools(target: Target) -> None:
    """Delete the pools of the stage with their users."""
    cognito = target.client("cognito-idp")
    for pool_id in find_pools(target):
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
