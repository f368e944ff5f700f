"""Session tracking of the user pool, which CloudFormation has no property for.

A setting of infra/stages.toml that a stage leaves out stays as it is at Cognito.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetUserPoolSessionConfiguration.html
"""

from __future__ import annotations

from typing import Any

from infra.deploy.stage.stage import Stage
from infra.deploy.stage.target import Target
from infra.deploy.step import Run, Step

_ENABLED, _DISABLED = "ENABLED", "DISABLED"


class SessionTracking(Step):
    name = "the session tracking of the user pool"

    def preview(self, run: Run) -> list[str]:
        stage = run.target.stage
        if not _is_wanted(stage):
            return []
        if not run.pool:
            return [f"Add {self.name}"]
        return [f"Modify {self.name}"] if _changes(run) else []

    def apply(self, run: Run) -> list[str]:
        changes = _changes(run) if _is_wanted(run.target.stage) else {}
        cognito = run.target.client("cognito-idp")
        # In this order, because Cognito refuses the second without tracking.
        if wanted := changes.get("pool"):
            cognito.set_user_pool_session_configuration(UserPoolId=run.pool["UserPoolId"], **wanted)
        if minutes := changes.get("client"):
            cognito.set_user_pool_client_session_configuration(
                UserPoolId=run.pool["UserPoolId"],
                ClientId=run.pool["WebClientId"],
                SSOSession=minutes,
            )
        return [self.name] if changes else []

    def status(self, target: Target) -> list[str]:
        pool_id = target.resource_id(target.stage.cognito_stack, "UserPool")
        client_id = target.resource_id(target.stage.cognito_stack, "WebClient")
        if not pool_id or not client_id:
            return []
        cognito = target.client("cognito-idp")
        pool = cognito.get_user_pool_session_configuration(UserPoolId=pool_id)
        if pool["UserSessionTracking"] != _ENABLED:
            return ["session tracking: off"]
        client = cognito.get_user_pool_client_session_configuration(
            UserPoolId=pool_id, ClientId=client_id
        )
        sign_ins = pool["TokenSession"]["MaxPerUser"]
        minutes = client["SSOSession"]["MaxValidityMinutes"]
        return [f"session tracking: on, {sign_ins} sign-ins a user, hosted UI {minutes} minutes"]


def _is_wanted(stage: Stage) -> bool:
    return stage.session_tracking is not None


def _changes(run: Run) -> dict[str, Any]:
    """Return the members that differ, for the pool and for the web client."""
    stage, cognito = run.target.stage, run.target.client("cognito-idp")
    pool_id, client_id = run.pool["UserPoolId"], run.pool["WebClientId"]
    present = cognito.get_user_pool_session_configuration(UserPoolId=pool_id)
    sign_ins = stage.sessions_per_user or present["TokenSession"]["MaxPerUser"]
    # Cognito replaces the whole configuration.
    wanted = {
        "UserSessionTracking": _ENABLED if stage.session_tracking else _DISABLED,
        "TokenSession": {"MaxPerUser": sign_ins},
    }
    changes: dict[str, Any] = {}
    if wanted != {name: present[name] for name in wanted}:
        changes["pool"] = wanted
    if stage.hosted_session_minutes is not None:
        client = cognito.get_user_pool_client_session_configuration(
            UserPoolId=pool_id, ClientId=client_id
        )
        minutes = {"MaxValidityMinutes": stage.hosted_session_minutes}
        if client["SSOSession"] != minutes:
            changes["client"] = minutes
    return changes
