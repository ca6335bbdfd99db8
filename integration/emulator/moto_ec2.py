#!/usr/bin/env python3
"""moto's server with the actions and words that it lacks and eksnet reads."""

import ipaddress
import itertools
import os
import sys

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.subnets import Subnet
from moto.ec2.responses.elastic_network_interfaces import ElasticNetworkInterfaces
from moto.ec2.responses.subnets import Subnets
from moto.ec2.responses.transit_gateways import TransitGateways
from moto.ec2.responses.virtual_private_gateways import VirtualPrivateGateways
from moto.ec2.responses.vpcs import VPCs
from moto.server import main
from moto.servicequotas.models import ServiceQuotasBackend

import refusals


def describe_vpc_block_public_access_options(_):
    return ActionResult({"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off", "State": "default-state"}})


def describe_vpc_endpoint_services(self):
    """Whatever service is asked for by a filter, but those that AWS lacks; moto's own list is shorter than AWS's."""
    asked = [name for one in self._get_param("Filters", []) if one["Name"] == "service-name" for name in one.get("Values") or one.get("Value")]
    zones = [zone.name for zone in self.ec2_backend.describe_availability_zones(None)]
    found = []
    for name in filter(lambda name: refusals.has_endpoint_service(self.region, name), asked):
        kinds = ["Gateway"] if name.endswith((".dynamodb", ".s3express")) else ["Gateway", "Interface"] if name.endswith(".s3") else ["Interface"]
        found += [{"ServiceName": name, "ServiceType": [{"ServiceType": kind}], "AvailabilityZones": refusals.endpoint_zones(name, zones)} for kind in kinds]
    return ActionResult({"ServiceNames": [one["ServiceName"] for one in found], "ServiceDetails": found})


def with_description(create):
    """EC2 keeps a reservation's description; moto forgets it."""
    def create_and_describe(self):
        answer = create(self)
        answer.result["SubnetCidrReservation"].description = self._get_param("Description")
        return answer
    return create_and_describe


def free_prefixes(backend, subnet):
    """Whole /28 blocks of a subnet in which nothing has an address; EC2 keeps the first four addresses and the last."""
    here = [eni for eni in backend.enis.values() if eni.subnet.id == subnet.id]
    taken = {ipaddress.ip_network(one["Ipv4Prefix"]) for eni in here for one in getattr(eni, "ipv4_prefixes", None) or []}
    used = {ipaddress.ip_address(address) for address in subnet._subnet_ips}
    used |= {subnet.cidr[number] for number in (0, 1, 2, 3, -1)}
    for block in subnet.cidr.subnets(new_prefix=28):
        if block not in taken and not any(address in block for address in used):
            yield block


def with_prefixes(create):
    """Prefixes of an interface, which moto forgets: as many as are asked for, or those."""
    def create_with_prefixes(self):
        wanted = [one["Ipv4Prefix"] for one in self._get_param("Ipv4Prefixes", [])]
        count = self._get_int_param("Ipv4PrefixCount", 0)
        answer = create(self)
        eni = answer.result["NetworkInterface"]
        free = free_prefixes(self.ec2_backend, eni.subnet)
        wanted += [str(block) for block in itertools.islice(free, count)]
        eni.ipv4_prefixes = [{"Ipv4Prefix": prefix} for prefix in wanted]
        return answer
    return create_with_prefixes


def without_prefixes(count):
    """What is in a prefix is not free."""
    def left(self):
        here = [eni for eni in self.ec2_backend.enis.values() if eni.subnet.id == self.id]
        return count.fget(self) - sum(16 for eni in here for _ in getattr(eni, "ipv4_prefixes", None) or [])
    return property(left)


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


