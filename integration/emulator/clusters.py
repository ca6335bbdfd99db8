"""EKS resource types that ministack's CloudFormation lacks, put into its EKS store so that the EKS API shows them."""

import base64
import json
import os
import re
import ssl
import urllib.request

import random
import time

import botocore
import ministack.services.eks as eks
from ministack.core.responses import get_region

import network
import refusals


def answered(response, what):
    status, _, body = response
    if status >= 400:
        raise ValueError(f"{what}: {json.loads(body)['message']} (Service: Eks, Status Code: {status})")
    return json.loads(body)


class Addon:
    @staticmethod
    def body(properties):
        return {
            "addonName": properties["AddonName"],
            "addonVersion": properties.get("AddonVersion", "v1.0.0-eksbuild.1"),
            "configurationValues": properties.get("ConfigurationValues", ""),
            "tags": {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])},
        }

    @staticmethod
    def create(properties):
        configuration = properties.get("ConfigurationValues")
        if configuration:
            env = json.loads(configuration).get("env", {})
            if not all(isinstance(value, str) for value in env.values()):
                raise ValueError("ConfigurationValue provided in request is not supported (Service: Eks, Status Code: 400)")
        made = answered(eks._create_addon(properties["ClusterName"], Addon.body(properties)), "CreateAddon")["addon"]
        return f"{properties['ClusterName']}|{properties['AddonName']}", {"Arn": made["addonArn"]}

    @staticmethod
    def update(identifier, _, new):
        answered(eks._update_addon(new["ClusterName"], new["AddonName"], Addon.body(new)), "UpdateAddon")
        return {"Arn": eks._addon_arn(*identifier.split("|"))}

    @staticmethod
    def delete(identifier, _):
        eks._delete_addon(*identifier.split("|"))


class AccessEntry:
    @staticmethod
    def create(properties):
        cluster, principal = properties["ClusterName"], properties["PrincipalArn"]
        body = {"principalArn": principal, "type": properties.get("Type", "STANDARD")}
        made = answered(eks._create_access_entry(cluster, body), "CreateAccessEntry")
        return f"{principal}|{cluster}", {"AccessEntryArn": made["accessEntry"]["accessEntryArn"]}

    @staticmethod
    def update(identifier, _, __):
        return {"AccessEntryArn": identifier}

    @staticmethod
    def delete(identifier, _):
        principal, cluster = identifier.split("|")
        eks._delete_access_entry(cluster, principal)


# (Region, cluster): status by profile name.
PROFILES = {}
# Seconds that a profile is being made or deleted: long enough for another one to come in between.
PROFILE_TAKES = 0.3


class FargateProfile:
    """No emulator has Fargate: one profile at a time, and otherwise CloudFormation's schema."""

    update = None

    @staticmethod
    def standing(cluster):
        return PROFILES.setdefault((get_region(), cluster), {})

    @staticmethod
    def create(properties):
        cluster = properties["ClusterName"]
        name = properties.get("FargateProfileName", f"{cluster}-{random.randrange(16 ** 8):08x}")
        standing = FargateProfile.standing(cluster)
        refusals.fargate_profile(cluster, standing)
        standing[name] = "CREATING"
        time.sleep(PROFILE_TAKES)
        standing[name] = "ACTIVE"
        return f"{cluster}|{name}", {"Arn": f"arn:aws:eks:::fargateprofile/{cluster}/{name}"}

    @staticmethod
    def delete(identifier, _):
        cluster, name = identifier.split("|")
        standing = FargateProfile.standing(cluster)
        if name in standing:
            refusals.fargate_profile(cluster, {other: status for other, status in standing.items() if other != name})
            standing[name] = "DELETING"
            time.sleep(PROFILE_TAKES)
            del standing[name]


class PodIdentityAssociation:
    """No emulator has it: held to CloudFormation's schema, and that is all."""

    @staticmethod
    def create(properties):
        arn = f"arn:aws:eks:::podidentityassociation/{properties['ClusterName']}/{properties['ServiceAccount']}"
        return arn, {"AssociationArn": arn}

    @staticmethod
    def update(arn, _, __):
        return {"AssociationArn": arn}

    @staticmethod
    def delete(_, __):
        pass


class OidcProvider:
    """No emulator has it: held to CloudFormation's schema, and that is all."""

    @staticmethod
    def create(properties):
        arn = f"arn:aws:iam::123456789012:oidc-provider/{properties['Url'].removeprefix('https://')}"
        return arn, {"Arn": arn}

    @staticmethod
    def update(arn, _, __):
        return {"Arn": arn}

    @staticmethod
    def delete(_, __):
        pass


