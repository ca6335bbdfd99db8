"""What AWS refuses, in its own words: pure functions over properties, so that they are tested without a server.

Sources: EKS, EC2 and CloudFormation user guides and API references; public reports of the messages (aws-cdk 16644, 13602, 29393, 6084;
containers-roadmap 497; cloudformation-coverage-roadmap 702, 1326; terraform-provider-aws 10934), read 2026-11-27."""

import json

MIXED = "Version and ReleaseVersion updates cannot be combined with other updates"
ROLLED_ALONE = ("Version", "ReleaseVersion", "LaunchTemplate")
RESERVED_LABELS = ("kubernetes.io/", "k8s.io/", "eks.amazonaws.com/")
# Services that Regions opened since 2024 do not have.
WITHOUT = {"ec2messages": ("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ap-east-2", "mx-central-1")}


class Refused(ValueError):
    pass


def eks(words):
    return Refused(f"{words} (Service: Eks, Status Code: 400)")


def ec2(words, code):
    return Refused(f"{words} (Service: Ec2, Status Code: 400, Error Code: {code})")


def changed(old, new):
    """Names of properties that differ."""
    return {name for name in {*old, *new} if old.get(name) != new.get(name)}


def reserved_labels(properties):
    if any(label.startswith(RESERVED_LABELS) for label in properties.get("Labels") or {}):
        raise eks("Label cannot contain reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]")


def mixed_node_group_update(old, new):
    """New nodes (version, launch template) are one kind of update, everything else another."""
    names = changed(old, new)
    rolled = names.intersection(ROLLED_ALONE)
    if rolled and names - rolled:
        raise eks(MIXED)


def removed_nodes(before, scaling):
    """How many nodes a desired size takes away from what the autoscaler made of the group."""
    return max(0, before - int((scaling or {}).get("DesiredSize", before)))


def minor(version):
    return int(str(version).split(".")[1])


def version_update(old, new):
    before, after = old.get("Version"), new.get("Version")
    if before and after and minor(after) - minor(before) not in (0, 1):
        raise eks(f"Unsupported Kubernetes minor version update from {before} to {after}")


# "When updating a resource, you must include these properties if the previous CloudFormation template of the resource had them" (CloudFormation
# template reference, AWS::EKS::Cluster ResourcesVpcConfig and Logging). Auto Mode is switched off by `Enabled: false`, not by blocks that are
# missing (terraform-aws-eks 3513).
KEPT_OF_A_CLUSTER = (
    ("ResourcesVpcConfig", "EndpointPrivateAccess"), ("ResourcesVpcConfig", "EndpointPublicAccess"), ("ResourcesVpcConfig", "PublicAccessCidrs"),
    ("Logging",), ("ComputeConfig",), ("StorageConfig",), ("KubernetesNetworkConfig", "ElasticLoadBalancing"),
)


def dropped_properties(old, new):
    """What a cluster once had is said in every later template."""
    def at(properties, path):
        for name in path:
            properties = (properties or {}).get(name)
        return properties
    for path in KEPT_OF_A_CLUSTER:
        if at(old, path) is not None and at(new, path) is None:
            raise eks(f"{'/'.join(path)} must be included, because the previous template of the resource had it")


def access_entry_update(old, new):
    """Policies are associated with any entry; everything else is changed of STANDARD ones only."""
    typed = old.get("Type", "STANDARD") != "STANDARD"
    if typed and changed(old, new) - {"AccessPolicies"}:
        raise eks('This operation can only be performed on Access Entries with a type of "STANDARD"')


def cluster_deletion(name, node_groups, profiles):
    if node_groups:
        raise eks(f"Cluster has nodegroups attached: {', '.join(node_groups)}")
    if profiles:
        raise eks(f"Cluster has Fargate profiles attached: {', '.join(profiles)}")


def fargate_profile(cluster, standing):
    """`standing`: status by profile name."""
    busy = [(name, status) for name, status in standing.items() if status in ("CREATING", "DELETING")]
    if busy:
        raise eks(f"Cannot create or delete a Fargate profile because cluster {cluster} currently has Fargate profile {busy[0][0]} in status {busy[0][1]}")


def needs(resource):
    """Logical ids that a resource of a template waits for itself."""
    found = set()

    def walk(value):
        if isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            if isinstance(value.get("Ref"), str):
                found.add(value["Ref"])
            if isinstance(value.get("Fn::GetAtt"), list):
                found.add(value["Fn::GetAtt"][0])
            for item in value.values():
                walk(item)

    walk(resource.get("Properties", {}))
    waits = resource.get("DependsOn", [])
    return found | set([waits] if isinstance(waits, str) else waits)


def comes_before(first_id, second_id, resources):
    """Whether the second waits for the first, through others or not."""
    open_ids, seen = [second_id], set()
    while open_ids:
        one = open_ids.pop()
        if one == first_id:
            return True
        if one not in seen and one in resources:
            seen.add(one)
            open_ids.extend(needs(resources[one]))
    return False


def profiles_at_once(logical_id, resources, standing):
    """CloudFormation makes at the same time whatever does not wait for each other."""
    for other, resource in resources.items():
        if resource["Type"] != "AWS::EKS::FargateProfile" or other == logical_id or other in standing:
            continue
        if not comes_before(other, logical_id, resources) and not comes_before(logical_id, other, resources):
            raise eks(f"Cannot create Fargate Profile {logical_id} because cluster currently has Fargate profile {other} in status CREATING")


def has_endpoint_service(region, service):
    """A name with `0bad` in it is of no service."""
    short = service.rsplit(f".{region}.", 1)[-1]
    return region not in WITHOUT.get(short, ()) and "0bad" not in short


