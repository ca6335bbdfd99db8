"""EKS resource types that ministack's CloudFormation lacks, put into its EKS store so that the EKS API shows them."""

import json

import ministack.services.eks as eks


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
        made = answered(eks._create_access_entry(cluster, {"principalArn": principal}), "CreateAccessEntry")
        return f"{principal}|{cluster}", {"AccessEntryArn": made["accessEntry"]["accessEntryArn"]}

    @staticmethod
    def update(identifier, _, __):
        return {"AccessEntryArn": identifier}

    @staticmethod
    def delete(identifier, _):
        principal, cluster = identifier.split("|")
        eks._delete_access_entry(cluster, principal)


class FargateProfile:
    """No emulator has Fargate: held to CloudFormation's schema, and that is all."""

    update = None

    @staticmethod
    def create(properties):
        name = f"{properties['ClusterName']}-{len(json.dumps(properties))}"
        return f"{properties['ClusterName']}|{name}", {"Arn": f"arn:aws:eks:::fargateprofile/{name}"}

    @staticmethod
    def delete(_, __):
        pass


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


HANDLERS = {"AWS::EKS::FargateProfile": FargateProfile, "AWS::EKS::PodIdentityAssociation": PodIdentityAssociation, "AWS::EKS::Addon": Addon, "AWS::EKS::AccessEntry": AccessEntry}


ADDONS = ("vpc-cni", "coredns", "kube-proxy", "eks-pod-identity-agent", "aws-ebs-csi-driver", "amazon-cloudwatch-observability")
VERSIONS = ("v1.21.1-eksbuild.1", "v1.20.4-eksbuild.1")


def with_versions(inner):
    """EKS's answer to DescribeAddonVersions, which ministack lacks."""
    def handle(method, path, headers, body, query):
        if path.rstrip("/") != "/addons/supported-versions":
            return inner(method, path, headers, body, query)
        wanted = query.get("addonName", "")
        wanted = wanted[0] if isinstance(wanted, list) else wanted
        addons = [{"addonName": name, "addonVersions": [{"addonVersion": version} for version in VERSIONS]} for name in ADDONS if wanted in ("", name)]
        return 200, {"Content-Type": "application/json"}, json.dumps({"addons": addons}).encode()
    return handle


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
