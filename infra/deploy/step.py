"""A step of a deployment, and what the steps of one run pass on to each other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from infra.aws.aws_errors import explained
from infra.aws.provision import preview, provision
from infra.aws.stacks import delete_stack, stack_outputs, stack_status
from infra.deploy.bundle.bundle import Bundle, build
from infra.deploy.bundle.packages import Runtime
from infra.deploy.function.function import Function, deployed_function
from infra.deploy.function.releases import Releases
from infra.deploy.rights.boundary import find_boundary
from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.errors import InfraError

# The address until the stage has an API: no name under .invalid exists (RFC 6761, section 6.4).
NOWHERE = "https://not-yet.invalid"


@dataclass
class Run:
    """One `deploy` or `plan`, and what its steps have found out so far.

    Attributes:
        directory: the directory of the bundle, logs and templates, which no other stage uses.
        database_url: the URL of the application's database; None keeps the stored one.
        given_bundle: the bundle to deploy; None builds one from the sources.
        after_update: called when Zappa has changed the function or its API.
        public_url: the address of the stage for browsers; NOWHERE until it has an API.
        has_address: whether `public_url` was final when the run began.
        pool, platform: outputs of the two stacks; empty in the plan of a new stage.
        variables: the application's variables; empty in a plan that does not need them.
        changes_function: whether a plan found that Zappa would change the function.
        version: the version that this run published.
    """

    target: Target
    directory: Path
    database_url: str | None = None
    given_bundle: Bundle | None = None
    after_update: Callable[[], None] | None = None
    public_url: str = NOWHERE
    has_address: bool = False
    pool: Mapping[str, str] = field(default_factory=dict)
    platform: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: dict[str, str] = field(default_factory=dict, repr=False)
    changes_function: bool = False
    function_arn: str = "not-yet"
    version: str = ""

    @cached_property
    def bundle(self) -> Bundle:
        """The bundle, built at the first use: a deployment that fails earlier does not need it."""
        stage = self.target.stage
        return self.given_bundle or build(
            self.directory, Runtime(stage.runtime, stage.architecture)
        )

    @cached_property
    def function(self) -> Function:
        return deployed_function(self.target)

    @cached_property
    def boundary(self) -> str:
        """The ARN of the policy that limits every role of the stage, or an empty string."""
        return find_boundary(self.target)

    @cached_property
    def releases(self) -> Releases:
        return Releases(self.function)

    def find_address(self) -> None:
        """Look up where browsers find the stage.

        While the API is replaced by another one, users still sign in at the former API.
        """
        stage, target = self.target.stage, self.target
        known = stage.public_url or target.api_url()
        self.has_address = known is not None
        self.public_url = known or target.api_url(stage.former_api_stack) or NOWHERE


class Step:
    """One part of a stage, or one action of a deployment.

    Each method returns lines for the deployer. A step overrides the methods that apply to it.
    """

    # In messages: "Changed: the user pool", "The user pool: AccessDenied".
    name: str

    def preview(self, run: Run) -> list[str]:  # noqa: ARG002 - for steps that override it
        """Return what `apply` would change, without changing it."""
        return []

    def apply(self, run: Run) -> list[str]:  # noqa: ARG002 - for steps that override it
        """Bring the part up to date. Return what changed."""
        return []

    def destroy(self, target: Target) -> list[str]:  # noqa: ARG002 - as above
        """Delete the part, if it exists. Return what is kept, and how to delete that."""
        return []

    def status(self, target: Target) -> list[str]:  # noqa: ARG002 - as above
        """Return what exists, and in which state it is."""
        return []


class StackStep(Step, ABC):
    """A step whose resources are in a CloudFormation stack."""

    template: ClassVar[Path]

    @abstractmethod
    def stack(self, stage: Stage) -> str:
        """Return the name of the stack."""

    @abstractmethod
    def parameters(self, run: Run) -> dict[str, str]:
        """Return the parameters of the template."""

    def is_wanted(self, stage: Stage) -> bool:  # noqa: ARG002 - as above
        """Return whether the stage is configured to have this stack."""
        return True

    def rendered(self, run: Run, parameters: Mapping[str, str]) -> Path:  # noqa: ARG002 - as above
        """Return the template for these parameters."""
        return self.template

    def keep_outputs(self, run: Run, outputs: Mapping[str, str]) -> None:
        """Store outputs of the stack that later steps need."""

    def preview(self, run: Run) -> list[str]:
        if not self.is_wanted(run.target.stage):
            return []
        lines = preview(**self._request(run))
        cloudformation = run.target.client("cloudformation")
        self.keep_outputs(run, stack_outputs(cloudformation, self.stack(run.target.stage)))
        return lines

    def apply(self, run: Run) -> list[str]:
        if not self.is_wanted(run.target.stage):
            return []
        provisioned = provision(**self._request(run))
        self.keep_outputs(run, provisioned.outputs)
        return [self.name] if provisioned.changed else []

    def destroy(self, target: Target) -> list[str]:
        remove_stack(target, self.stack(target.stage))
        return []

    def status(self, target: Target) -> list[str]:
        return (
            [stack_line(target, self.stack(target.stage))] if self.is_wanted(target.stage) else []
        )

    def _request(self, run: Run) -> dict[str, Any]:
        parameters = self.parameters(run)
        return {
            "cloudformation": run.target.client("cloudformation"),
            "stack_name": self.stack(run.target.stage),
            "template": self.rendered(run, parameters),
            "parameters": parameters,
            "tags": run.target.stage.all_tags,
            "poll_seconds": run.target.polling_seconds,
        }


class FormerStacks(Step):
    """Delete the stacks that the stage had before its configuration changed.

    A former API would be a way around the authorizer, and a former schedule would still call the
    function.
    """

    name = "what the stage no longer has"

    def __init__(self, *steps: StackStep) -> None:
        self._steps = steps

    def preview(self, run: Run) -> list[str]:
        return [f"Remove the stack {stack}" for stack in self.find(run.target)]

    def apply(self, run: Run) -> list[str]:
        found = self.find(run.target)
        for stack in found:
            remove_stack(run.target, stack)
        return [f"the stack {stack}, which is deleted" for stack in found]

    def find(self, target: Target) -> list[str]:
        """Return the names of the stacks that exist and are no longer wanted."""
        stage, cloudformation = target.stage, target.client("cloudformation")
        names = [step.stack(stage) for step in self._steps if not step.is_wanted(stage)]
        if stage.has_gateway:
            # Zappa's stack has an API only.
            names.append(stage.function_name)
        return [name for name in names if stack_status(cloudformation, name)]


def remove_stack(target: Target, name: str) -> None:
    delete_stack(target.client("cloudformation"), name, poll_seconds=target.polling_seconds)


def stack_line(target: Target, name: str) -> str:
    status = stack_status(target.client("cloudformation"), name)
    return f"stack {name}: {status or 'missing'}"


@contextmanager
def told(what: str) -> Iterator[None]:
    """Raise InfraError, which says what to do, for an error of AWS or the operating system."""
    try:
        with explained(what):
            yield
    except (OSError, ValueError) as error:
        raise InfraError(
            f"{what[0].upper()}{what[1:]}: {error}\n"
            "Correct that and run the same command again: it continues from here."
        ) from error
