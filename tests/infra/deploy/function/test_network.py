"""The check whether a function in a VPC can reach the hosted UI, with the local AWS."""

from __future__ import annotations

from typing import Any

import pytest

from infra.deploy.deployment import status
from infra.deploy.function.network import isolated_subnets
from infra.local.local_deployment import local_target
from tests.support.application import Stack
from tests.support.deployment import Deployment

pytestmark = pytest.mark.ministack


@pytest.fixture
def ec2(stack: Stack) -> Any:
    return local_target(stack.aws, login_url=stack.login_url).client("ec2")


class Network:
    """A VPC whose subnets get their routes from tests."""

    def __init__(self, ec2: Any) -> None:
        self._ec2 = ec2
        self.vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        self._subnets = 0

    def subnet(self) -> str:
        self._subnets += 1
        subnet = self._ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.7.{self._subnets}.0/24")
        return str(subnet["Subnet"]["SubnetId"])

    def gateway(self) -> str:
        gateway = self._ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self._ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        return str(gateway)

    def nat(self, subnet: str) -> str:
        address = self._ec2.allocate_address(Domain="vpc")["AllocationId"]
        made = self._ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
        return str(made["NatGateway"]["NatGatewayId"])

    def table(self, *subnets: str) -> str:
        table = str(self._ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"])
        for subnet in subnets:
            self._ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return table

    def main_table(self) -> str:
        tables = self._ec2.describe_route_tables(
            Filters=[{"Name": "vpc-id", "Values": [self.vpc]}]
        )["RouteTables"]
        return str(tables[0]["RouteTableId"])

    def route(self, table: str, destination: str = "0.0.0.0/0", **target: str) -> None:
        self._ec2.create_route(RouteTableId=table, DestinationCidrBlock=destination, **target)


def test_subnet_without_a_default_route_is_isolated(ec2: Any) -> None:
    network = Network(ec2)
    subnet, other = network.subnet(), network.subnet()
    network.route(network.table(other), "10.9.0.0/16", NatGatewayId=network.nat(subnet))
    assert sorted(isolated_subnets(ec2, [subnet, other])) == sorted([subnet, other])


def test_nat_gateway_is_a_route_to_the_internet(ec2: Any) -> None:
    network = Network(ec2)
    public, private = network.subnet(), network.subnet()
    network.route(network.table(private), NatGatewayId=network.nat(public))
    assert isolated_subnets(ec2, [private]) == []


def test_internet_gateway_is_no_route_for_a_function(ec2: Any) -> None:
    network = Network(ec2)
    subnet = network.subnet()
    network.route(network.table(subnet), GatewayId=network.gateway())
    assert isolated_subnets(ec2, [subnet]) == [subnet]


def test_main_route_table_applies_to_subnets_without_a_table(ec2: Any) -> None:
    network = Network(ec2)
    public, inherits, own = network.subnet(), network.subnet(), network.subnet()
    network.route(network.main_table(), NatGatewayId=network.nat(public))
    network.table(own)
    assert isolated_subnets(ec2, [inherits, own]) == [own]


def test_status_of_a_function_outside_a_vpc_has_no_network_line() -> None:
    assert isolated_subnets(None, []) == []


def test_status_names_subnets_without_a_route(deployment: Deployment) -> None:
    target = deployment.local.target
    network = Network(target.client("ec2"))
    subnet = network.subnet()
    functions, name = target.client("lambda"), target.stage.function_name
    try:
        functions.update_function_configuration(
            FunctionName=name, VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": ["sg-1"]}
        )
        [line] = [line for line in status(target) if line.startswith("network:")]
        assert f"{subnet} without a route to the internet" in line
        assert "NAT gateway" in line
        network.route(network.table(subnet), NatGatewayId=network.nat(network.subnet()))
        assert "network: every subnet has a route to the internet" in status(target)
    finally:
        functions.update_function_configuration(
            FunctionName=name, VpcConfig={"SubnetIds": [], "SecurityGroupIds": []}
        )
    assert not [line for line in status(target) if line.startswith("network:")]
