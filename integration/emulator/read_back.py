#!/usr/bin/env python3
"""What exists, read through the EC2 and EKS APIs with another SDK than eksnet's. Prints one JSON document.

usage: read_back.py REGION MOTO_URL PLANE_URL CLUSTER
"""

import json
import sys

import boto3


def client(service, region, url):
    return boto3.client(service, endpoint_url=url, region_name=region, aws_access_key_id="123456789012", aws_secret_access_key="test")


def tags(item):
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", []) if not tag["Key"].startswith("aws:")}


def target(route):
    return next((route[key] for key in ("GatewayId", "NatGatewayId", "EgressOnlyInternetGatewayId") if route.get(key)), None)


def network(ec2):
    vpcs = [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
    ids = [vpc["VpcId"] for vpc in vpcs]
    tables = [table for table in ec2.describe_route_tables()["RouteTables"] if table["VpcId"] in ids]
    by_subnet = {one["SubnetId"]: table for table in tables for one in table["Associations"] if one.get("SubnetId")}
    nats = [nat for nat in ec2.describe_nat_gateways()["NatGateways"] if nat["VpcId"] in ids and nat["State"] != "deleted"]
    subnets = []
    for subnet in ec2.describe_subnets()["Subnets"]:
        if subnet["VpcId"] not in ids:
            continue
        table = by_subnet.get(subnet["SubnetId"])
        routes = (table or {"Routes": []})["Routes"]
        default = next((target(route) for route in routes if route.get("DestinationCidrBlock") == "0.0.0.0/0"), None)
        default6 = next((target(route) for route in routes if route.get("DestinationIpv6CidrBlock") == "::/0"), None)
        subnets.append({
            "id": subnet["SubnetId"], "cidr": subnet["CidrBlock"], "zone": subnet["AvailabilityZoneId"], "zoneName": subnet["AvailabilityZone"], "public": subnet["MapPublicIpOnLaunch"],
            "tags": tags(subnet), "table": table and table["RouteTableId"], "default": default, "default6": default6,
            "cidr6": next((one["Ipv6CidrBlock"] for one in subnet["Ipv6CidrBlockAssociationSet"]), None),
            "reserved": sorted(one["Cidr"] for one in ec2.get_subnet_cidr_reservations(SubnetId=subnet["SubnetId"])["SubnetIpv4CidrReservations"]),
            "assigns6": subnet.get("AssignIpv6AddressOnCreation"),
        })
    dns = lambda vpc, name: ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name)
    return {
        "vpcs": [{
            "id": vpc["VpcId"], "tags": tags(vpc),
            "cidrs": sorted(one["CidrBlock"] for one in vpc["CidrBlockAssociationSet"] if one["CidrBlockState"]["State"] == "associated"),
            "dnsSupport": dns(vpc["VpcId"], "enableDnsSupport")["EnableDnsSupport"]["Value"],
            "dnsHostnames": dns(vpc["VpcId"], "enableDnsHostnames")["EnableDnsHostnames"]["Value"],
        } for vpc in vpcs],
        "cidrs6": [one["Ipv6CidrBlock"] for vpc in vpcs for one in vpc.get("Ipv6CidrBlockAssociationSet", []) if one["Ipv6CidrBlockState"]["State"] == "associated"],
        "egressOnlyGateways": [gateway["EgressOnlyInternetGatewayId"] for gateway in ec2.describe_egress_only_internet_gateways()["EgressOnlyInternetGateways"]],
        "subnets": subnets,
        "natGateways": [{"id": nat["NatGatewayId"], "subnet": nat["SubnetId"]} for nat in nats],
        "endpoints": sorted(({
            "service": one["ServiceName"], "kind": one["VpcEndpointType"], "subnets": sorted(one.get("SubnetIds", [])),
            "tables": sorted(one.get("RouteTableIds", [])), "groups": [group["GroupId"] for group in one.get("Groups", [])],
        } for one in ec2.describe_vpc_endpoints()["VpcEndpoints"] if one["VpcId"] in ids and one["State"] != "deleted"), key=lambda one: one["service"]),
        "securityGroups": [{
            "name": tags(group).get("Name"),
            "ingress": sorted(f"{rule['IpProtocol']} {rule.get('FromPort')} {one['CidrIp']}" for rule in group["IpPermissions"] for one in rule["IpRanges"]),
            "egress": sorted(f"{rule['IpProtocol']} {rule.get('FromPort')} {one['CidrIp']}" for rule in group["IpPermissionsEgress"] for one in rule["IpRanges"]),
            "peers": len([one for rule in group["IpPermissions"] + group["IpPermissionsEgress"] for one in rule["UserIdGroupPairs"]]),
        } for group in ec2.describe_security_groups()["SecurityGroups"] if group.get("VpcId") in ids and group["GroupName"] != "default"],
        "defaultGroups": [len(group["IpPermissions"]) + len(group["IpPermissionsEgress"]) for group in ec2.describe_security_groups()["SecurityGroups"]
                          if group.get("VpcId") in ids and group["GroupName"] == "default"],
        "networkAcls": [{
            "subnets": sorted(one["SubnetId"] for one in acl["Associations"]),
            "rules": sorted(f"{'out' if entry['Egress'] else 'in'} {entry['RuleNumber']} {entry['Protocol']} {entry.get('CidrBlock')}"
                            for entry in acl["Entries"] if entry["RuleNumber"] < 32767),
        } for acl in ec2.describe_network_acls()["NetworkAcls"] if acl["VpcId"] in ids and not acl["IsDefault"]],
        "countsUnits": [dns(vpc, "enableNetworkAddressUsageMetrics")["EnableNetworkAddressUsageMetrics"]["Value"] for vpc in ids],
        "elasticIps": len(ec2.describe_addresses()["Addresses"]),
        "internetGateways": [gateway["InternetGatewayId"] for gateway in ec2.describe_internet_gateways()["InternetGateways"]
                             if any(one["VpcId"] in ids for one in gateway["Attachments"])],
    }


def cluster(eks, name):
    if name not in eks.list_clusters()["clusters"]:
        return None
    one = eks.describe_cluster(name=name)["cluster"]
    groups = [eks.describe_nodegroup(clusterName=name, nodegroupName=group)["nodegroup"] for group in eks.list_nodegroups(clusterName=name)["nodegroups"]]
    addons = [eks.describe_addon(clusterName=name, addonName=addon)["addon"] for addon in eks.list_addons(clusterName=name)["addons"]]
    access = one["resourcesVpcConfig"]
    return {
        "version": one["version"], "subnets": sorted(access["subnetIds"]), "serviceCidr": one["kubernetesNetworkConfig"].get("serviceIpv4Cidr"),
        "family": one["kubernetesNetworkConfig"].get("ipFamily"),
        "private": access["endpointPrivateAccess"], "public": access["endpointPublicAccess"], "publicCidrs": access["publicAccessCidrs"],
        "logging": sorted(kind for row in one["logging"]["clusterLogging"] if row["enabled"] for kind in row["types"]),
        "addons": {addon["addonName"]: addon.get("configurationValues", "") for addon in addons},
        "principals": eks.list_access_entries(clusterName=name)["accessEntries"],
        "nodeGroups": [{"subnets": sorted(group["subnets"]), "types": group["instanceTypes"], "scaling": group["scalingConfig"]} for group in groups],
    }


def main(region, moto, plane, name):
    print(json.dumps({**network(client("ec2", region, moto)), "cluster": cluster(client("eks", region, plane), name)}))


main(*sys.argv[1:])
