#!/usr/bin/env python3
"""A healthy cluster on the emulated EC2 and EKS and a real Kubernetes API, and what makes it sick in one place.

usage: worlds.py REGION MOTO_URL PLANE_URL FOLDER KUBERNETES_URL TOKEN

Prints one line of JSON for each world once it stands, `{"world": NAME, "roots": [ID]}`, and goes on when a line comes in.
"""

import contextlib
import ipaddress
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request

import boto3

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/nodes"
PULL = "AmazonEC2ContainerRegistryPullOnly"
ANYWHERE = "0.0.0.0/0"
HOME = "10.0.0.0/16"
ZONES = ("eu-west-1a", "eu-west-1b")
PATHS = {
    "Namespace": "/api/v1/namespaces", "Node": "/api/v1/nodes", "Pod": "/api/v1/namespaces/{}/pods",
    "Service": "/api/v1/namespaces/{}/services", "Event": "/api/v1/namespaces/{}/events",
    "ControllerRevision": "/apis/apps/v1/namespaces/{}/controllerrevisions",
    "DaemonSet": "/apis/apps/v1/namespaces/{}/daemonsets", "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "EndpointSlice": "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "ENIConfig": "/apis/crd.k8s.amazonaws.com/v1alpha1/eniconfigs",
    "ValidatingWebhookConfiguration": "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
}
GROUPS = {
    "ControllerRevision": "apps/v1", "DaemonSet": "apps/v1", "Deployment": "apps/v1", "EndpointSlice": "discovery.k8s.io/v1", "NetworkPolicy": "networking.k8s.io/v1",
    "ENIConfig": "crd.k8s.amazonaws.com/v1alpha1", "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
}


class Kubernetes:
    def __init__(self, url, token):
        self.url, self.token, self.made = url, token, []
        self.anyone = ssl._create_unverified_context()

    def call(self, method, path, body=None, kind="application/json"):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, context=self.anyone) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if method == "DELETE":
                return None
            raise SystemExit(f"{method} {path}: {error.read().decode()}") from error

    def path(self, kind, name, namespace="kube-system"):
        return f"{PATHS[kind].format(namespace)}/{name}"

    def put(self, kind, name, namespace="kube-system", status=None, labels=None, owners=(), **fields):
        spaced = {"namespace": namespace} if "{}" in PATHS[kind] else {}
        path = self.path(kind, name, namespace)
        # Nobody ends a namespace here.
        if path not in self.made and kind != "Namespace":
            self.made.append(path)
        body = {"apiVersion": GROUPS.get(kind, "v1"), "kind": kind, "metadata": {"name": name, "labels": labels or {}, "ownerReferences": list(owners), **spaced}, **fields}
        self.call("PATCH", f"{path}?fieldManager=world&force=true", body, "application/apply-patch+yaml")
        if status is not None:
            self.status(path, status)

    def status(self, path, status):
        self.call("PATCH", f"{path}/status", {"status": status}, "application/merge-patch+json")

    def remove(self, path):
        self.call("DELETE", f"{path}?gracePeriodSeconds=0")


