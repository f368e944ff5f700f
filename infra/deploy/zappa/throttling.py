"""Limit the rate of requests to Zappa's API, because Zappa has no setting for it.

Without limits, a flood of requests would use up the account's quota and cost money.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from __future__ import annotations

from infra.deploy.step import Run, Step

# All resources, all methods.
_EVERYTHING = "*/*"


class Throttling(Step):
    name = "the API's limits"

    def apply(self, run: Run) -> list[str]:
        target, stage = run.target, run.target.stage
        if stage.has_gateway:
            return []
        api = {"restApiId": target.api_id(), "stageName": stage.name}
        client = target.client("apigateway")
        present = client.get_stage(**api).get("methodSettings", {}).get(_EVERYTHING, {})
        if (
            int(present.get("throttlingRateLimit", -1)) == stage.requests_per_second
            and int(present.get("throttlingBurstLimit", -1)) == stage.burst
        ):
            return []
        wanted = {"rateLimit": stage.requests_per_second, "burstLimit": stage.burst}
        client.update_stage(
            **api,
            patchOperations=[
                {"op": "replace", "path": f"/{_EVERYTHING}/throttling/{name}", "value": str(value)}
                for name, value in wanted.items()
            ],
        )
        return [self.name]
