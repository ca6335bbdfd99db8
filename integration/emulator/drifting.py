"""What CloudFormation's drift detection reads of the EC2 objects that stand in moto; ministack knows none of them."""

import botocore
from ministack.services.cloudformation import drift

from network import ec2


def tags(item):
    return [{"Key": tag["Key"], "Value": tag["Value"]} for tag in item.get("Tags", []) if not tag["Key"].startswith("aws:")]


def found(operation, key, **arguments):
    """The object, or nothing where it is gone."""
    try:
        items = getattr(ec2(), operation)(**arguments)[key]
    except botocore.exceptions.ClientError as error:
        if "NotFound" in error.response["Error"]["Code"]:
            return None
        raise
    return items[0] if items else None


def vpc(identifier, _):
    item = found("describe_vpcs", "Vpcs", VpcIds=[identifier])
    return item and {"CidrBlock": item["CidrBlock"], "Tags": tags(item)}


def subnet(identifier, _):
    item = found("describe_subnets", "Subnets", SubnetIds=[identifier])
    return item and {"CidrBlock": item["CidrBlock"], "MapPublicIpOnLaunch": item["MapPublicIpOnLaunch"], "Tags": tags(item)}


def route(_, properties):
    if any(key in properties for key in ("TransitGatewayId", "VpcPeeringConnectionId", "DestinationPrefixListId")):
        return {}  # moto holds none of these
    table = found("describe_route_tables", "RouteTables", RouteTableIds=[properties["RouteTableId"]])
    routes = table["Routes"] if table else []
    return next((one for one in routes if one.get("DestinationCidrBlock") == properties.get("DestinationCidrBlock") and
                 one.get("DestinationIpv6CidrBlock") == properties.get("DestinationIpv6CidrBlock")), None)


READERS = {
    "AWS::EC2::VPC": (vpc, frozenset({"CidrBlock", "Tags"})),
    "AWS::EC2::Subnet": (subnet, frozenset({"CidrBlock", "MapPublicIpOnLaunch", "Tags"})),
    "AWS::EC2::Route": (route, frozenset({"NatGatewayId", "GatewayId"})),
}


def install():
    drift._DRIFT_READERS.update(READERS)
