"""The environment variables of the deployed application: docs/configuration.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.deploy.function.function import has_snapshots, require_room
from infra.deploy.stage.target import Target
from infra.deploy.step import Run, Step
from infra.deploy.web import get

# The outputs with the ids of app clients whose tokens the API accepts, besides the web client's.
_API_CLIENTS = [
    "AppClientId",
    "MachineClientId",
    "DocsClientId",  # only with docs-page
]
_FIRST_PARTY_CLIENTS = [
    "WebClientId",
    "DocsClientId",  # only with docs-page
]


class Variables(Step):
    """Collect the variables, before the function is made."""

    name = "the function's environment"

    def preview(self, run: Run) -> list[str]:
        # Only the parameters of the gateway depend on them.
        if run.target.stage.has_gateway and run.pool:
            self._collect(run)
        return []

    def apply(self, run: Run) -> list[str]:
        self._collect(run)
        require_room(run.variables)
        return []

    def _collect(self, run: Run) -> None:
        run.variables = function_variables(
            run.target, run.pool, public_url=run.public_url, secrets=run.secrets
        )


class SetVariables(Step):
    """Set the variables of $LATEST, when the address of the API is known.

    This comes after Zappa, which removes SnapStart, and before the version is published, which gets
    a snapshot of a process with these variables.
    """

    name = "the function's environment"

    def preview(self, run: Run) -> list[str]:
        present, wanted = run.function.configuration(), run.target.stage.snap_start
        if present is None or has_snapshots(present) == wanted:
            return []
        run.changes_function = True
        return [f"Modify SnapStart of {run.function.name}: {'on' if wanted else 'off'}"]

    def apply(self, run: Run) -> list[str]:
        run.variables["PUBLIC_URL"] = run.public_url
        changed = run.function.set_environment(
            run.variables, snap_start=run.target.stage.snap_start
        )
        return [self.name] if changed else []


def function_variables(
    target: Target,
    outputs: Mapping[str, str],
    *,
    public_url: str,
    secrets: Mapping[str, str],
) -> dict[str, str]:
    """Return all variables of the application.

    Variables of the stage in infra/stages.toml replace those that follow from the stacks. Secrets
    replace both.

    Args:
        outputs: of the Cognito stack.
    """
    cognito = target.client("cognito-idp")
    # The client's secret is no output of the stack, because more people can read outputs.
    web_client = cognito.describe_user_pool_client(
        UserPoolId=outputs["UserPoolId"], ClientId=outputs["WebClientId"]
    )["UserPoolClient"]
    key_set_url = target.key_set_url(outputs["UserPoolId"])
    return {
        "PUBLIC_URL": public_url,
        "COGNITO_REGION": target.stage.region,
        "COGNITO_USER_POOL_ID": outputs["UserPoolId"],
        "COGNITO_CLIENT_ID": outputs["WebClientId"],
        "COGNITO_API_CLIENT_IDS": ",".join(outputs[name] for name in _API_CLIENTS),
        "COGNITO_FIRST_PARTY_CLIENT_IDS": ",".join(outputs[name] for name in _FIRST_PARTY_CLIENTS),
        "COGNITO_DOCS_CLIENT_ID": outputs["DocsClientId"],  # only with docs-page
        "COGNITO_DOMAIN": outputs["HostedUIUrl"],
        "COGNITO_ISSUER": outputs["Issuer"],
        "COGNITO_JWKS_URL": key_set_url,
        "COGNITO_JWKS": _key_set(key_set_url),
        # The application must know these parameters of the pool.
        "COGNITO_AUTO_CONFIRM": target.stage.cognito.get("AutoConfirm", "false"),
        # Where the stage sets no lifetime, assume Cognito's default, which is longer than the
        # template's.
        "COGNITO_REFRESH_TOKEN_DAYS": target.stage.cognito.get("RefreshTokenDays", "30"),
        "COGNITO_STAFF_GROUPS": target.stage.cognito.get("OperatorsGroup", "operators"),
        **({"AUDIT_EVENT_BUS": target.stage.audit_bus} if target.stage.has_audit_bus else {}),
        "LOG_LEVEL": "INFO",
        # After a rotation (rotation/), `secrets` has another one, which takes precedence.
        "COGNITO_CLIENT_SECRET": web_client["ClientSecret"],
        # The alarms need the application's own metrics.
        **({"METRICS_SERVICE": target.stage.function_name} if target.stage.alarms else {}),
        **target.settings,
        **target.stage.environment,
        **secrets,
    }


def _key_set(url: str) -> str:
    """Return the pool's keys without members that verification does not read: space is scarce.

    Raises:
        OSError: the keys are unavailable.
        ValueError: the answer is not a key set.
    """
    answer = get(url)
    try:
        keys: list[dict[str, Any]] = [
            {name: key[name] for name in ("kid", "kty", "use", "alg", "n", "e") if name in key}
            for key in json.loads(answer.body)["keys"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{url} answered {answer.status}, and the answer is not a key set"
        ) from error
    return json.dumps({"keys": keys}, separators=(",", ":"), sort_keys=True)
