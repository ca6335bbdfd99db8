#!/usr/bin/env python3
"""moto's server with the actions and words that it lacks and eksnet reads."""

import os
import sys

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.responses.subnets import Subnets
from moto.ec2.responses.transit_gateways import TransitGateways
from moto.ec2.responses.virtual_private_gateways import VirtualPrivateGateways
from moto.ec2.responses.vpcs import VPCs
from moto.server import main
from moto.servicequotas.models import ServiceQuotasBackend


def describe_vpc_block_public_access_options(_):
    return ActionResult({"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off", "State": "default-state"}})


def with_description(create):
    """EC2 keeps a reservation's description; moto forgets it."""
    def create_and_describe(self):
        answer = create(self)
        answer.result["SubnetCidrReservation"].description = self._get_param("Description")
        return answer
    return create_and_describe


def with_others(describe, ids, key, one):
    """Gateways that others made stand outside of the emulated account: any id that nobody made here is theirs, and is usable. An id with `0bad` in
    it is nobody's."""
    def describe_all(self):
        answer = describe(self)
        found = answer.result[key]
        known = {getattr(gateway, "id", None) for gateway in found}
        asked = self._get_param(ids, [])
        others = [one(name) for name in asked if name not in known and "0bad" not in name]
        answer.result[key] = list(found) + others
        return answer
    return describe_all


def transit_gateway(name):
    return {"TransitGatewayId": name, "State": "available", "OwnerId": "123456789012", "Options": {
        "AutoAcceptSharedAttachments": "disable", "DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable"}}


def vpn_gateway(name):
    return {"VpnGatewayId": name, "State": "available", "Type": "ipsec.1", "VpcAttachments": []}


def clusters_groups_exist(exist):
    """A cluster's own group is the EKS emulator's: it takes tags although nobody made it here. An id with `0bad` in it is nobody's."""
    def all_exist(self, ids):
        made = {group for groups in self.groups.values() for group in groups}
        return exist(self, [name for name in ids if not name.startswith("sg-") or name in made or "0bad" in name])
    return all_exist


def with_more(get):
    """Quotas of other services than the VPC's, at a demo's pace only: the tests read them as missing."""
    def found(self, service_code, quota_code):
        if service_code == "vpc":
            return get(self, service_code, quota_code)
        return {"ServiceCode": service_code, "QuotaCode": quota_code, "Value": 1000.0, "Adjustable": True, "GlobalQuota": False}
    return found


if os.environ.get("PACE", "0") != "0":
    ServiceQuotasBackend.get_service_quota = with_more(ServiceQuotasBackend.get_service_quota)
EC2Backend.do_resources_exist = clusters_groups_exist(EC2Backend.do_resources_exist)
TransitGateways.describe_transit_gateways = with_others(
    TransitGateways.describe_transit_gateways, "TransitGatewayIds", "TransitGateways", transit_gateway)
VirtualPrivateGateways.describe_vpn_gateways = with_others(
    VirtualPrivateGateways.describe_vpn_gateways, "VpnGatewayIds", "VpnGateways", vpn_gateway)
VPCs.describe_vpc_block_public_access_options = describe_vpc_block_public_access_options
VPCs.describe_vpc_block_public_access_exclusions = lambda _: ActionResult({"VpcBlockPublicAccessExclusions": []})
Subnets.create_subnet_cidr_reservation = with_description(Subnets.create_subnet_cidr_reservation)

if __name__ == "__main__":
    sys.exit(main())
