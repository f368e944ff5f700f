"""Find out whether a function in a VPC can reach the hosted UI.

Cognito's interface endpoint serves only the user pool API. Without a route to the internet, the
callback of a browser sign-in waits for the hosted UI until its deadline.
https://docs.aws.amazon.com/cognito/latest/developerguide/vpc-interface-endpoints.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.stage.target import Target

# Targets of a default route that reach the internet. An internet gateway is not among them, because
# a function has no public address.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
EGRESS = (
    *("NatGatewayId", "NetworkInterfaceId", "InstanceId"),
    *("TransitGatewayId", "VpcPeeringConnectionId", "LocalGatewayId", "CoreNetworkArn"),
)


def network_lines(target: Target, subnet_ids: Sequence[str]) -> list[str]:
    """Return a line of the stage's status; none for a function outside a VPC."""
    if not subnet_ids:
        return []
    try:
        isolated = isolated_subnets(target.client("ec2"), subnet_ids)
    except ClientError as error:
        return [f"network: not checked, because AWS refused to describe the subnets ({error})"]
    if not isolated:
        return ["network: every subnet has a route to the internet"]
    without = f"network: {', '.join(isolated)} without a route to the internet"
    return [f"{without}: the function cannot reach the hosted UI. Add a NAT gateway."]


def isolated_subnets(ec2: Any, subnet_ids: Sequence[str]) -> list[str]:
    """Return those of `subnet_ids` that have no IPv4 route out of their VPC.

    Raises:
        ClientError: the credentials may not describe subnets and route tables.
    """
    if not subnet_ids:
        return []
    subnets = ec2.describe_subnets(SubnetIds=list(subnet_ids))["Subnets"]
    vpc_ids = sorted({subnet["VpcId"] for subnet in subnets})
    pages = ec2.get_paginator("describe_route_tables").paginate(
        Filters=[{"Name": "vpc-id", "Values": vpc_ids}]
    )
    tables = [table for page in pages for table in page["RouteTables"]]
    return [
        subnet["SubnetId"]
        for subnet in subnets
        if not _leads_out(_route_table(tables, subnet["SubnetId"], subnet["VpcId"]))
    ]


def _route_table(
    tables: Sequence[Mapping[str, Any]], subnet_id: str, vpc_id: str
) -> Mapping[str, Any]:
    """Return the table associated with the subnet, otherwise the main table of its VPC."""
    main: Mapping[str, Any] = {}
    for table in tables:
        for association in table.get("Associations", ()):
            if association.get("SubnetId") == subnet_id:
                return table
            if association.get("Main") and table["VpcId"] == vpc_id:
                main = table
    return main


def _leads_out(table: Mapping[str, Any]) -> bool:
    return any(
        route.get("DestinationCidrBlock") == "0.0.0.0/0"  # a route, not an address
        and route.get("State", "active") == "active"
        and any(route.get(target) for target in EGRESS)
        for route in table.get("Routes", ())
    )
