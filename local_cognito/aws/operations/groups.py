"""Groups: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateGroup.html"""

from __future__ import annotations

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.service_errors import NotFound


def update_group(request: Request, context: Context) -> Answer:
    pool = context.pools.pool(request["UserPoolId"])
    group = pool["_groups"].get(request["GroupName"])
    if group is None:
        raise NotFound("Group not found.")
    # Cognito removes what the request leaves out.
    for name in ("Description", "RoleArn", "Precedence"):
        group.pop(name, None)
        if request.get(name) is not None:
            group[name] = request[name]
    group["LastModifiedDate"] = context.clock()
    return {"Group": {name: group[name] for name in group if not name.startswith("_")}}