class World:
    """What stands, by name."""

    def __init__(self, region, moto, plane, folder, url, token):
        client = lambda service, endpoint: boto3.client(
            service, endpoint_url=endpoint, region_name=region, aws_access_key_id=ACCOUNT, aws_secret_access_key="test")
        self.ec2, self.eks, self.api = client("ec2", moto), client("eks", plane), Kubernetes(url, token)
        self.iam = client("iam", plane)
        self.folder, self.subnets, self.tables, self.nats, self.nodes = folder, {}, {}, [], []

    def build(self):
        self.network()
        self.cluster()
        self.machines()
        self.objects()

    def tell(self, changes):
        """What EKS answers beside what the emulator has."""
        with open(os.path.join(self.folder, "eks.json"), "w", encoding="utf-8") as file:
            json.dump(changes, file)

    def network(self):
        ec2 = self.ec2
        self.vpc = ec2.create_vpc(CidrBlock=HOME)["Vpc"]["VpcId"]
        for name in ("EnableDnsSupport", "EnableDnsHostnames"):
            ec2.modify_vpc_attribute(VpcId=self.vpc, **{name: {"Value": True}})
        options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}])
        ec2.associate_dhcp_options(DhcpOptionsId=options["DhcpOptions"]["DhcpOptionsId"], VpcId=self.vpc)
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        for zone, zone_name in enumerate(ZONES):
            for number, (tier, length) in enumerate((("public", 27), ("nodes", 27), ("pods", 26), ("cluster", 28))):
                cidr = f"10.0.{number * 10 + zone}.0/{length}"
                subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZone=zone_name)["Subnet"]["SubnetId"]
                table = ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
                association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
                self.subnets[tier, zone], self.tables[tier, zone] = subnet, [table, association]
            ec2.create_tags(Resources=[self.subnets["public", zone]], Tags=[{"Key": "kubernetes.io/role/elb", "Value": "1"}])
            ec2.create_route(RouteTableId=self.tables["public", zone][0], DestinationCidrBlock=ANYWHERE, GatewayId=self.gateway)
            self.nats.append(self.nat(zone))
            for tier in ("nodes", "pods", "cluster"):
                ec2.create_route(RouteTableId=self.tables[tier, zone][0], DestinationCidrBlock=ANYWHERE, NatGatewayId=self.nats[zone])
        self.group = self.security_group("cluster", [])
        self.admit(self.group, [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": self.group}]}])
        ec2.create_tags(Resources=[self.group], Tags=[{"Key": "kubernetes.io/cluster/shop", "Value": "owned"}])

    def nat(self, zone):
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        return self.ec2.create_nat_gateway(SubnetId=self.subnets["public", zone], AllocationId=address)["NatGateway"]["NatGatewayId"]

    def security_group(self, name, ingress):
        group = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        if ingress:
            self.admit(group, ingress)
        return group

    def admit(self, group, rules):
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)

    def role(self, name, service, *policies):
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        for policy in policies:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")

    def cluster(self):
        self.role("cluster", "eks.amazonaws.com", "AmazonEKSClusterPolicy")
        self.role("nodes", "ec2.amazonaws.com", "AmazonEKSWorkerNodePolicy", PULL, "AmazonEKS_CNI_Policy")
        ids = [self.subnets["cluster", zone] for zone in (0, 1)]
        self.eks.create_cluster(
            name="shop", version="1.35", roleArn=f"arn:aws:iam::{ACCOUNT}:role/cluster", resourcesVpcConfig={"subnetIds": ids},
            accessConfig={"authenticationMode": "API"}, kubernetesNetworkConfig={"serviceIpv4Cidr": "172.20.0.0/16"})
        self.eks.create_access_entry(clusterName="shop", principalArn=ROLE, type="EC2_LINUX")
        nodes = [self.subnets["nodes", zone] for zone in (0, 1)]
        self.eks.create_nodegroup(
            clusterName="shop", nodegroupName="general", subnets=nodes, nodeRole=ROLE, instanceTypes=["m6i.large"],
            scalingConfig={"minSize": 2, "desiredSize": 2, "maxSize": 4})
        for name in ("vpc-cni", "eks-pod-identity-agent"):
            self.eks.create_addon(clusterName="shop", addonName=name)
        self.healthy = {
            "/clusters/shop": {"cluster": {"status": "ACTIVE", "resourcesVpcConfig": {
                "vpcId": self.vpc, "clusterSecurityGroupId": self.group, "endpointPrivateAccess": True, "endpointPublicAccess": True,
                "publicAccessCidrs": [ANYWHERE]}}},
            "/clusters/shop/node-groups/general": {"nodegroup": {"status": "ACTIVE", "health": {"issues": []}}},
            "/clusters/shop/updates": {"updateIds": []},
            "/clusters/shop/insights": {"insights": []},
            "/clusters/shop/fargate-profiles": {"fargateProfileNames": []},
            "/clusters/shop/pod-identity-associations": {"associations": []},
        }
        self.tell(self.healthy)

    def interface(self, tier, zone, description="", groups=None, **more):
        made = self.ec2.create_network_interface(
            SubnetId=self.subnets[tier, zone], Description=description, Groups=groups or [self.group], **more)
        return made["NetworkInterface"]["NetworkInterfaceId"]

    def machines(self):
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "kubernetes.io/cluster/shop", "Value": "owned"},
                                                      {"Key": "eks:cluster-name", "Value": "shop"}]}]
        for zone in (0, 1):
            made = self.ec2.run_instances(
                ImageId="ami-12c6146b", MinCount=1, MaxCount=1, InstanceType="m6i.large", SubnetId=self.subnets["nodes", zone],
                SecurityGroupIds=[self.group], TagSpecifications=tags)["Instances"][0]["InstanceId"]
            pods = self.interface("pods", zone, f"aws-K8S-{made}", PrivateIpAddresses=[
                {"PrivateIpAddress": f"10.0.2{zone}.40", "Primary": True}, {"PrivateIpAddress": f"10.0.2{zone}.41", "Primary": False}])
            self.ec2.attach_network_interface(NetworkInterfaceId=pods, InstanceId=made, DeviceIndex=1)
            self.nodes.append(made)
            self.interface("cluster", zone, "Amazon EKS shop")

    def node(self, zone, pods=19, ready=True):
        name = f"node-{zone}"
        labels = {"topology.kubernetes.io/zone": ZONES[zone], "node.kubernetes.io/instance-type": "m6i.large", "kubernetes.io/os": "linux",
                  "eks.amazonaws.com/nodegroup": "general"}
        why = ("KubeletReady", "") if ready else ("KubeletNotReady", "container runtime network not ready: cni plugin not initialized")
        state = {"type": "Ready", "status": str(ready), "reason": why[0], "message": why[1], "lastTransitionTime": "2026-01-01T00:00:00Z"}
        room = {"pods": str(pods), "cpu": "2", "memory": "8Gi"}
        self.api.put("Node", name, labels=labels, spec={"providerID": f"aws:///{ZONES[zone]}/{self.nodes[zone]}"},
                     status={"allocatable": room, "capacity": room, "conditions": [state]})

    def aws_node(self, **env):
        wanted = {"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone",
                  "AWS_VPC_K8S_CNI_EXTERNALSNAT": "true", **env}
        container = {"name": "aws-node", "image": "amazon-k8s-cni:v1.21.1",
                     "env": [{"name": name, "value": value} for name, value in sorted(wanted.items())]}
        agent = {"name": "aws-eks-nodeagent", "image": "agent:v1", "args": ["--enable-network-policy=true"]}
        self.daemon_set("aws-node", [container, agent])

    def daemon_set(self, name, containers):
        template = {"metadata": {"labels": {"k8s-app": name}}, "spec": {"hostNetwork": True, "containers": containers}}
        counts = {"currentNumberScheduled": 2, "desiredNumberScheduled": 2, "numberReady": 2, "numberMisscheduled": 0,
                  "updatedNumberScheduled": 2, "numberAvailable": 2, "observedGeneration": 1}
        self.api.put("DaemonSet", name, spec={"selector": {"matchLabels": {"k8s-app": name}}, "template": template}, status=counts)

    def serve(self, namespace, name, port, addresses, ready=True, protocol="TCP"):
        endpoints = [{"addresses": [address], "conditions": {"ready": ready}, "nodeName": f"node-{at}"} for at, address in enumerate(addresses)]
        self.api.put("EndpointSlice", name, namespace, labels={"kubernetes.io/service-name": name}, addressType="IPv4", endpoints=endpoints,
                     ports=[{"name": "own", "port": port, "protocol": protocol}])

    def pod(self, namespace, name, node, labels, phase="Running", **status):
        self.api.put("Pod", name, namespace, labels=labels, spec={"nodeName": node, "containers": [
            {"name": "own", "image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/own:1"}]}, status={"phase": phase, **status})

    def eni_config(self, zone, name=None, subnet=None):
        self.api.put("ENIConfig", name or ZONES[zone], spec={"subnet": subnet or self.subnets["pods", zone], "securityGroups": [self.group]})

    def objects(self):
        api = self.api
        api.put("Namespace", "shop")
        for zone in (0, 1):
            self.node(zone)
            self.eni_config(zone)
            self.pod("kube-system", f"coredns-{zone}", f"node-{zone}", {"k8s-app": "kube-dns"}, podIP=f"10.0.2{zone}.41", conditions=[
                {"type": "Ready", "status": "True"}])
        self.aws_node()
        self.daemon_set("kube-proxy", [{"name": "kube-proxy", "image": "kube-proxy:v1"}])
        template = {"metadata": {"labels": {"k8s-app": "kube-dns"}}, "spec": {"containers": [{"name": "coredns", "image": "coredns:v1"}]}}
        api.put("Deployment", "coredns", spec={"replicas": 2, "selector": {"matchLabels": {"k8s-app": "kube-dns"}}, "template": template},
                status={"replicas": 2, "readyReplicas": 2, "availableReplicas": 2, "updatedReplicas": 2, "observedGeneration": 1})
        api.put("Service", "kube-dns", spec={"clusterIP": "172.20.0.10", "selector": {"k8s-app": "kube-dns"},
                                             "ports": [{"name": "dns", "port": 53, "protocol": "UDP"}]})
        self.coredns()
        api.put("Service", "guard", "shop", spec={"selector": {"app": "guard"}, "ports": [{"port": 443, "targetPort": 9443}]})
        self.guard()
        self.pod("shop", "web", "node-0", {"app": "web"}, podIP="10.0.20.42", conditions=[{"type": "Ready", "status": "True"}])
        api.put("ValidatingWebhookConfiguration", "guard", webhooks=[{
            "name": "guard.example.com", "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "clientConfig": {"service": {"namespace": "shop", "name": "guard", "port": 443}},
            "rules": [{"apiGroups": ["example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["things"]}]}])

    def coredns(self, ready=True):
        self.serve("kube-system", "kube-dns", 53, ["10.0.20.41", "10.0.21.41"], ready, "UDP")

    def guard(self, ready=True):
        self.serve("shop", "guard", 9443, ["10.0.20.41", "10.0.21.41"], ready)

    def event(self, reason, message):
        path = self.api.path("Event", "own", "shop")
        self.api.put("Event", "own", "shop", involvedObject={"kind": "Service", "name": "web", "namespace": "shop"}, reason=reason,
                     message=message, type="Warning", count=3, firstTimestamp="2026-01-01T00:00:00Z", lastTimestamp="2026-01-01T00:00:00Z",
                     source={"component": "own"})
        return path

    @contextlib.contextmanager
    def without_route(self, tier, zone):
        table = self.tables[tier, zone][0]
        self.ec2.delete_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE)
        yield
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, NatGatewayId=self.nats[zone])

    @contextlib.contextmanager
    def endpoints(self, leave=(), group=None, s3_tables=None):
        """What nodes of the first zone need without a way out."""
        made = []
        common = {"VpcId": self.vpc}
        for name in ("ecr.api", "ecr.dkr", "ec2", "sts", "eks"):
            if name not in leave:
                made.append(self.ec2.create_vpc_endpoint(
                    **common, VpcEndpointType="Interface", ServiceName=f"com.amazonaws.eu-west-1.{name}", PrivateDnsEnabled=True,
                    SubnetIds=[self.subnets["nodes", 0]], SecurityGroupIds=[group or self.group])["VpcEndpoint"]["VpcEndpointId"])
        tables = [self.tables["nodes", 0][0]] if s3_tables is None else s3_tables
        made.append(self.ec2.create_vpc_endpoint(
            **common, VpcEndpointType="Gateway", ServiceName="com.amazonaws.eu-west-1.s3",
            RouteTableIds=tables)["VpcEndpoint"]["VpcEndpointId"])
        yield
        self.ec2.delete_vpc_endpoints(VpcEndpointIds=made)

    @contextlib.contextmanager
    def filled(self, tier, zone, left=0):
        """Every address of a subnet is taken, but a few."""
        free = self.ec2.describe_subnets(SubnetIds=[self.subnets[tier, zone]])["Subnets"][0]["AvailableIpAddressCount"] - left
        made = [self.interface(tier, zone, "somebody") for _ in range(free)]
        yield
        for one in made:
            self.ec2.delete_network_interface(NetworkInterfaceId=one)


WORLDS = []


def sick(*roots):
    """A world: what is done before `yield`, and undone after it."""
    def note(make):
        WORLDS.append((make.__name__.replace("_", "-"), roots, contextlib.contextmanager(make)))
        return make
    return note


@sick("NJ-07")
def no_nat(world):
    with world.without_route("nodes", 0):
        yield


@sick("NJ-04")
def nat_failed(world):
    world.ec2.delete_nat_gateway(NatGatewayId=world.nats[0])
    yield
    world.nats[0] = world.nat(0)
    for tier in ("nodes", "pods", "cluster"):
        world.ec2.replace_route(RouteTableId=world.tables[tier, 0][0], DestinationCidrBlock=ANYWHERE, NatGatewayId=world.nats[0])


@sick("NJ-03")
def main_table(world):
    table, association = world.tables["nodes", 0]
    world.ec2.disassociate_route_table(AssociationId=association)
    yield
    world.tables["nodes", 0][1] = world.ec2.associate_route_table(RouteTableId=table, SubnetId=world.subnets["nodes", 0])["AssociationId"]


@sick("NJ-07")
def endpoint_missing(world):
    with world.without_route("nodes", 0), world.endpoints(leave=("ecr.dkr",)):
        yield


@sick("NJ-08")
def endpoint_group(world):
    group = world.security_group("narrow", [])
    with world.without_route("nodes", 0), world.endpoints(group=group):
        yield
    world.ec2.delete_security_group(GroupId=group)


@sick("NJ-09")
def s3_endpoint_not_associated(world):
    with world.without_route("nodes", 0), world.endpoints(s3_tables=[world.tables["pods", 0][0]]):
        yield


@sick("NJ-13")
def acl_ephemeral(world):
    ec2 = world.ec2
    acl = ec2.create_network_acl(VpcId=world.vpc)["NetworkAcl"]["NetworkAclId"]
    entry = lambda number, egress, first, last: ec2.create_network_acl_entry(
        NetworkAclId=acl, RuleNumber=number, Protocol="6", RuleAction="allow", Egress=egress, CidrBlock=ANYWHERE, PortRange={"From": first, "To": last})
    entry(100, False, 0, 1023)
    entry(110, False, 9443, 10250)
    ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Protocol="-1", RuleAction="allow", Egress=True, CidrBlock=ANYWHERE)
    subnet = world.subnets["nodes", 0]
    of_subnet = [{"Name": "association.subnet-id", "Values": [subnet]}]
    before = ec2.describe_network_acls(Filters=of_subnet)["NetworkAcls"][0]
    association = next(one["NetworkAclAssociationId"] for one in before["Associations"] if one["SubnetId"] == subnet)
    new = ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=acl)["NewAssociationId"]
    yield
    ec2.replace_network_acl_association(AssociationId=new, NetworkAclId=before["NetworkAclId"])
    ec2.delete_network_acl(NetworkAclId=acl)


@sick("NJ-14")
def full_subnet(world):
    with world.filled("nodes", 0):
        yield


@sick("IP-02")
def fragmented(world):
    world.aws_node(ENABLE_PREFIX_DELEGATION="true")
    spread = [world.interface("pods", 0, "somebody", PrivateIpAddress=str(ipaddress.ip_address("10.0.20.0") + block * 16 + 9)) for block in range(4)]
    yield
    for one in spread:
        world.ec2.delete_network_interface(NetworkInterfaceId=one)
    world.aws_node()


@sick("IP-06")
def leaked(world):
    left = world.interface("pods", 0, f"aws-K8S-{world.nodes[0]}")
    world.ec2.create_tags(Resources=[left], Tags=[{"Key": "node.k8s.amazonaws.com/createdAt", "Value": "2026-01-01T00:00:00Z"}])
    yield
    world.ec2.delete_network_interface(NetworkInterfaceId=left)


@sick("NJ-21")
def eniconfig_missing(world):
    world.api.remove(world.api.path("ENIConfig", ZONES[1]))
    yield
    world.eni_config(1)


@sick("NJ-22")
def eniconfig_wrong_zone(world):
    world.eni_config(0, subnet=world.subnets["pods", 1])
    yield
    world.eni_config(0)


@sick("IP-03")
def maxpods_too_high(world):
    world.node(0, pods=110)
    yield
    world.node(0)


@sick("IP-05")
def min_without_warm(world):
    world.aws_node(MINIMUM_IP_TARGET="30")
    yield
    world.aws_node()


@sick("DNS-01")
def coredns_down(world):
    world.coredns(ready=False)
    yield
    world.coredns()


@sick("DNS-05")
def dns_policy(world):
    world.api.put("NetworkPolicy", "nothing", "shop", spec={"podSelector": {}, "policyTypes": ["Egress"], "egress": []})
    yield
    world.api.remove(world.api.path("NetworkPolicy", "nothing", "shop"))


@sick("LB-01")
def no_lb_tags(world):
    ids, tag = [world.subnets["public", zone] for zone in (0, 1)], [{"Key": "kubernetes.io/role/elb", "Value": "1"}]
    world.ec2.delete_tags(Resources=ids, Tags=tag)
    path = world.event("FailedBuildModel", "Failed build model due to unable to resolve at least one subnet (0 match VPC and tags)")
    yield
    world.api.remove(path)
    world.ec2.create_tags(Resources=ids, Tags=tag)


@sick("LB-02")
def lb_full(world):
    with world.filled("public", 0, left=3):
        yield


@sick("LB-04")
def two_tagged_groups(world):
    second = world.security_group("second", [])
    world.ec2.create_tags(Resources=[second], Tags=[{"Key": "kubernetes.io/cluster/shop", "Value": "owned"}])
    world.ec2.modify_instance_attribute(InstanceId=world.nodes[0], Groups=[world.group, second])
    yield
    world.ec2.modify_instance_attribute(InstanceId=world.nodes[0], Groups=[world.group])
    world.ec2.delete_security_group(GroupId=second)


@sick("WH-01")
def webhook_port(world):
    own = [{"GroupId": world.group}]
    everything = [{"IpProtocol": "-1", "UserIdGroupPairs": own}]
    some = [{"IpProtocol": protocol, "FromPort": port, "ToPort": port, "UserIdGroupPairs": own}
            for protocol, port in (("tcp", 443), ("tcp", 10250), ("tcp", 53), ("udp", 53))]
    world.ec2.revoke_security_group_ingress(GroupId=world.group, IpPermissions=everything)
    world.admit(world.group, some)
    yield
    world.ec2.revoke_security_group_ingress(GroupId=world.group, IpPermissions=some)
    world.admit(world.group, everything)


@sick("WH-02")
def webhook_empty(world):
    world.guard(ready=False)
    yield
    world.guard()


@sick("SN-01")
def external_snat_public(world):
    table = world.tables["pods", 0][0]
    world.ec2.replace_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, GatewayId=world.gateway)
    yield
    world.ec2.delete_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE)
    world.ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, NatGatewayId=world.nats[0])


