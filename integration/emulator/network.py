"""EC2 resource types of CloudFormation, made in moto so that the EC2 API shows them."""

import ipaddress
import os
import random

import boto3
import botocore
from botocore.config import Config
from ministack.core.responses import get_region

import refusals

MOTO = os.environ["MOTO_ENDPOINT"]
_clients = {}


def ec2():
    """moto's EC2 in the Region of the request that is being served."""
    return client("ec2")


def client(service):
    """One of moto's services there."""
    region = get_region()
    if (service, region) not in _clients:
        _clients[service, region] = boto3.client(
            service, endpoint_url=MOTO, region_name=region, aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}),
        )
    return _clients[service, region]


def call(operation, **arguments):
    """An EC2 call whose refusal reads as CloudFormation reports it."""
    try:
        return getattr(ec2(), operation)(**arguments)
    except botocore.exceptions.ClientError as error:
        answer = error.response["Error"]
        raise ValueError(f"{answer['Message']} (Service: Ec2, Status Code: 400, Error Code: {answer['Code']})") from error


def random_id(prefix):
    return prefix + "".join(random.choices("0123456789abcdef", k=17))


def truth(value):
    return value if isinstance(value, bool) else str(value).lower() == "true"


def tags(properties):
    return [{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in properties.get("Tags", [])]


def tagged(kind, properties):
    return [{"ResourceType": kind, "Tags": tags(properties)}]


def retag(resource, old, new):
    """Brings the tags of a standing object up to date."""
    before = {tag["Key"] for tag in tags(old)}
    after = tags(new)
    gone = before - {tag["Key"] for tag in after}
    if after:
        call("create_tags", Resources=[resource], Tags=after)
    if gone:
        call("delete_tags", Resources=[resource], Tags=[{"Key": key} for key in gone])


def checked(cidr):
    """moto takes any CIDR; EC2 does not."""
    network = ipaddress.ip_network(cidr)
    if not 16 <= network.prefixlen <= 28:
        raise ValueError(f"The CIDR '{cidr}' is invalid. (Service: Ec2, Status Code: 400, Error Code: InvalidVpc.Range)")
    return network


class VpcAttributes(dict):
    """A VPC's IPv6 blocks are an attribute only once one is associated, as on AWS."""

    def blocks(self):
        vpc = call("describe_vpcs", VpcIds=[dict.__getitem__(self, "VpcId")])["Vpcs"][0]
        return [one["Ipv6CidrBlock"] for one in vpc.get("Ipv6CidrBlockAssociationSet", []) if one["Ipv6CidrBlockState"]["State"] == "associated"]

    def __contains__(self, name):
        return bool(self.blocks()) if name == "Ipv6CidrBlocks" else dict.__contains__(self, name)

    def __getitem__(self, name):
        return self.blocks() if name == "Ipv6CidrBlocks" else dict.__getitem__(self, name)


def asked_for(properties):
    """The range of a VPC: written, or what its pool gives. The resource that has it is the allocation's description."""
    if "Ipv4IpamPoolId" not in properties:
        return checked(properties["CidrBlock"])
    length = int(properties["Ipv4NetmaskLength"])
    given = call("allocate_ipam_pool_cidr", IpamPoolId=properties["Ipv4IpamPoolId"], NetmaskLength=length, ClientToken=random_id(""), Description="vpc")
    return checked(given["IpamPoolAllocation"]["Cidr"])


def give_back(properties, cidr):
    """What a VPC took from a pool goes back with it."""
    pool = properties.get("Ipv4IpamPoolId")
    if not pool:
        return
    for one in call("get_ipam_pool_allocations", IpamPoolId=pool)["IpamPoolAllocations"]:
        if one["Cidr"] == cidr:
            call("release_ipam_pool_allocation", IpamPoolId=pool, IpamPoolAllocationId=one["IpamPoolAllocationId"], Cidr=cidr)


class Vpc:
    @staticmethod
    def create(properties):
        cidr = str(asked_for(properties))
        vpc = call("create_vpc", CidrBlock=cidr, TagSpecifications=tagged("vpc", properties))["Vpc"]["VpcId"]
        return vpc, Vpc.update(vpc, {}, properties)

    @staticmethod
    def update(vpc, old, new):
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            if attribute in new:
                call("modify_vpc_attribute", VpcId=vpc, **{attribute: {"Value": truth(new[attribute])}})
        retag(vpc, old, new)
        cidr = call("describe_vpcs", VpcIds=[vpc])["Vpcs"][0]["CidrBlock"]
        return VpcAttributes({"VpcId": vpc, "CidrBlock": cidr})

    @staticmethod
    def delete(vpc, properties):
        cidr = call("describe_vpcs", VpcIds=[vpc])["Vpcs"][0]["CidrBlock"]
        groups = call("describe_security_groups", Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
        if any(group["GroupName"] != "default" for group in groups):
            raise ValueError(f"The vpc '{vpc}' has dependencies and cannot be deleted. (Service: Ec2, Status Code: 400, Error Code: DependencyViolation)")
        call("delete_vpc", VpcId=vpc)
        give_back(properties, cidr)


class VpcCidrBlock:
    update = None

    @staticmethod
    def create(properties):
        if "CidrBlock" not in properties and "Ipv4IpamPoolId" not in properties:
            return VpcCidrBlock.create_ipv6(properties)
        network = asked_for(properties)
        vpc = call("describe_vpcs", VpcIds=[properties["VpcId"]])["Vpcs"][0]
        for other in vpc["CidrBlockAssociationSet"]:
            standing = other["CidrBlockState"]["State"] == "associated"
            if standing and network.overlaps(ipaddress.ip_network(other["CidrBlock"])):
                raise ValueError(f"The CIDR '{network}' conflicts with {other['CidrBlock']} (Service: Ec2, Status Code: 400)")
        made = call("associate_vpc_cidr_block", VpcId=properties["VpcId"], CidrBlock=str(network))
        association = made["CidrBlockAssociation"]["AssociationId"]
        return f"{association}|{properties['VpcId']}", {"Id": association}

    @staticmethod
    def create_ipv6(properties):
        if not truth(properties.get("AmazonProvidedIpv6CidrBlock", False)):
            raise ValueError("the emulated EC2 has neither IPv6 pools nor IPAM")
        made = call("associate_vpc_cidr_block", VpcId=properties["VpcId"], AmazonProvidedIpv6CidrBlock=True)
        association = made["Ipv6CidrBlockAssociation"]["AssociationId"]
        return f"{association}|{properties['VpcId']}", {"Id": association}

    @staticmethod
    def delete(identifier, properties):
        association, vpc = identifier.split("|")
        held = call("describe_vpcs", VpcIds=[vpc])["Vpcs"][0]["CidrBlockAssociationSet"]
        call("disassociate_vpc_cidr_block", AssociationId=association)
        for one in held:
            if one["AssociationId"] == association:
                give_back(properties, one["CidrBlock"])


def balancers():
    """Subnets of all load balancers, of either kind."""
    new = client("elbv2").describe_load_balancers()["LoadBalancers"]
    classic = client("elb").describe_load_balancers()["LoadBalancerDescriptions"]
    return [zone["SubnetId"] for one in new for zone in one["AvailabilityZones"]] + [subnet for one in classic for subnet in one["Subnets"]]


def in_use(subnet):
    """Whether something outside the stack lives in a subnet: moto would let it go all the same."""
    interfaces = call("describe_network_interfaces", Filters=[{"Name": "subnet-id", "Values": [subnet]}])["NetworkInterfaces"]
    by_hand = [one for one in interfaces if one["Description"].startswith(("aws-K8S-", "RDS")) or one.get("Attachment", {}).get("InstanceId")]
    return bool(by_hand) or subnet in balancers()


class Subnet:
    @staticmethod
    def create(properties):
        checked(properties["CidrBlock"])
        placed = {key: properties[key] for key in ("AvailabilityZone", "AvailabilityZoneId", "Ipv6CidrBlock") if key in properties}
        made = call("create_subnet", VpcId=properties["VpcId"], CidrBlock=properties["CidrBlock"], **placed,
                    TagSpecifications=tagged("subnet", properties))
        subnet = made["Subnet"]["SubnetId"]
        return subnet, Subnet.update(subnet, {}, properties)

    @staticmethod
    def update(subnet, old, new):
        if "MapPublicIpOnLaunch" in new:
            call("modify_subnet_attribute", SubnetId=subnet, MapPublicIpOnLaunch={"Value": truth(new["MapPublicIpOnLaunch"])})
        if "AssignIpv6AddressOnCreation" in new:
            call("modify_subnet_attribute", SubnetId=subnet, AssignIpv6AddressOnCreation={"Value": truth(new["AssignIpv6AddressOnCreation"])})
        if old and new.get("Ipv6CidrBlock") and old.get("Ipv6CidrBlock") != new["Ipv6CidrBlock"]:
            call("associate_subnet_cidr_block", SubnetId=subnet, Ipv6CidrBlock=new["Ipv6CidrBlock"])
        retag(subnet, old, new)
        standing = call("describe_subnets", SubnetIds=[subnet])["Subnets"][0]
        return {"SubnetId": subnet, "AvailabilityZone": standing["AvailabilityZone"], "CidrBlock": standing["CidrBlock"]}

    @staticmethod
    def delete(subnet, _):
        if in_use(subnet):
            raise ValueError(f"The subnet '{subnet}' has dependencies and cannot be deleted. (Service: Ec2, Status Code: 400, Error Code: DependencyViolation)")
        call("delete_subnet", SubnetId=subnet)


class InternetGateway:
    @staticmethod
    def create(properties):
        made = call("create_internet_gateway", TagSpecifications=tagged("internet-gateway", properties))
        gateway = made["InternetGateway"]["InternetGatewayId"]
        return gateway, {"InternetGatewayId": gateway}

    @staticmethod
    def update(gateway, old, new):
        retag(gateway, old, new)
        return {"InternetGatewayId": gateway}

    @staticmethod
    def delete(gateway, _):
        call("delete_internet_gateway", InternetGatewayId=gateway)


class EgressOnlyInternetGateway:
    @staticmethod
    def create(properties):
        made = call("create_egress_only_internet_gateway", VpcId=properties["VpcId"], TagSpecifications=tagged("egress-only-internet-gateway", properties))
        gateway = made["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
        return gateway, {"Id": gateway}

    @staticmethod
    def update(gateway, old, new):
        retag(gateway, old, new)
        return {"Id": gateway}

    @staticmethod
    def delete(gateway, _):
        call("delete_egress_only_internet_gateway", EgressOnlyInternetGatewayId=gateway)


class VpcGatewayAttachment:
    update = None

    @staticmethod
    def create(properties):
        if "VpnGatewayId" in properties:
            return "VGW|" + properties["VpcId"], {"AttachmentType": "VGW"}
        call("attach_internet_gateway", InternetGatewayId=properties["InternetGatewayId"], VpcId=properties["VpcId"])
        return "IGW|" + properties["VpcId"], {"AttachmentType": "IGW"}

    @staticmethod
    def delete(_, properties):
        if "VpnGatewayId" in properties:
            return
        call("detach_internet_gateway", InternetGatewayId=properties["InternetGatewayId"], VpcId=properties["VpcId"])


class ElasticIp:
    @staticmethod
    def create(properties):
        made = call("allocate_address", Domain="vpc", TagSpecifications=tagged("elastic-ip", properties))
        return made["PublicIp"], {"PublicIp": made["PublicIp"], "AllocationId": made["AllocationId"]}

    @staticmethod
    def update(address, old, new):
        allocation = call("describe_addresses", PublicIps=[address])["Addresses"][0]["AllocationId"]
        retag(allocation, old, new)
        return {"PublicIp": address, "AllocationId": allocation}

    @staticmethod
    def delete(address, _):
        for standing in call("describe_addresses", PublicIps=[address])["Addresses"]:
            call("release_address", AllocationId=standing["AllocationId"])


class NatGateway:
    @staticmethod
    def create(properties):
        wanted = {key: properties[key] for key in ("SubnetId", "AllocationId", "ConnectivityType") if key in properties}
        if properties.get("AvailabilityMode") == "regional":
            wanted["SubnetId"] = NatGateway.somewhere(properties["VpcId"])  # moto knows only zonal ones; routes to it are what matters
        made = call("create_nat_gateway", **wanted, TagSpecifications=tagged("natgateway", properties))
        gateway = made["NatGateway"]["NatGatewayId"]
        return gateway, {"NatGatewayId": gateway}

    @staticmethod
    def somewhere(vpc):
        own = call("describe_subnets", Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        return own[0]["SubnetId"] if own else call("describe_subnets")["Subnets"][0]["SubnetId"]

    @staticmethod
    def update(gateway, old, new):
        retag(gateway, old, new)
        return {"NatGatewayId": gateway}

    @staticmethod
    def delete(gateway, _):
        call("delete_nat_gateway", NatGatewayId=gateway)


class RouteTable:
    @staticmethod
    def create(properties):
        made = call("create_route_table", VpcId=properties["VpcId"], TagSpecifications=tagged("route-table", properties))
        table = made["RouteTable"]["RouteTableId"]
        return table, {"RouteTableId": table}

    @staticmethod
    def update(table, old, new):
        retag(table, old, new)
        return {"RouteTableId": table}

    @staticmethod
    def delete(table, _):
        call("delete_route_table", RouteTableId=table)


class Outside:
    """What hangs on things outside the stack that no emulator has (a transit gateway, a peering, a VPN gateway, metric math): held to its schema,
    and that is all."""

    @staticmethod
    def create(_):
        identifier = random_id("outside-")
        return identifier, {"Id": identifier}

    @staticmethod
    def update(identifier, _, __):
        return {"Id": identifier}

    @staticmethod
    def delete(_, __):
        pass


class FlowLog:
    @staticmethod
    def create(properties):
        wanted = {key: properties[key] for key in ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "DeliverLogsPermissionArn") if key in properties}
        made = call("create_flow_logs", ResourceIds=[properties["ResourceId"]], MaxAggregationInterval=int(properties["MaxAggregationInterval"]), **wanted,
                    TagSpecifications=tagged("vpc-flow-log", properties))
        if made.get("Unsuccessful"):
            raise ValueError(made["Unsuccessful"][0]["Error"]["Message"])
        return made["FlowLogIds"][0], {"Id": made["FlowLogIds"][0]}

    @staticmethod
    def update(flow_log, old, new):
        retag(flow_log, old, new)
        return {"Id": flow_log}

    @staticmethod
    def delete(flow_log, _):
        call("delete_flow_logs", FlowLogIds=[flow_log])


def permission(properties):
    """One rule as EC2's API takes it."""
    rule = {"IpProtocol": str(properties["IpProtocol"])}
    rule.update({key: int(properties[key]) for key in ("FromPort", "ToPort") if key in properties})
    words = {"Description": properties.get("Description", "")}
    group = properties.get("SourceSecurityGroupId") or properties.get("DestinationSecurityGroupId")
    if "CidrIp" in properties:
        rule["IpRanges"] = [{"CidrIp": properties["CidrIp"], **words}]
    elif "CidrIpv6" in properties:
        rule["Ipv6Ranges"] = [{"CidrIpv6": properties["CidrIpv6"], **words}]
    else:
        rule["UserIdGroupPairs"] = [{"GroupId": group, **words}]
    return rule


class SecurityGroupRule:
    """Rules in moto's groups; the cluster's own group is the EKS emulator's, which moto does not know."""

    update = None
    grant = revoke = None

    @classmethod
    def inside(cls, properties):
        groups = {one["GroupId"] for one in call("describe_security_groups")["SecurityGroups"]}
        others = (properties.get("SourceSecurityGroupId"), properties.get("DestinationSecurityGroupId"))
        return all(group in groups for group in (properties["GroupId"], *others) if group)

    @classmethod
    def create(cls, properties):
        if cls.inside(properties):
            call(cls.grant, GroupId=properties["GroupId"], IpPermissions=[permission(properties)])
        return random_id("sgr-"), {"Id": properties["GroupId"]}

    @classmethod
    def delete(cls, _, properties):
        if cls.inside(properties):
            call(cls.revoke, GroupId=properties["GroupId"], IpPermissions=[permission(properties)])


class SecurityGroupIngress(SecurityGroupRule):
    grant, revoke = "authorize_security_group_ingress", "revoke_security_group_ingress"


class SecurityGroupEgress(SecurityGroupRule):
    grant, revoke = "authorize_security_group_egress", "revoke_security_group_egress"


class NetworkAcl:
    @staticmethod
    def create(properties):
        acl = call("create_network_acl", VpcId=properties["VpcId"], TagSpecifications=tagged("network-acl", properties))["NetworkAcl"]["NetworkAclId"]
        return acl, {"Id": acl}

    @staticmethod
    def update(acl, old, new):
        retag(acl, old, new)
        return {"Id": acl}

    @staticmethod
    def delete(acl, _):
        call("delete_network_acl", NetworkAclId=acl)


class NetworkAclEntry:
    @staticmethod
    def body(properties):
        body = {"NetworkAclId": properties["NetworkAclId"], "RuleNumber": int(properties["RuleNumber"]), "Protocol": str(properties["Protocol"]),
                "RuleAction": properties["RuleAction"], "Egress": truth(properties["Egress"])}
        body.update({key: properties[key] for key in ("CidrBlock", "Ipv6CidrBlock") if key in properties})
        if "PortRange" in properties:
            body["PortRange"] = {key: int(properties["PortRange"][key]) for key in ("From", "To")}
        if "Icmp" in properties:
            body["IcmpTypeCode"] = {key: int(properties["Icmp"][key]) for key in ("Type", "Code")}
        return body

    @staticmethod
    def create(properties):
        call("create_network_acl_entry", **NetworkAclEntry.body(properties))
        return random_id("acl-entry-"), {}

    @staticmethod
    def update(_, __, new):
        call("replace_network_acl_entry", **NetworkAclEntry.body(new))
        return {}

    @staticmethod
    def delete(_, properties):
        body = NetworkAclEntry.body(properties)
        call("delete_network_acl_entry", **{key: body[key] for key in ("NetworkAclId", "RuleNumber", "Egress")})


class SubnetNetworkAclAssociation:
    update = None

    @staticmethod
    def put(subnet, acl):
        acls = call("describe_network_acls", Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"]
        own = [one for found in acls for one in found["Associations"] if one["SubnetId"] == subnet]
        return call("replace_network_acl_association", AssociationId=own[0]["NetworkAclAssociationId"], NetworkAclId=acl)["NewAssociationId"]

    @staticmethod
    def create(properties):
        association = SubnetNetworkAclAssociation.put(properties["SubnetId"], properties["NetworkAclId"])
        return association, {"AssociationId": association}

    @staticmethod
    def delete(_, properties):
        vpc = call("describe_subnets", SubnetIds=[properties["SubnetId"]])["Subnets"][0]["VpcId"]
        filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}]
        SubnetNetworkAclAssociation.put(properties["SubnetId"], call("describe_network_acls", Filters=filters)["NetworkAcls"][0]["NetworkAclId"])


class Route:
    ELSEWHERE = ("TransitGatewayId", "VpcPeeringConnectionId")

    @staticmethod
    def destination(properties):
        return {key: properties[key] for key in ("DestinationCidrBlock", "DestinationIpv6CidrBlock") if key in properties}

    @staticmethod
    def attributes(properties):
        return {"CidrBlock": next(iter(Route.destination(properties).values()))}

    @staticmethod
    def create(properties):
        if not any(key in properties for key in Route.ELSEWHERE):
            call("create_route", **properties)
        attributes = Route.attributes(properties)
        return f"{properties['RouteTableId']}|{attributes['CidrBlock']}", attributes

    @staticmethod
    def update(_, __, new):
        if not any(key in new for key in Route.ELSEWHERE):
            call("replace_route", **new)
        return Route.attributes(new)

    @staticmethod
    def delete(_, properties):
        if any(key in properties for key in Route.ELSEWHERE):
            return
        call("delete_route", RouteTableId=properties["RouteTableId"], **Route.destination(properties))


class SecurityGroup:
    @staticmethod
    def rules(properties, direction):
        return [permission(rule) for rule in properties.get(direction, [])]

    @staticmethod
    def create(properties):
        made = call("create_security_group", GroupName=random_id("eksnet-"), Description=properties["GroupDescription"], VpcId=properties["VpcId"],
                    TagSpecifications=tagged("security-group", properties))
        group = made["GroupId"]
        if properties.get("SecurityGroupEgress"):
            everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            call("revoke_security_group_egress", GroupId=group, IpPermissions=[everything])
        return group, SecurityGroup.update(group, {}, properties)

    @staticmethod
    def update(group, old, new):
        for direction, grant, revoke in (
            ("SecurityGroupIngress", "authorize_security_group_ingress", "revoke_security_group_ingress"),
            ("SecurityGroupEgress", "authorize_security_group_egress", "revoke_security_group_egress"),
        ):
            before, after = SecurityGroup.rules(old, direction), SecurityGroup.rules(new, direction)
            gone, come = [rule for rule in before if rule not in after], [rule for rule in after if rule not in before]
            if gone:
                call(revoke, GroupId=group, IpPermissions=gone)
            if come:
                call(grant, GroupId=group, IpPermissions=come)
        retag(group, old, new)
        return {"GroupId": group, "VpcId": new["VpcId"]}

    @staticmethod
    def delete(group, _):
        call("delete_security_group", GroupId=group)


class VpcEndpoint:
    LISTS = ("SubnetIds", "SecurityGroupIds", "RouteTableIds")

    @staticmethod
    def in_zones(service, subnets):
        found = call("describe_subnets", SubnetIds=sorted(subnets))["Subnets"] if subnets else []
        zones = {one["SubnetId"]: one["AvailabilityZone"] for one in found}
        region = call("describe_availability_zones")["AvailabilityZones"] if subnets else []
        refusals.endpoint_service(get_region(), service, zones, [one["ZoneName"] for one in region])
        refusals.interface_subnets(zones, sorted(subnets))

    @staticmethod
    def create(properties):
        VpcEndpoint.in_zones(properties["ServiceName"], set(properties.get("SubnetIds", [])))
        wanted = {key: properties[key] for key in ("VpcEndpointType", "VpcId", "ServiceName", *VpcEndpoint.LISTS) if key in properties}
        if "PrivateDnsEnabled" in properties:
            wanted["PrivateDnsEnabled"] = truth(properties["PrivateDnsEnabled"])
        made = call("create_vpc_endpoint", **wanted, TagSpecifications=tagged("vpc-endpoint", properties))
        endpoint = made["VpcEndpoint"]["VpcEndpointId"]
        return endpoint, {"Id": endpoint}

    @staticmethod
    def update(endpoint, old, new):
        # New subnets are added while the old ones are there.
        VpcEndpoint.in_zones(new["ServiceName"], {*old.get("SubnetIds", []), *new.get("SubnetIds", [])})
        changes = {}
        for name in VpcEndpoint.LISTS:
            before, after = set(old.get(name, [])), set(new.get(name, []))
            if after - before:
                changes["Add" + name] = sorted(after - before)
            if before - after:
                changes["Remove" + name] = sorted(before - after)
        if changes:
            call("modify_vpc_endpoint", VpcEndpointId=endpoint, **changes)
        retag(endpoint, old, new)
        return {"Id": endpoint}

    @staticmethod
    def delete(endpoint, _):
        call("delete_vpc_endpoints", VpcEndpointIds=[endpoint])


class SubnetCidrReservation:
    update = None

    @staticmethod
    def create(properties):
        wanted = ipaddress.ip_network(properties["Cidr"])
        for old in call("get_subnet_cidr_reservations", SubnetId=properties["SubnetId"])["SubnetIpv4CidrReservations"]:
            if wanted.overlaps(ipaddress.ip_network(old["Cidr"])):
                # CloudFormation deletes one of these before it makes the one in its place; ministack makes first.
                call("delete_subnet_cidr_reservation", SubnetCidrReservationId=old["SubnetCidrReservationId"])
        made = call("create_subnet_cidr_reservation", SubnetId=properties["SubnetId"], Cidr=properties["Cidr"],
                    ReservationType=properties["ReservationType"], Description=properties.get("Description", ""))
        reservation = made["SubnetCidrReservation"]["SubnetCidrReservationId"]
        return reservation, {"SubnetCidrReservationId": reservation}

    @staticmethod
    def delete(reservation, _):
        call("delete_subnet_cidr_reservation", SubnetCidrReservationId=reservation)


class SubnetRouteTableAssociation:
    update = None

    @staticmethod
    def create(properties):
        made = call("associate_route_table", SubnetId=properties["SubnetId"], RouteTableId=properties["RouteTableId"])
        return made["AssociationId"], {"Id": made["AssociationId"]}

    @staticmethod
    def delete(association, _):
        call("disassociate_route_table", AssociationId=association)


HANDLERS = {
    "AWS::EC2::VPC": Vpc,
    "AWS::EC2::VPCCidrBlock": VpcCidrBlock,
    "AWS::EC2::Subnet": Subnet,
    "AWS::EC2::InternetGateway": InternetGateway,
    "AWS::EC2::EgressOnlyInternetGateway": EgressOnlyInternetGateway,
    "AWS::EC2::VPCGatewayAttachment": VpcGatewayAttachment,
    "AWS::EC2::EIP": ElasticIp,
    "AWS::EC2::NatGateway": NatGateway,
    "AWS::EC2::RouteTable": RouteTable,
    "AWS::EC2::Route": Route,
    "AWS::EC2::FlowLog": FlowLog,
    "AWS::EC2::TransitGatewayAttachment": Outside,
    "AWS::EC2::TransitGatewayRouteTableAssociation": Outside,
    "AWS::EC2::TransitGatewayRoute": Outside,
    "AWS::EC2::VPNGatewayRoutePropagation": Outside,
    "AWS::CloudWatch::Alarm": Outside,  # ministack knows no metric math
    "AWS::EC2::SecurityGroupIngress": SecurityGroupIngress,
    "AWS::EC2::SecurityGroupEgress": SecurityGroupEgress,
    "AWS::EC2::NetworkAcl": NetworkAcl,
    "AWS::EC2::NetworkAclEntry": NetworkAclEntry,
    "AWS::EC2::SubnetNetworkAclAssociation": SubnetNetworkAclAssociation,
    "AWS::EC2::SecurityGroup": SecurityGroup,
    "AWS::EC2::SubnetCidrReservation": SubnetCidrReservation,
    "AWS::EC2::VPCEndpoint": VpcEndpoint,
    "AWS::EC2::SubnetRouteTableAssociation": SubnetRouteTableAssociation,
}
