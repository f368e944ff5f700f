"""Groups: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateGroup.html"""

from __future__ import annotations

from local_cognito.aws.context import Answer, Context, Request
from local_cognito.aws.service_errors import NotFound


def update_group(request: Request, context: Context) -> Answer:
    pool = context.pools.pool(request["UserPoolId"])
    group = pool["_groups"].get(request["GroupName"])
    if group is None:
        raise NotFound("Group not found.")
    group |= {
        name: request[name]
        for name in ("Description", "RoleArn", "Precedence")
        if request.get(name) is not None
    }
    group["LastModifiedDate"] = context.clock()
    # MiniStack stores an empty text where AWS has no role.
    shown = {name: value for name, value in group.items() if not name.startswith("_")}
    return {"Group": {name: value for name, value in shown.items() if value != ""}}
