"""`infra deploy`: every step from nothing to the running application, in order.

Each step looks at what is there and changes what differs. So a second run changes nothing, and a
run after a failed one goes on where that one stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.config import Config

from infra.aws.aws_errors import explained
from infra.aws.provision import COGNITO_TEMPLATE, Provisioned, provision
from infra.aws.stacks import delete_stack, former_stacks
from infra.deploy.bundle.bundle import Bundle, build
from infra.deploy.function.function import ALIAS, Function, require_room
from infra.deploy.function.releases import Releases, alias_arn
from infra.deploy.function.schedules import delete_rules_of_zappa, provision_schedules
from infra.deploy.function.secrets import ensure_secrets
from infra.deploy.function.variables import function_variables
from infra.deploy.gateway.domain import domain_target, provision_domain
from infra.deploy.gateway.gateway import gateway_parameters, provision_gateway
from infra.deploy.ownership import require_ours
from infra.deploy.release import smoke
from infra.deploy.stage.target import Target
from infra.deploy.user_pool.retained_pool import adopt_pool
from infra.deploy.user_pool.user_pool import cognito_parameters
from infra.deploy.web import get
from infra.deploy.zappa.integrations import call_alias
from infra.deploy.zappa.throttling import set_throttling
from infra.deploy.zappa.zappa import description, is_in_vpc, is_traced, stage_settings, zappa
from infra.errors import InfraError

PLATFORM_TEMPLATE = Path(__file__).parent / "function" / "platform.yaml"

# Until there is an API, nobody can be sent back to it (RFC 6761, section 6.4).
NOWHERE = "https://not-yet.invalid"

# A management command has 29 seconds (zappa_settings.json), after a cold start of up to ten. Who
# gives up before that asks again, and has two of them at once change the schema.
COMMAND_SECONDS = 60


@dataclass
class Deployed:
    """What a deployment came to. `changes`: in the words of whoever reads about them."""

    public_url: str = NOWHERE
    changes: list[str] = field(default_factory=list)


def deploy(
    target: Target,
    directory: Path,
    *,
    database_url: str | None,
    bundle: Bundle | None = None,
    after_update: Callable[[], None] | None = None,
) -> Deployed:
    """Bring the stage up to date.

    Requests go on being answered by the former version until the new one has migrated the database
    and passed the smoke test.

    Args:
        directory: for the bundle and logs, nobody else's.
        database_url: of the application's database; None goes on with the one that is known.
        bundle: to deploy instead of one made of the sources as they are.
        after_update: called when Zappa has changed the function or its API.

    Raises InfraError.
    """
    run = _Run(target, directory)
    run.provide_foundation(database_url)
    run.update_function(bundle or build(directory), after_update)
    run.tell_address()
    run.release()
    run.provide_surroundings()
    run.verify()
    return run.deployed


class _Run:
    """One deployment: its steps in order, and what they hand on to each other."""

    def __init__(self, target: Target, directory: Path) -> None:
        self.target = target
        self.directory = directory
        self.deployed = Deployed()
        self.function = deployed_function(target)
        self.releases = Releases(self.function, polling_seconds=target.polling_seconds)
        self.platform: Mapping[str, str] = {}
        self.variables: dict[str, str] = {}
        self.function_arn = ""
        self.has_address = False

    def provide_foundation(self, database_url: str | None) -> None:
        """What the function needs before it can be made."""
        stage, target, deployed = self.target.stage, self.target, self.deployed
        with _told("the stage"):
            require_ours(target)
        with _told("the user pool"):
            known = stage.public_url or target.api_url()
            self.has_address = known is not None
            # Until there is another API, people go on signing in at the former one.
            deployed.public_url = known or target.api_url(stage.former_api_stack) or NOWHERE
            if adopt_pool(target, deployed.public_url):
                deployed.changes.append("the user pool that was kept, which is used again")
            pool = self._provision_pool()
        with _told("the function's role and log"):
            self._provision_platform(pool["UserPoolId"])
        with _told("the secrets"):
            secrets = ensure_secrets(
                target.client("secretsmanager"),
                stage.secret_name,
                database_url=database_url,
                tags=stage.all_tags,
            )
        with _told("the function's environment"):
            self.variables = function_variables(
                target, pool, public_url=deployed.public_url, secrets=secrets
            )
            require_room(self.variables)

    def update_function(self, bundle: Bundle, after_update: Callable[[], None] | None) -> None:
        """Have the code and settings in $LATEST, and an API that calls the alias."""
        stage, target = self.target.stage, self.target
        self.bundle = bundle
        with _told("the function and its API"):
            if self._run_zappa() and after_update:
                after_update()
            if not stage.has_gateway and set_throttling(
                target.client("apigateway"),
                api_id=target.api_id() or "",
                stage=stage.name,
                requests_per_second=stage.requests_per_second,
                burst=stage.burst,
            ):
                self.deployed.changes.append("the API's limits")
            self.function_arn = (self.function.configuration() or {})["FunctionArn"]

    def tell_address(self) -> None:
        """Have the function and the user pool know where browsers are."""
        if not self.has_address:
            self._provide_gateway()
            with _told("the API's address in the user pool"):
                self.deployed.public_url = self.target.api_url() or NOWHERE
                self._provision_pool()
        self.variables["PUBLIC_URL"] = self.deployed.public_url
        with _told("the function's environment"):
            if self.function.set_environment(self.variables):
                self.deployed.changes.append("the function's environment")

    def release(self) -> None:
        """Have requests answered by what was deployed, once that has proved to work."""
        with _told("the new version"):
            version = self.releases.publish(self.bundle.digest, self.variables)
        try:
            self._try(version)
        except InfraError as error:
            live = self.releases.live()
            if live is None or live.version == version or not live.released:
                raise
            raise InfraError(
                f"{error}\nVersion {version} was not released: requests are still answered by "
                f"version {live.version}. Correct the cause, then run the same command again."
            ) from error
        with _told("the release"):
            if self.releases.release(version):
                self.deployed.changes.append(f"version {version}, which is live")

    def provide_surroundings(self) -> None:
        """What calls the function, and what the stage no longer has."""
        target, changes = self.target, self.deployed.changes
        self._provide_gateway()
        with _told("the schedules"):
            if provision_schedules(target, self.directory, alias_arn(self.function_arn)):
                changes.append("the schedules")
            delete_rules_of_zappa(target, self.function_arn)
        with _told("the domain"):
            if provision_domain(target):
                changes.append("the domain")
        with _told("what the stage no longer has"):
            for stack in former_stacks(target):
                delete_stack(target, stack)
                changes.append(f"the stack {stack}, which is gone")
            self.releases.prune()

    def verify(self) -> None:
        """Ask the application as a browser does, through everything that is in front of it."""
        with _told("the smoke test"):
            self._smoke_test(domain_target=domain_target(self.target))

    def _try(self, version: str) -> None:
        with _told("the database"):
            if "Applying" in self.function.manage("migrate --no-input", version):
                self.deployed.changes.append("the database's schema")
        with _told("the smoke test of the new version"):
            self._smoke_test(
                fetch=lambda url: self.function.request(url, self.deployed.public_url, version)
            )

    def _smoke_test(self, *, domain_target: str | None = None, fetch: smoke.Fetch = get) -> None:
        smoke.smoke_test(
            self.deployed.public_url,
            client_id=self.variables["COGNITO_CLIENT_ID"],
            hosted_ui=self.variables["COGNITO_DOMAIN"],
            domain_target=domain_target,
            fetch=fetch,
        )

    def _provision_pool(self) -> Mapping[str, str]:
        pool = self._provision(
            self.target.stage.cognito_stack,
            COGNITO_TEMPLATE,
            cognito_parameters(self.target, self.deployed.public_url),
        )
        if pool.changed:
            self.deployed.changes.append("the user pool")
        return pool.outputs

    def _provision_platform(self, user_pool_id: str) -> None:
        platform = self._provision(
            self.target.stage.platform_stack,
            PLATFORM_TEMPLATE,
            platform_parameters(self.target, user_pool_id),
        )
        if platform.changed:
            self.deployed.changes.append("the function's role and log")
        self.platform = platform.outputs

    def _provision(
        self, stack_name: str, template: Path, parameters: Mapping[str, str]
    ) -> Provisioned:
        return provision(
            self.target.client("cloudformation"),
            stack_name=stack_name,
            template=template,
            parameters=parameters,
            tags=self.target.stage.all_tags,
            poll_seconds=self.target.polling_seconds,
        )

    def _provide_gateway(self) -> None:
        what = "the API with its authorizer"
        if not self.target.stage.has_gateway:
            return
        with _told(what):
            parameters = gateway_parameters(
                self.target,
                self.variables,
                function_arn=alias_arn(self.function_arn),
                bundles_bucket=self.platform["BundlesBucket"],
                bundle_key=bundle_key(self.bundle.digest),
            )
            changed = provision_gateway(self.target, self.directory, parameters)
            if changed and what not in self.deployed.changes:
                self.deployed.changes.append(what)

    def _run_zappa(self) -> bool:
        """Whether there was anything for it to do."""
        target, stage, bucket = self.target, self.target.stage, self.platform["BundlesBucket"]
        settings = zappa_settings(target, self.platform)
        present = self.function.configuration()
        has_api = stage.has_gateway or target.api_url() is not None
        if present:
            # Before the API calls it.
            self.releases.ensure_alias()
            if has_api and is_up_to_date(present, self.bundle, settings):
                return False
        if not has_api:
            # What an interrupted run of Zappa left of it can only be made again.
            delete_stack(target, stage.api_stack)
        key = bundle_key(self.bundle.digest)
        target.client("s3").upload_file(str(self.bundle.path), bucket, key)
        if present:
            self._call_alias(present["FunctionArn"])
        file = self.directory / "zappa_settings.json"
        file.write_text(json.dumps(settings, indent=2))
        command = "update" if present else "deploy"
        zappa(
            f"Zappa's {command}",
            [command, stage.name, "--zip", f"s3://{bucket}/{key}", "--disable_progress"],
            directory=self.directory,
            log=self.directory / "zappa.log",
            settings=file,
            environment=target.child_variables(),
        )
        self.releases.ensure_alias()
        self.function.describe(description(settings))
        self.deployed.changes.append("the function and its API")
        return True

    def _call_alias(self, function_arn: str) -> None:
        """Have every API of the stage call the alias before $LATEST changes."""
        for stack in (self.target.stage.api_stack, self.target.stage.former_api_stack):
            api_id = self.target.resource_id(stack, "Api")
            if api_id and call_alias(self.target, api_id=api_id, function_arn=function_arn):
                self.deployed.changes.append("the API, which calls released versions alone")


def platform_parameters(target: Target, user_pool_id: str) -> dict[str, str]:
    return {
        "FunctionName": target.stage.function_name,
        "UserPoolId": user_pool_id,
        "InVpc": "true" if is_in_vpc(target.stage.name) else "false",
        "Traced": "true" if is_traced(target.stage.name) else "false",
    }


def zappa_settings(target: Target, platform: Mapping[str, str]) -> dict[str, Any]:
    """zappa_settings.json with what the account knows. `platform`: outputs of that stack."""
    stage = target.stage
    api: dict[str, Any] = {"apigateway_enabled": False} if stage.has_gateway else {}
    return stage_settings(
        stage.name,
        **api,
        aws_region=stage.region,
        role_arn=platform["RoleArn"],
        s3_bucket=platform["BundlesBucket"],
        tags=stage.all_tags,
        # Requests and schedules go to what is released: releases.py, schedules.py.
        apigateway_lambda_qualifier=ALIAS,
        events=[],
        keep_warm=False,
        # Zappa would delete versions by their age, and fail at one that the alias names.
        num_retained_versions=None,
    )


def is_up_to_date(present: Mapping[str, Any], bundle: Bundle, settings: Mapping[str, Any]) -> bool:
    """Whether a function, as Lambda describes it, has this code and these settings of Zappa."""
    return bool(
        present["CodeSha256"] == bundle.digest and present["Description"] == description(settings)
    )


def bundle_key(digest: str) -> str:
    """Of a bundle in the bucket, by Lambda's CodeSha256."""
    return f"bundles/{digest.translate(str.maketrans('+/', '-_')).rstrip('=')}.zip"


def deployed_function(target: Target) -> Function:
    """The stage's function, which may not be there yet."""
    return Function(
        target.client("lambda", Config(read_timeout=COMMAND_SECONDS)),
        target.stage.function_name,
        polling_seconds=target.polling_seconds,
    )


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Errors of AWS and of what is there, as sentences that say where and what to do."""
    try:
        with explained(what):
            yield
    except (OSError, ValueError) as error:
        raise InfraError(
            f"{what[0].upper()}{what[1:]}: {error}\n"
            "Correct that and run the same command again: it goes on from here."
        ) from error