def endpoint_zones(service, zones):
    """Zones of the Region that a service is in; one with `0one` in its name is in the first alone."""
    return sorted(zones)[:1] if "0one" in service else sorted(zones)


def endpoint_service(region, service, subnets=(), zones=()):
    """`subnets`: zone by subnet; `zones`: all of the Region."""
    if not has_endpoint_service(region, service):
        raise ec2(f"The Vpc Endpoint Service '{service}' does not exist", "InvalidServiceName")
    for subnet, zone in dict(subnets).items():
        if zone not in endpoint_zones(service, zones):
            raise ec2(f"The VPC endpoint service {service} does not support the availability zone of the subnet: {subnet}.", "InvalidParameter")


def interface_subnets(zones, subnets):
    """An interface endpoint has one subnet in a zone. `zones`: zone by subnet."""
    seen = {}
    for subnet in subnets:
        other = seen.setdefault(zones.get(subnet, subnet), subnet)
        if other != subnet:
            raise ec2("Found another VPC endpoint subnet in the availability zone", "DuplicateSubnetsInSameZone")


def first(properties, names):
    return next((properties[name] for name in names if properties.get(name) is not None), None)


PEERS = ("CidrIp", "CidrIpv6", "SourcePrefixListId", "DestinationPrefixListId", "SourceSecurityGroupId", "DestinationSecurityGroupId")
RULE = [("GroupId",), ("IpProtocol",), ("FromPort",), ("ToPort",), PEERS]
# (parts, each the first of these that is set; parts that may be absent; words; code)
KEYS = {
    "AWS::EC2::Route": ([("RouteTableId",), ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")],
                        "The route identified by {1} already exists", "RouteAlreadyExists"),
    "AWS::EC2::SecurityGroupIngress": (RULE, "the specified rule already exists", "InvalidPermission.Duplicate"),
    "AWS::EC2::SecurityGroupEgress": (RULE, "the specified rule already exists", "InvalidPermission.Duplicate"),
    "AWS::EC2::SubnetRouteTableAssociation": ([("SubnetId",)], "the specified association for subnet {0} conflicts with an existing association", "Resource.AlreadyAssociated"),
    "AWS::EC2::NetworkAclEntry": ([("NetworkAclId",), ("Egress",), ("RuleNumber",)], "The network acl entry identified by {2} already exists", "NetworkAclEntryAlreadyExists"),
    "AWS::EC2::TransitGatewayAttachment": ([("TransitGatewayId",), ("VpcId",)], "{0} has non-deleted VPC Attachments with same VPC ID", "DuplicateTransitGatewayAttachment"),
    "AWS::EC2::TransitGatewayRouteTableAssociation": ([("TransitGatewayAttachmentId",)], "Transit Gateway Attachment {0} is already associated to a route table", "Resource.AlreadyAssociated"),
    "AWS::EC2::TransitGatewayRoute": ([("TransitGatewayRouteTableId",), ("DestinationCidrBlock",)], "route {1} already exists in {0}", "RouteAlreadyExists"),
    "AWS::EC2::FlowLog": ([("ResourceId",), ("TrafficType",), ("LogDestination",)], "There is an existing Flow Log with the same configuration and log destination", "FlowLogAlreadyExists"),
    "AWS::EC2::EgressOnlyInternetGateway": ([("VpcId",)], "{0} has an egress-only internet gateway", "EgressOnlyInternetGatewayLimitExceeded"),
    "AWS::EC2::VPCEndpoint": ([("VpcId",), ("ServiceName",), ("VpcEndpointType",)], "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {1} in the VPC {0}", "InvalidParameter"),
    "AWS::EKS::Addon": ([("ClusterName",), ("AddonName",)], "Addon already exists.", "ResourceInUseException"),
    "AWS::EKS::AccessEntry": ([("ClusterName",), ("PrincipalArn",)], "The specified access entry resource is already in use on this cluster.", "ResourceInUseException"),
    "AWS::EKS::PodIdentityAssociation": ([("ClusterName",), ("Namespace",), ("ServiceAccount",)], "Association already exists: {1}/{2}", "ResourceInUseException"),
    "AWS::IAM::OIDCProvider": ([("Url",)], "Provider with url {0} already exists.", "EntityAlreadyExists"),
}
OPTIONAL = ("FromPort", "ToPort")


def key(kind, properties):
    """What only one resource may have; nothing where the type has no such thing, or a part of it is not set."""
    if kind not in KEYS:
        return None
    # Only names of a private zone clash: gateways, and interfaces without one, may stand side by side.
    if kind == "AWS::EC2::VPCEndpoint" and str(properties.get("PrivateDnsEnabled", False)).lower() != "true":
        return None
    found = []
    for names in KEYS[kind][0]:
        value = first(properties, names)
        if value is None and names[0] not in OPTIONAL:
            return None
        found.append(value if isinstance(value, str) else json.dumps(value, sort_keys=True))
    return (kind, *found)


class Held:
    """Keys by who has them, for one Region of one emulator."""

    def __init__(self):
        self.by_key = {}

    def take(self, taken, holder):
        if taken is None:
            return
        if taken in self.by_key:
            _, words, code = KEYS[taken[0]]
            service = "Eks" if taken[0].startswith("AWS::EKS") else "Iam" if taken[0].startswith("AWS::IAM") else "Ec2"
            raise Refused(f"{words.format(*taken[1:])} (Service: {service}, Status Code: 400, Error Code: {code})")
        self.by_key[taken] = holder

    def give_back(self, taken, holder):
        if taken is not None and self.by_key.get(taken) == holder:
            del self.by_key[taken]

    def clear(self):
        self.by_key.clear()
