"""The variables of the deployed application, from what the stacks say: docs/configuration.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.deploy.stage.target import Target
from infra.deploy.web import get


def function_variables(
    target: Target,
    outputs: Mapping[str, str],
    *,
    public_url: str,
    secrets: Mapping[str, str],
) -> dict[str, str]:
    """All of them. `outputs`: of the Cognito stack.

    What the stage says in infra/stages.toml wins, and secrets cannot be set there.
    """
    cognito = target.client("cognito-idp")
    # Not an output of the stack: those can be read by more people than this call's answer.
    web_client = cognito.describe_user_pool_client(
        UserPoolId=outputs["UserPoolId"], ClientId=outputs["WebClientId"]
    )["UserPoolClient"]
    key_set_url = target.key_set_url(outputs["UserPoolId"])
    return {
        "PUBLIC_URL": public_url,
        "COGNITO_REGION": target.stage.region,
        "COGNITO_USER_POOL_ID": outputs["UserPoolId"],
        "COGNITO_CLIENT_ID": outputs["WebClientId"],
        "COGNITO_API_CLIENT_IDS": ",".join(
            outputs[name] for name in ("AppClientId", "MachineClientId", "DocsClientId")
        ),
        "COGNITO_FIRST_PARTY_CLIENT_IDS": f"{outputs['WebClientId']},{outputs['DocsClientId']}",
        "COGNITO_DOCS_CLIENT_ID": outputs["DocsClientId"],
        "COGNITO_DOMAIN": outputs["HostedUIUrl"],
        "COGNITO_ISSUER": outputs["Issuer"],
        "COGNITO_JWKS_URL": key_set_url,
        "COGNITO_JWKS": _key_set(key_set_url),
        # What the pool does, the application has to know of.
        "COGNITO_AUTO_CONFIRM": target.stage.cognito.get("AutoConfirm", "false"),
        # Or Cognito's own default, which is longer than the template's.
        "COGNITO_REFRESH_TOKEN_DAYS": target.stage.cognito.get("RefreshTokenDays", "30"),
        "COGNITO_STAFF_GROUPS": target.stage.cognito.get("OperatorsGroup", "operators"),
        "LOG_LEVEL": "INFO",
        **target.settings,
        **target.stage.environment,
        **secrets,
        "COGNITO_CLIENT_SECRET": web_client["ClientSecret"],
    }


def _key_set(url: str) -> str:
    """The pool's keys, without the members that verification does not read: space is scarce.

    Raises OSError, or ValueError where it is no key set.
    """
    answer = get(url)
    try:
        keys: list[dict[str, Any]] = [
            {name: key[name] for name in ("kid", "kty", "use", "alg", "n", "e") if name in key}
            for key in json.loads(answer.body)["keys"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{url} answered {answer.status} with what is no key set") from error
    return json.dumps({"keys": keys}, separators=(",", ":"), sort_keys=True)
