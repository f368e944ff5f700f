"""Everything of a stage, taken away again."""

from __future__ import annotations

from infra.aws.aws_errors import explained
from infra.aws.stacks import delete_stack
from infra.deploy.deployment import deployed_function
from infra.deploy.function.schedules import delete_rules_of_zappa
from infra.deploy.function.secrets import delete_secrets, has_secrets
from infra.deploy.ownership import pools, require_ours
from infra.deploy.stage.target import Target
from infra.deploy.user_pool.retained_pool import delete_pools


def destroy(target: Target) -> list[str]:
    """Delete what `deploy` made; returns a line for each thing that is kept.

    What is gone already is passed over. Everything is found by its name and tags, and nothing is
    needed that an earlier step deletes: a run after an interrupted one deletes the rest.

    The database is not this command's. The pool of a production stage is kept, because its users
    could not be restored. Raises InfraError.
    """
    stage = target.stage
    with explained("the stage"):
        require_ours(target, while_deleted=True)
    # Each refers to the next, and all of them to the function.
    for stack in (stage.domain_stack, stage.gateway_stack, stage.schedules_stack):
        with explained(f"the stack {stack}"):
            delete_stack(target, stack)
    with explained("the function and its API"):
        delete_stack(target, stage.function_name)
        function = deployed_function(target)
        if configuration := function.configuration():
            delete_rules_of_zappa(target, configuration["FunctionArn"])
        function.delete()
    with explained("the bundles"):
        if bucket := target.resource_id(stage.platform_stack, "Bundles"):
            _empty(target, bucket)
    for stack in (stage.platform_stack, stage.cognito_stack):
        with explained(f"the stack {stack}"):
            delete_stack(target, stack)
    with explained("the secrets"):
        delete_secrets(target.client("secretsmanager"), stage.secret_name)
    with explained("the user pool"):
        if not stage.production:
            delete_pools(target)
        return _kept(target)


def _kept(target: Target) -> list[str]:
    """What is left, each with the command that deletes it."""
    stage, region = target.stage, target.stage.region
    kept = [
        f"The user pool {pool} is kept with its users; `deploy --stage {stage.name}` uses it "
        "again. To delete it:\n"
        f"  aws cognito-idp update-user-pool --region {region} --user-pool-id {pool} "
        "--deletion-protection INACTIVE\n"
        f"  aws cognito-idp delete-user-pool --region {region} --user-pool-id {pool}"
        for pool in pools(target)
    ]
    if has_secrets(target.client("secretsmanager"), stage.provider_secret_name):
        kept.append(
            f"The secret {stage.provider_secret_name} is kept, because `deploy` did not make it. "
            "To delete it:\n"
            f"  aws secretsmanager delete-secret --region {region} "
            f"--secret-id {stage.provider_secret_name}"
        )
    return kept


def _empty(target: Target, bucket: str) -> None:
    """CloudFormation deletes no bucket that has something in it."""
    s3 = target.client("s3")
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", ()):
                s3.delete_object(Bucket=bucket, Key=entry["Key"])
    except s3.exceptions.NoSuchBucket:
        return