class Pool:
    """An IPAM pool, which moto lacks: first fit, one range for one token, allocations that are kept until they are released.
    A token that was used before gives what it gave, released or not."""

    def __init__(self, name, cidr):
        self.name, self.cidr, self.given, self.spent, self.made = name, ipaddress.ip_network(cidr), {}, {}, 0

    def give(self, token, length, description, kind, resource="", disallowed=()):
        if token in self.given:
            return self.given[token]
        if token in self.spent:
            return self.spent[token]
        taken = [ipaddress.ip_network(one["Cidr"]) for one in self.given.values()] + [ipaddress.ip_network(one) for one in disallowed]
        blocks = self.cidr.subnets(new_prefix=length) if self.cidr.prefixlen <= length else ()
        free = next((net for net in blocks if not any(net.overlaps(other) for other in taken)), None)
        if free is None:
            raise EC2ClientError("InsufficientCidrBlocks", f"The pool {self.name} has no free /{length}")
        self.made += 1
        one = {"Cidr": str(free), "IpamPoolAllocationId": f"ipam-pool-alloc-{self.made:017x}", "Description": description,
               "ResourceType": kind, "ResourceId": resource}
        self.given[token] = one
        return one

    def described(self, region):
        return {"IpamPoolId": self.name, "State": "create-complete", "Locale": region, "AddressFamily": "ipv4",
                "AllocationMinNetmaskLength": 12, "AllocationMaxNetmaskLength": 28}


def pool(backend, name):
    """The second octet of a pool's range ends its id: `ipam-pool-…052` has 10.52.0.0/14, `…320` has 100.64.0.0/14. An id with `0bad` in it is nobody's."""
    if "0bad" in name:
        raise EC2ClientError("InvalidIpamPoolId.NotFound", f"The ipam-pool ID '{name}' does not exist")
    pools = backend.__dict__.setdefault("ipam_pools", {})
    if name not in pools:
        octet = int(name[-3:])
        pools[name] = Pool(name, f"10.{octet}.0.0/14" if octet < 256 else f"100.{octet - 256}.0.0/14")
    return pools[name]


def describe_ipam_pools(self):
    return ActionResult({"IpamPools": [pool(self.ec2_backend, name).described(self.region) for name in self._get_param("IpamPoolIds", [])]})


def get_ipam_pool_cidrs(self):
    own = pool(self.ec2_backend, self._get_param("IpamPoolId"))
    return ActionResult({"IpamPoolCidrs": [{"Cidr": str(own.cidr), "State": "provisioned"}]})


def get_ipam_pool_allocations(self):
    return ActionResult({"IpamPoolAllocations": list(pool(self.ec2_backend, self._get_param("IpamPoolId")).given.values())})


def allocate_ipam_pool_cidr(self):
    own = pool(self.ec2_backend, self._get_param("IpamPoolId"))
    one = own.give(self._get_param("ClientToken"), int(self._get_param("NetmaskLength")), self._get_param("Description", ""), "custom",
                   disallowed=self._get_param("DisallowedCidrs", []))
    return ActionResult({"IpamPoolAllocation": one})


def release_ipam_pool_allocation(self):
    own = pool(self.ec2_backend, self._get_param("IpamPoolId"))
    gone = self._get_param("IpamPoolAllocationId")
    if not any(one["IpamPoolAllocationId"] == gone for one in own.given.values()):
        raise EC2ClientError("InvalidIpamPoolAllocationId.NotFound", f"The allocation ID '{gone}' does not exist")
    own.spent |= {token: one for token, one in own.given.items() if one["IpamPoolAllocationId"] == gone}
    own.given = {token: one for token, one in own.given.items() if one["IpamPoolAllocationId"] != gone}
    return ActionResult({"Success": True})


for action in (describe_ipam_pools, get_ipam_pool_cidrs, get_ipam_pool_allocations, allocate_ipam_pool_cidr, release_ipam_pool_allocation):
    setattr(VPCs, action.__name__, action)


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
VPCs.describe_vpc_endpoint_services = describe_vpc_endpoint_services
VPCs.describe_vpc_block_public_access_options = describe_vpc_block_public_access_options
VPCs.describe_vpc_block_public_access_exclusions = lambda _: ActionResult({"VpcBlockPublicAccessExclusions": []})
ElasticNetworkInterfaces.create_network_interface = with_prefixes(ElasticNetworkInterfaces.create_network_interface)
Subnet.available_ip_address_count = without_prefixes(Subnet.available_ip_address_count)
Subnets.create_subnet_cidr_reservation = with_description(Subnets.create_subnet_cidr_reservation)

if __name__ == "__main__":
    sys.exit(main())
