"""How much the API lets through, so that a flood costs neither the account's quota nor money.

Zappa has no setting for it.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from __future__ import annotations

from typing import Any

# All resources, all methods.
_EVERYTHING = "*/*"


def set_throttling(
    client: Any, *, api_id: str, stage: str, requests_per_second: int, burst: int
) -> bool:
    """Have these limits; whether that was a change. `client` is boto3's for API Gateway."""
    present = client.get_stage(restApiId=api_id, stageName=stage).get("methodSettings", {})
    limits = present.get(_EVERYTHING, {})
    if (
        int(limits.get("throttlingRateLimit", -1)) == requests_per_second
        and int(limits.get("throttlingBurstLimit", -1)) == burst
    ):
        return False
    wanted = {"rateLimit": requests_per_second, "burstLimit": burst}
    client.update_stage(
        restApiId=api_id,
        stageName=stage,
        patchOperations=[
            {"op": "replace", "path": f"/{_EVERYTHING}/throttling/{name}", "value": str(value)}
            for name, value in wanted.items()
        ],
    )
    return True