@sick("SN-04")
def exclude_all_snat(world):
    world.aws_node(AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS="10.0.0.0/8,0.0.0.0/0")
    yield
    world.aws_node()


@sick("SN-03")
def no_way_back(world):
    ec2 = world.ec2
    gateway = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    attached = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway, VpcId=world.vpc, SubnetIds=[world.subnets["cluster", 0]])["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
    of_gateway = [{"Name": "transit-gateway-id", "Values": [gateway]}]
    own = ec2.describe_transit_gateway_route_tables(Filters=of_gateway)["TransitGatewayRouteTables"][0]["TransitGatewayRouteTableId"]
    # The nodes' subnets, and not those of their pods.
    ec2.create_transit_gateway_route(DestinationCidrBlock="10.0.10.0/23", TransitGatewayRouteTableId=own, TransitGatewayAttachmentId=attached)
    table = world.tables["pods", 0][0]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="192.168.0.0/16", TransitGatewayId=gateway)
    yield
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="192.168.0.0/16")


@sick("SN-08")
def only_old_range(world):
    nodes = [{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.10.0/23"}]}]
    group = world.security_group("database", nodes)
    database = world.interface("cluster", 0, "RDSNetworkInterface", [group])
    yield
    world.ec2.delete_network_interface(NetworkInterfaceId=database)
    world.ec2.delete_security_group(GroupId=group)


@sick("SN-05")
def older_pods(world):
    path = world.api.path("DaemonSet", "aws-node")
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "aws-node", "uid": world.api.call("GET", path)["metadata"]["uid"]}
    time.sleep(1)  # Kubernetes counts in seconds
    for number, external in enumerate(("true", "false"), 1):
        env = [{"name": "AWS_VPC_K8S_CNI_EXTERNALSNAT", "value": external}]
        template = {"spec": {"containers": [{"name": "aws-node", "env": env}]}}
        world.api.put("ControllerRevision", f"aws-node-{number}", owners=[owner], revision=number, data={"spec": {"template": template}})
    world.aws_node(AWS_VPC_K8S_CNI_EXTERNALSNAT="false")
    yield
    for number in (1, 2):
        world.api.remove(world.api.path("ControllerRevision", f"aws-node-{number}"))
    world.aws_node()


@sick("NJ-24")
def node_not_ready(world):
    world.node(1, ready=False)
    yield
    world.node(1)


@sick("CP-05")
def group_degraded(world):
    world.tell({**world.healthy, "/clusters/shop/node-groups/general": {"nodegroup": {"status": "DEGRADED", "health": {"issues": []}}}})
    yield
    world.tell(world.healthy)


def issue(world, code):
    told = {"nodegroup": {"status": "DEGRADED", "health": {"issues": [{"code": code, "message": "as EKS says", "resourceIds": ["i-1"]}]}}}
    world.tell({**world.healthy, "/clusters/shop/node-groups/general": told})


@sick("CP-05")
def health_issue(world):
    issue(world, "IamNodeRoleNotFound")
    yield
    world.tell(world.healthy)


@sick("NJ-03")
def health_issue_with_its_cause(world):
    issue(world, "NodeCreationFailure")
    table, association = world.tables["nodes", 0]
    world.ec2.disassociate_route_table(AssociationId=association)
    yield
    world.tables["nodes", 0][1] = world.ec2.associate_route_table(RouteTableId=table, SubnetId=world.subnets["nodes", 0])["AssociationId"]
    world.tell(world.healthy)


@sick("CP-04")
def add_on_too_old(world):
    world.tell({**world.healthy, "/clusters/shop/addons/vpc-cni": {"addon": {"addonVersion": "v1.9.0-eksbuild.1"}}})
    yield
    world.tell(world.healthy)


@sick("IMG-04")
def role_may_not_pull(world):
    arn = f"arn:aws:iam::aws:policy/{PULL}"
    world.iam.detach_role_policy(RoleName="nodes", PolicyArn=arn)
    yield
    world.iam.attach_role_policy(RoleName="nodes", PolicyArn=arn)


@sick("CP-01")
def upgrade_no_room(world):
    failed = {"update": {"id": "u-1", "type": "VersionUpdate", "status": "Failed", "createdAt": 1767225600, "params": [],
                         "errors": [{"errorCode": "IpNotAvailable", "errorMessage": "no address", "resourceIds": []}]}}
    world.tell({**world.healthy, "/clusters/shop/updates": {"updateIds": ["u-1"]}, "/clusters/shop/updates/u-1": failed})
    with world.filled("cluster", 0, left=2):
        yield
    world.tell(world.healthy)


def say(**line):
    print(json.dumps(line), flush=True)
    return sys.stdin.readline().strip()


def main(*places):
    world = World(*places)
    try:
        world.build()
        say(world="healthy", roots=[])
        for name, roots, make in WORLDS:
            with make(world):
                say(world=name, roots=roots)
        say(world="healthy again", roots=[])
    finally:
        for path in world.api.made:
            world.api.remove(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