HANDLERS = {"AWS::IAM::OIDCProvider": OidcProvider, "AWS::EKS::FargateProfile": FargateProfile, "AWS::EKS::PodIdentityAssociation": PodIdentityAssociation, "AWS::EKS::Addon": Addon, "AWS::EKS::AccessEntry": AccessEntry}


ADDONS = ("vpc-cni", "coredns", "kube-proxy", "eks-pod-identity-agent", "aws-ebs-csi-driver", "amazon-cloudwatch-observability")
VERSIONS = ("v1.21.1-eksbuild.1", "v1.20.4-eksbuild.1")


# The environment of vpc-cni's configuration schema as AWS CLI's documents print it for 1.15.1, and what later versions added.
ENV = ("WARM_ENI_TARGET WARM_IP_TARGET MINIMUM_IP_TARGET WARM_PREFIX_TARGET MAX_ENI ENABLE_PREFIX_DELEGATION ENABLE_SUBNET_DISCOVERY "
       "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG ENI_CONFIG_LABEL_DEF ENI_CONFIG_ANNOTATION_DEF ENABLE_POD_ENI POD_SECURITY_GROUP_ENFORCING_MODE "
       "NETWORK_POLICY_ENFORCING_MODE AWS_VPC_K8S_CNI_EXTERNALSNAT AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS AWS_VPC_K8S_CNI_RANDOMIZESNAT "
       "AWS_VPC_K8S_CNI_LOGLEVEL AWS_VPC_ENI_MTU ADDITIONAL_ENI_TAGS").split()


def configuration_schema():
    """`POD_MTU` is not in it, though aws-node of these versions knows it: the schema has the last word."""
    text = {"type": "string"}
    zone = {"type": "object", "additionalProperties": False, "required": ["id"],
            "properties": {"id": text, "securityGroups": {"type": "array", "items": text}}}
    subnets = {"type": "object", "additionalProperties": zone, "minProperties": 1}
    eni_config = {"type": "object", "additionalProperties": False, "required": ["create", "region", "subnets"],
                  "properties": {"create": {"type": "boolean"}, "region": text, "subnets": subnets}}
    env = {"type": "object", "additionalProperties": False, "properties": {name: text for name in ENV}}
    init = {"type": "object", "additionalProperties": False, "properties": {"env": {"type": "object", "additionalProperties": text}}}
    agent = {"type": "object", "additionalProperties": False,
             "properties": {name: text for name in ("enableCloudWatchLogs", "enablePolicyEventLogs", "healthProbeBindAddr", "metricsBindAddr")}}
    return {"$schema": "http://json-schema.org/draft-06/schema#", "type": "object", "additionalProperties": False,
            "properties": {"env": env, "init": init, "eniConfig": eni_config, "enableNetworkPolicy": text, "enableWindowsIpam": text,
                           "enableWindowsPrefixDelegation": text, "nodeAgent": agent}}


def at_its_server(answer):
    """A cluster's API is where `kubernetes.json` says, if it says anything."""
    path = os.path.join(os.path.dirname(os.environ.get("FAULTS", "")), "kubernetes.json")
    if answer[0] != 200 or not os.path.exists(path):
        return answer
    with open(path, encoding="utf-8") as file:
        server = json.load(file)
    status, headers, body = answer
    described = json.loads(body)
    described["cluster"]["endpoint"] = server["endpoint"]
    described["cluster"]["certificateAuthority"] = {"data": base64.b64encode(server["authority"].encode()).decode()}
    return status, headers, json.dumps(described).encode()


# Clusters that were made through EKS's own API.
OF_OTHERS = set()


def admitted(operation, properties):
    """In a cluster of others EKS admits the role of a managed node group, as long as a group has it."""
    cluster, role = properties.get("ClusterName"), properties.get("NodeRole")
    if cluster not in OF_OTHERS:
        return
    if operation == "create":
        eks._create_access_entry(cluster, {"principalArn": role, "type": "EC2_LINUX"})
    elif all(group["nodeRole"] != role for key, group in eks._nodegroups.items() if key.startswith(f"{cluster}/")):
        eks._delete_access_entry(cluster, role)


def of_its_subnets(create):
    """EKS takes the VPC of a cluster from its subnets, which have to exist; ministack knows none of them."""
    def wrapped(body, *rest):
        subnets = body.get("resourcesVpcConfig", {}).get("subnetIds", [])
        try:
            found = network.ec2().describe_subnets(SubnetIds=subnets)["Subnets"] if subnets else []
        except botocore.exceptions.ClientError as error:
            return eks._error(400, "InvalidParameterException", error.response["Error"]["Message"])
        answer = create(body, *rest)
        if answer[0] < 300 and found:
            eks._clusters[body["name"]]["resourcesVpcConfig"]["vpcId"] = found[0]["VpcId"]
            OF_OTHERS.add(body["name"])
        return answer
    return wrapped


