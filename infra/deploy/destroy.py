"""Everything of a stage, taken away again."""

from __future__ import annotations

import json
from pathlib import Path

from infra.deploy.deployment import deployed_function, zappa_settings
from infra.deploy.secrets import delete_secrets
from infra.deploy.stacks import delete_stack
from infra.deploy.target import Target
from infra.deploy.zappa import zappa
from infra.provision import stack_outputs


def destroy(target: Target, directory: Path) -> None:
    """Delete what `deploy` made; what is gone already is passed over.

    The database is not this command's. The pool of a production stage is kept, with its users:
    those cannot be had back. Raises InfraError.
    """
    stage = target.stage
    cloudformation = target.client("cloudformation")
    pool = stack_outputs(cloudformation, stage.cognito_stack).get("UserPoolId")
    platform = stack_outputs(cloudformation, stage.platform_stack)
    # Each refers to the next, and those to the function and the bucket.
    for stack in (stage.domain_stack, stage.gateway_stack):
        delete_stack(target, stack)
    if platform and deployed_function(target).configuration():
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / "zappa_settings.json"
        file.write_text(json.dumps(zappa_settings(target, platform)))
        zappa(
            "Zappa's undeploy",
            ["undeploy", stage.name, "--yes"],
            directory=directory,
            log=directory / "zappa.log",
            settings=file,
            environment={**target.variables, "AWS_DEFAULT_REGION": stage.region},
        )
    if platform:
        _empty(target, platform["BundlesBucket"])
    # Zappa's as well, which is still there where the function alone was gone.
    for stack in (stage.function_name, stage.platform_stack, stage.cognito_stack):
        delete_stack(target, stack)
    delete_secrets(target.client("secretsmanager"), stage.secret_name)
    if pool and not stage.production:
        # The template keeps it when its stack is deleted.
        cognito = target.client("cognito-idp")
        try:
            cognito.delete_user_pool(UserPoolId=pool)
        except cognito.exceptions.ResourceNotFoundException:
            return


def _empty(target: Target, bucket: str) -> None:
    """CloudFormation deletes no bucket that has something in it."""
    s3 = target.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", ()):
            s3.delete_object(Bucket=bucket, Key=entry["Key"])