AWS_NODE = "/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node"


def at_the_server(server, method, path, content, body):
    """A request to the clusters' own API, as EKS itself is let in."""
    headers = {"Authorization": f"Bearer {server['token']}", "Content-Type": content}
    request = urllib.request.Request(server["endpoint"] + path, method=method, headers=headers, data=json.dumps(body).encode() if body else None)
    with urllib.request.urlopen(request, context=ssl._create_unverified_context(), timeout=30) as answer:
        return json.loads(answer.read())


def rolled_out(server, configuration):
    """What an add-on's values come to: variables of its DaemonSet, by EKS's own manager, on all nodes at once."""
    env = [{"name": name, "value": value} for name, value in sorted(configuration.get("env", {}).items())]
    pod = {"containers": [{"name": "aws-node", "image": "amazon-k8s-cni:v1.20.4-eksbuild.1", "env": env}]}
    wanted = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "aws-node", "namespace": "kube-system"},
              "spec": {"selector": {"matchLabels": {"k8s-app": "aws-node"}}, "template": {"metadata": {"labels": {"k8s-app": "aws-node"}}, "spec": pod}}}
    made = at_the_server(server, "PATCH", f"{AWS_NODE}?fieldManager=eks&force=true", "application/apply-patch+yaml", wanted)
    nodes = len(at_the_server(server, "GET", "/api/v1/nodes", "application/json", None)["items"])
    status = {"observedGeneration": made["metadata"]["generation"], "numberMisscheduled": 0, "currentNumberScheduled": nodes,
              "desiredNumberScheduled": nodes, "updatedNumberScheduled": nodes, "numberReady": nodes, "numberAvailable": nodes}
    at_the_server(server, "PATCH", f"{AWS_NODE}/status", "application/merge-patch+json", {"status": status})


def with_its_daemon_set(change):
    """EKS rolls an add-on's values out; where a cluster's own API is known, aws-node runs as the add-on vpc-cni says."""
    def wrapped(*arguments):
        answer = change(*arguments)
        body, path = arguments[-1], os.path.join(os.path.dirname(os.environ.get("FAULTS", "")), "kubernetes.json")
        if answer[0] >= 300 or "vpc-cni" not in (arguments[1], body.get("addonName")) or not os.path.exists(path):
            return answer
        with open(path, encoding="utf-8") as file:
            server = json.load(file)
        if "rollsOut" in server:
            rolled_out({**server, "token": server["rollsOut"]}, json.loads(body.get("configurationValues") or "{}"))
        return answer
    return wrapped


def merged(own, told):
    if not isinstance(own, dict) or not isinstance(told, dict):
        return told
    return {**own, **{key: merged(own.get(key), value) for key, value in told.items()}}


def as_told(inner):
    """`eks.json` says what EKS answers to a GET, by path, beside or in the place of what ministack knows."""
    def handle(method, path, headers, body, query):
        answer = inner(method, path, headers, body, query)
        file = os.path.join(os.path.dirname(os.environ.get("FAULTS", "")), "eks.json")
        if method != "GET" or not os.path.exists(file):
            return answer
        with open(file, encoding="utf-8") as text:
            told = json.load(text).get(path.rstrip("/"))
        if told is None:
            return answer
        own = json.loads(answer[2]) if answer[0] == 200 else {}
        return 200, {"Content-Type": "application/json"}, json.dumps(merged(own, told)).encode()
    return handle


def with_versions(inner):
    """EKS's answers to DescribeAddonVersions and DescribeAddonConfiguration, which ministack lacks, and the protection of a cluster."""
    def handle(method, path, headers, body, query):
        first = lambda name: query.get(name, [""])[0] if isinstance(query.get(name), list) else query.get(name, "")
        if path.rstrip("/") == "/addons/configuration-schemas":
            answer = {"addonName": first("addonName"), "addonVersion": first("addonVersion"), "configurationSchema": json.dumps(configuration_schema())}
            return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()
        if method == "POST" and path.rstrip("/") == "/clusters":
            answer, wanted = inner(method, path, headers, body, query), json.loads(body)
            if answer[0] < 300 and wanted.get("deletionProtection"):
                eks._clusters[wanted["name"]]["deletionProtection"] = True
            return answer
        if method == "GET" and re.fullmatch(r"/clusters/[^/]+/updates/?", path):
            # No cluster of the emulator was ever upgraded more than a moment ago; `eks.json` tells of one that was.
            return 200, {"Content-Type": "application/json"}, json.dumps({"updateIds": []}).encode()
        part = re.fullmatch(r"/clusters/([^/]+)/(update-config|fargate-profiles)/?", path)
        if part and part[1] in eks._clusters:
            return beside(method, *part.groups(), body)
        if path.rstrip("/") != "/addons/supported-versions":
            answer = inner(method, path, headers, body, query)
            return at_its_server(answer) if method == "GET" and re.fullmatch(r"/clusters/[^/]+/?", path) else answer
        wanted, kubernetes = first("addonName"), first("kubernetesVersion")
        # kube-proxy has the numbers of Kubernetes itself.
        offered = lambda name: {"kube-proxy": (f"v{kubernetes}.3-eksbuild.2", f"v{kubernetes}.0-eksbuild.1")}.get(name, VERSIONS)
        fits = lambda is_default: [{"clusterVersion": kubernetes, "defaultVersion": is_default, "platformVersions": ["*"]}]
        versions = lambda all_of: [{"addonVersion": version, "compatibilities": fits(version == all_of[-1])} for version in all_of]
        addons = [{"addonName": name, "addonVersions": versions(offered(name))} for name in ADDONS if wanted in ("", name)]
        return 200, {"Content-Type": "application/json"}, json.dumps({"addons": addons}).encode()
    return handle


def beside(method, cluster, what, body):
    """UpdateClusterConfig of what eksnet updates outside of the stack, which is at once, and ListFargateProfiles."""
    if (method, what) == ("POST", "update-config"):
        wanted = json.loads(body)
        if "deletionProtection" in wanted:
            eks._clusters[cluster]["deletionProtection"] = wanted["deletionProtection"]
        answer = {"update": {"id": "00000000-0000-0000-0000-000000000000", "status": "Successful", "type": "DeletionProtectionUpdate", "params": [], "errors": []}}
    else:
        answer = {"fargateProfileNames": list(FargateProfile.standing(cluster))}
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


def children(cluster):
    """(node groups, Fargate profiles) of a cluster."""
    groups = [group["nodegroupName"] for key, group in eks._nodegroups.items() if key.startswith(f"{cluster}/")]
    return groups, list(PROFILES.get((get_region(), cluster), {}))


REMOVED_NODES = "emulator/removed-nodes"


def counting_nodes(update):
    """A group whose desired size shrinks loses nodes: how many so far is a tag of the group, where tests read it."""
    def wrapped(identifier, old, new, *rest, **named):
        group = eks._nodegroups.get(f"{old.get('ClusterName', '')}/{identifier}")
        running = (group or {}).get("scalingConfig", {}).get("desiredSize", 0)
        answer = update(identifier, old, new, *rest, **named)
        gone = refusals.removed_nodes(running, new.get("ScalingConfig"))
        left = eks._nodegroups.get(f"{new.get('ClusterName', '')}/{answer[0]}")
        if gone and left is not None:
            left["tags"][REMOVED_NODES] = str(int(left["tags"].get(REMOVED_NODES, 0)) + gone)
        return answer
    return wrapped


def install(forget):
    """EKS refuses to delete a cluster with children, whoever asks; ministack takes them along."""
    delete, reset = eks._delete_cluster, eks.reset

    def delete_cluster(name):
        try:
            refusals.cluster_deletion(name, *children(name))
        except refusals.Refused as refused:
            return eks._error(409, "ResourceInUseException", str(refused))
        return delete(name)

    def reset_all():
        forget()
        OF_OTHERS.clear()
        reset()

    eks._delete_cluster, eks.reset = delete_cluster, reset_all
    eks._create_cluster = of_its_subnets(eks._create_cluster)
    eks._create_addon, eks._update_addon = (with_its_daemon_set(one) for one in (eks._create_addon, eks._update_addon))
    eks._VALID_ACCESS_ENTRY_TYPES = (*eks._VALID_ACCESS_ENTRY_TYPES, "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX")


def complete_cluster(create):
    """ministack forgets the service range of a cluster that CloudFormation makes; keep what the template says."""
    def wrapped(logical_id, properties, stack):
        name, attributes = create(logical_id, properties, stack)
        network = properties.get("KubernetesNetworkConfig") or {}
        cluster = eks._clusters[name]
        family = network.get("IpFamily", "ipv4")
        service = {"serviceIpv6Cidr": "fd30:1c53:5f8a::/108"} if family == "ipv6" else {"serviceIpv4Cidr": network.get("ServiceIpv4Cidr", "10.100.0.0/16")}
        cluster["kubernetesNetworkConfig"] = {"ipFamily": family, **service}
        cluster["deletionProtection"] = str(properties.get("DeletionProtection", "false")).lower() == "true"
        return name, attributes
    return wrapped
