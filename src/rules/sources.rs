//! Where rules come from: each page once, with its address and the day it was read.

/// A page of a guide, of an API reference or of a repository.
#[derive(Debug)]
pub struct Source {
    pub name: &'static str,
    pub url: &'static str,
    /// The day on which the rules that name it were compared with it.
    pub read: &'static str,
}

/// When all rules were read against their sources.
const READ: &str = "2026-11-27";

/// One static for each row: its name, its book, the page's name in the book, and its place there.
macro_rules! sources {
    ($($constant:ident = $book:ident($($part:literal),+);)+) => {
        $(pub static $constant: Source = $book!($($part),+);)+

        pub static ALL: &[&Source] = &[$(&$constant),+];
    };
}

macro_rules! page {
    ($name:expr, $url:expr) => {
        Source { name: $name, url: $url, read: READ }
    };
}

macro_rules! eks_guide {
    ($name:literal, $page:literal) => {
        page!(
            concat!("EKS user guide, ", $name),
            concat!("https://docs.aws.amazon.com/eks/latest/userguide/", $page, ".html")
        )
    };
}

macro_rules! eks_practice {
    ($name:literal, $page:literal) => {
        page!(
            concat!("EKS best practices, ", $name),
            concat!("https://docs.aws.amazon.com/eks/latest/best-practices/", $page, ".html")
        )
    };
}

macro_rules! eks_api {
    ($name:literal) => {
        page!(
            concat!("EKS API reference, ", $name),
            concat!("https://docs.aws.amazon.com/eks/latest/APIReference/API_", $name, ".html")
        )
    };
}

macro_rules! ec2_api {
    ($name:literal) => {
        page!(
            concat!("EC2 API reference, ", $name),
            concat!("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_", $name, ".html")
        )
    };
}

macro_rules! vpc_guide {
    ($name:literal, $page:literal) => {
        page!(
            concat!("VPC user guide, ", $name),
            concat!("https://docs.aws.amazon.com/vpc/latest/userguide/", $page)
        )
    };
}

macro_rules! ipam_guide {
    ($name:literal, $page:literal) => {
        page!(
            concat!("VPC IPAM user guide, ", $name),
            concat!("https://docs.aws.amazon.com/vpc/latest/ipam/", $page)
        )
    };
}

macro_rules! cni {
    ($name:literal, $file:literal) => {
        page!(
            concat!("amazon-vpc-cni-k8s v1.23.1, ", $name),
            concat!("https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/", $file)
        )
    };
}

macro_rules! issue {
    ($repository:literal, $number:literal) => {
        page!(
            concat!($repository, " issue ", $number),
            concat!("https://github.com/", $repository, "/issues/", $number)
        )
    };
}

sources! {
    EKS_LAUNCH_TEMPLATES = eks_guide("launch templates", "launch-templates");
    EKS_CAPACITY_BLOCKS = eks_guide("Capacity Blocks for ML", "capacity-blocks-mng");
    NODEGROUP_UPDATE = eks_api("NodegroupUpdateConfig");
    EBS_DEVICE = ec2_api("EbsBlockDevice");
    EC2_RESERVATIONS = page(
        "EC2 user guide, Capacity Reservations",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservations-launch.html"
    );
    EC2_USER_DATA = page(
        "EC2 user guide, user data",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html"
    );
    EC2_IMDS = page(
        "EC2 user guide, instance metadata options",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html"
    );
    EBS_VOLUMES = page(
        "EBS user guide, general purpose SSD volumes",
        "https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html"
    );
    EBS_PROVISIONED = page(
        "EBS user guide, provisioned IOPS SSD volumes",
        "https://docs.aws.amazon.com/ebs/latest/userguide/provisioned-iops.html"
    );
    EBS_ENCRYPTION = page(
        "EC2 Auto Scaling user guide, key policy for encrypted volumes",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html"
    );
    IAM_PASS_ROLE = page(
        "IAM user guide, passing a role to a service",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"
    );
    IAM_QUOTAS = page(
        "IAM user guide, quotas",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
    );
    NODEADM = page(
        "amazon-eks-ami, nodeadm",
        "https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/examples/"
    );
    EKS_NETWORK = eks_guide("network requirements", "network-reqs");
    EKS_ENDPOINT = eks_guide("cluster API server endpoint", "cluster-endpoint");
    EKS_PRIVATE = eks_guide("private clusters", "private-clusters");
    EKS_FARGATE = eks_guide("AWS Fargate", "fargate");
    EKS_FARGATE_PROFILE = eks_guide("Fargate profiles", "fargate-profile");
    EKS_AUTO_CREATE = eks_guide("creating an Auto Mode cluster", "create-auto");
    EKS_HYBRID_OVERVIEW = eks_guide("hybrid nodes", "hybrid-nodes-overview");
    EKS_ROLLBACK = eks_guide("rolling back a cluster", "rollback-cluster");
    EKS_FARGATE_START = eks_guide("get started with AWS Fargate", "fargate-getting-started");
    EKS_AUTO_DISABLE = eks_guide("disabling EKS Auto Mode", "auto-disable");
    EKS_PROTECTION = eks_guide("deletion protection", "deletion-protection");
    EKS_AUTO = eks_guide("Auto Mode networking", "auto-networking");
    EKS_IPV6 = eks_guide("IPv6 addresses for clusters, pods and services", "cni-ipv6");
    EKS_WINDOWS = eks_guide("Windows nodes", "windows-support");
    EKS_ACCESS_ENTRIES = eks_guide("access entries", "access-entries");
    EKS_ACCESS_POLICIES = eks_guide("access policies", "access-policies");
    EKS_ADDONS = eks_guide("AWS add-ons", "workloads-add-ons-available-eks");
    EKS_ADDON_ROLES = eks_guide("IAM roles for add-ons", "add-ons-iam");
    EKS_NODE_ROLE = eks_guide("the node IAM role", "create-node-role");
    EKS_CREATE_ACCESS_ENTRY = eks_guide("create access entries", "creating-access-entries");
    EKS_HYBRID_JOIN = eks_guide("cluster access for hybrid nodes", "hybrid-nodes-cluster-prep");
    EKS_NODE_CLASS = eks_guide("node classes of Auto Mode", "create-node-class");
    EKS_VERSIONS = eks_guide("Kubernetes versions", "kubernetes-versions");
    EKS_OTHER_CNI = eks_guide("alternate CNI plugins", "alternate-cni-plugins");
    EKS_CNI_ROLE = eks_guide("the VPC CNI's IAM role", "cni-iam-role");
    EKS_CONTROL_PLANE_EGRESS = eks_guide("control plane egress", "control-plane-egress");
    EKS_CUSTOM_NETWORKING = eks_guide("custom networking", "cni-custom-network");
    EKS_EXTERNAL_SNAT = eks_guide("external SNAT", "external-snat");
    EKS_HYBRID = eks_guide("hybrid nodes networking", "hybrid-nodes-networking");
    EKS_NODE_GROUPS = eks_guide("managed node groups", "managed-node-groups");
    EKS_VPC_CNI = eks_guide("the VPC CNI add-on", "managing-vpc-cni");
    EKS_INSTANCE_TYPES = eks_guide("choosing an instance type", "choosing-instance-type");
    EKS_NETWORK_POLICY = eks_guide("network policies", "cni-network-policy");
    EKS_SECURITY_GROUPS = eks_guide("security group requirements", "sec-group-reqs");
    EKS_POD_GROUPS = eks_guide("security groups for pods", "security-groups-for-pods");
    EKS_SELF_MANAGED = eks_guide("the self-managed VPC CNI", "vpc-add-on-self-managed-update");
    EKS_TROUBLESHOOTING = eks_guide("troubleshooting", "troubleshooting");
    EKS_UPDATE = eks_guide("updating a cluster", "update-cluster");
    EKS_QUOTAS = page(
        "AWS General Reference, EKS quotas",
        "https://docs.aws.amazon.com/general/latest/gr/eks.html"
    );
    EKS_POD_IDENTITY = eks_guide("EKS Pod Identity", "pod-identities");
    EKS_POD_IDENTITY_AGENT = eks_guide("EKS Pod Identity Agent", "pod-id-agent-setup");
    BEST_ADDRESSES = eks_practice("IP address utilization", "ip-opt");
    BEST_VPC_CNI = eks_practice("VPC CNI", "vpc-cni");
    BEST_CUSTOM_NETWORKING = eks_practice("custom networking", "custom-networking");
    BEST_PREFIXES = eks_practice("prefix mode for Linux", "prefix-mode-linux");
    BEST_RELIABILITY = eks_practice("reliability", "reliability");
    BEST_SUBNETS = eks_practice("VPC and subnet considerations", "subnets");
    CREATE_CLUSTER = eks_api("CreateCluster");
    KUBERNETES_NETWORK = eks_api("KubernetesNetworkConfigRequest");
    CREATE_ADDON = eks_api("CreateAddon");
    CREATE_ACCESS_ENTRY = eks_api("CreateAccessEntry");
    CREATE_NODEGROUP = eks_api("CreateNodegroup");
    CREATE_ASSOCIATION = eks_api("CreatePodIdentityAssociation");
    ASSOCIATE_POLICY = eks_api("AssociateAccessPolicy");
    DELETE_ADDON = eks_api("DeleteAddon");
    ADDON_VERSIONS = eks_api("DescribeAddonVersions");
    ADDON_CONFIGURATION = eks_api("DescribeAddonConfiguration");
    ENCRYPTION = eks_api("EncryptionConfig");
    UPDATE_CLUSTER = eks_api("UpdateClusterConfig");
    UPDATE_NODEGROUP_VERSION = eks_api("UpdateNodegroupVersion");
    NODEGROUP_ISSUES = eks_api("Issue");
    AUTHORIZE_INGRESS = ec2_api("AuthorizeSecurityGroupIngress");
    CREATE_FLOW_LOGS = ec2_api("CreateFlowLogs");
    CREATE_ACL_ENTRY = ec2_api("CreateNetworkAclEntry");
    CREATE_ROUTE = ec2_api("CreateRoute");
    CREATE_SUBNET = ec2_api("CreateSubnet");
    CREATE_ENDPOINT = ec2_api("CreateVpcEndpoint");
    ENDPOINT_SERVICES = ec2_api("DescribeVpcEndpointServices");
    MODIFY_ENDPOINT = ec2_api("ModifyVpcEndpoint");
    DISASSOCIATE_CIDR = ec2_api("DisassociateVpcCidrBlock");
    ASSOCIATE_CIDR = ec2_api("AssociateVpcCidrBlock");
    ASSOCIATE_SUBNET_CIDR = ec2_api("AssociateSubnetCidrBlock");
    ADDRESSES = ec2_api("DescribeAddresses");
    ZONES = ec2_api("DescribeAvailabilityZones");
    OFFERINGS = ec2_api("DescribeInstanceTypeOfferings");
    INSTANCE_TYPES = ec2_api("DescribeInstanceTypes");
    REGIONS = ec2_api("DescribeRegions");
    ROUTE_TABLES = ec2_api("DescribeRouteTables");
    SUBNETS = ec2_api("DescribeSubnets");
    PUBLIC_ACCESS = ec2_api("DescribeVpcBlockPublicAccessOptions");
    PEERINGS = ec2_api("DescribeVpcPeeringConnections");
    CREATE_VPC = ec2_api("CreateVpc");
    VPC_CIDRS = vpc_guide("VPC CIDR blocks", "vpc-cidr-blocks.html");
    DESCRIBE_VPCS = ec2_api("DescribeVpcs");
    IPAM_POOLS = ec2_api("CreateIpamPool");
    IPAM_RESOURCES = ec2_api("IpamResourceCidr");
    IPAM_ALLOCATE = ec2_api("AllocateIpamPoolCidr");
    IPAM_SHARE = ipam_guide("Share an IPAM pool using AWS RAM", "share-pool-ipam.html");
    VPC_CIDR_RESTRICTIONS = vpc_guide(
        "IPv4 CIDR block association restrictions",
        "vpc-cidr-blocks.html#add-cidr-block-restrictions"
    );
    VPC_QUOTAS = vpc_guide("VPC quotas", "amazon-vpc-limits.html");
    VPC_NAT = vpc_guide("NAT gateways", "vpc-nat-gateway.html");
    VPC_NAT_REGIONAL = vpc_guide("regional NAT gateways", "nat-gateways-regional.html");
    VPC_INTERNET = vpc_guide("internet gateways", "VPC_Internet_Gateway.html");
    VPC_ACLS = vpc_guide("network ACLs", "vpc-network-acls.html");
    VPC_ADDRESSING = vpc_guide("IP addressing", "vpc-ip-addressing.html");
    VPC_RESERVATIONS = vpc_guide("subnet CIDR reservations", "subnet-cidr-reservation.html");
    VPC_SUBNET_ROUTES = vpc_guide("subnet route tables", "subnet-route-tables.html");
    VPC_SHARING = vpc_guide("shared subnets", "vpc-sharing.html");
    CREATE_NAT = ec2_api("CreateNatGateway");
    CREATE_TGW_ROUTE = ec2_api("CreateTransitGatewayRoute");
    NLB = page(
        "Network Load Balancer guide, Availability Zones",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/availability-zones.html"
    );
    CREATE_ROLE = page(
        "IAM API reference, CreateRole",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"
    );
    KARPENTER_CFN = page(
        "Karpenter documentation, CloudFormation",
        "https://karpenter.sh/docs/reference/cloudformation/"
    );
    EKS_CLUSTER_LOGS = eks_guide("control plane logs", "control-plane-logs");
    EKS_OIDC = eks_guide("an IAM OIDC provider", "enable-iam-roles-for-service-accounts");
    IAM_TAGS = page(
        "IAM user guide, tags",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html"
    );
    CFN_DYNAMIC = page(
        "CloudFormation user guide, dynamic references",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"
    );
    CLOUDWATCH_ENDPOINT = page(
        "CloudWatch user guide, interface endpoints",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-interface-VPC.html"
    );
    INTERFACE_ENDPOINTS = page(
        "AWS PrivateLink guide, interface endpoints",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"
    );
    CDK_CLUSTER = page(
        "AWS CDK, aws-eks, validateRemoteNetworkConfig",
        "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-eks/lib/cluster.ts"
    );
    CDK_PREFLIGHT_VPC = page(
        "cdk-preflight, ranges that CreateVpc refused",
        "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/ec2/pf-ec2-vpc-cidr-reserved-range"
    );
    CDK_PREFLIGHT_REMOTE = page(
        "cdk-preflight, remote networks that CreateCluster refused",
        "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/eks/pf-eks-cluster-remote-pod-network-requires-node-network"
    );
    CDK_PREFLIGHT_VERSION = page(
        "cdk-preflight, Kubernetes versions that CreateCluster refused",
        "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/eks/pf-eks-cluster-version-unsupported"
    );
    CDK_PREFLIGHT_PRINCIPAL = page(
        "cdk-preflight, principals that CreateAccessEntry refused",
        "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/eks/pf-eks-accessentry-principal-arn-service-linked-role"
    );
    ROUTE53_ENDPOINT = issue("awslabs/landing-zone-accelerator-on-aws", "1010");
    CNI_1451 = issue("aws/amazon-vpc-cni-k8s", "1451");
    EKSCTL_2047 = issue("eksctl-io/eksctl", "2047");
    KOPS_11727 = issue("kubernetes/kops", "11727");
    KOPS_5177 = issue("kubernetes/kops", "5177");
    RESOURCE_CONTROLLER_583 = issue("aws/amazon-vpc-resource-controller-k8s", "583");
    VPC_PEERING = page(
        "VPC peering guide",
        "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html"
    );
    TRANSIT_GATEWAYS = page(
        "Transit Gateway guide, VPC attachments",
        "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html"
    );
    ZONE_IDS = page(
        "AZ IDs",
        "https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html"
    );
    EC2_TAGS = page(
        "EC2 user guide, tag restrictions",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html"
    );
    EC2_ERRORS = page(
        "EC2 API reference, error codes",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
    );
    ALB = page(
        "Application Load Balancer guide",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"
    );
    LBC = page(
        "AWS Load Balancer Controller, subnet discovery",
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/"
    );
    CFN_CLUSTER = page(
        "CloudFormation, AWS::EKS::Cluster",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-cluster.html"
    );
    CFN_UPDATES = page(
        "CloudFormation user guide, update behaviors of stack resources",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html"
    );
    CFN_TRANSIT_TABLE = page(
        "CloudFormation, AWS::EC2::TransitGatewayRouteTableAssociation",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-transitgatewayroutetableassociation.html"
    );
    CFN_ACCESS_ENTRY = page(
        "CloudFormation, AWS::EKS::AccessEntry",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-accessentry.html"
    );
    CFN_FARGATE = page(
        "CloudFormation, AWS::EKS::FargateProfile",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-fargateprofile.html"
    );
    CENTRAL_ENDPOINTS = page(
        "AWS whitepaper, centralized access to VPC private endpoints",
        "https://docs.aws.amazon.com/whitepapers/latest/building-scalable-secure-multi-vpc-network-infrastructure/centralized-access-to-vpc-private-endpoints.html"
    );
    CFN_SUBNET = page(
        "CloudFormation, AWS::EC2::Subnet",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html"
    );
    CFN_NAT = page(
        "CloudFormation, AWS::EC2::NatGateway",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-natgateway.html"
    );
    CFN_LOGICAL_IDS = page(
        "CloudFormation user guide, logical ids",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"
    );
    CFN_QUOTAS = page(
        "CloudFormation user guide, quotas",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
    );
    CFN_TYPES = page(
        "CloudFormation, resource and property types",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"
    );
    CFN_DEPENDS_ON = page(
        "CloudFormation, DependsOn",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html"
    );
    CFN_FUNCTIONS = page(
        "CloudFormation, intrinsic functions",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html"
    );
    PUT_RETENTION = page(
        "CloudWatch Logs API reference, PutRetentionPolicy",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"
    );
    PUT_ALARM = page(
        "CloudWatch API reference, PutMetricAlarm",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
    );
    SERVICE_QUOTAS = page(
        "Service Quotas API reference, GetServiceQuota",
        "https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html"
    );
    HUB_EC2 = page(
        "Security Hub, EC2 controls",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"
    );
    CIS_EKS = page(
        "CIS Amazon EKS benchmark 1.5",
        "https://www.cisecurity.org/benchmark/kubernetes"
    );
    CNI_README = cni("README", "README.md");
    CNI_CHANGES = cni("CHANGELOG", "CHANGELOG.md");
    CNI_CHART = cni("charts/aws-vpc-cni", "charts/aws-vpc-cni/README.md");
    CNI_AWSUTILS = cni("pkg/awsutils", "pkg/awsutils/awsutils.go");
    CNI_ENICONFIG = cni("pkg/eniconfig", "pkg/eniconfig/eniconfig.go");
    CNI_IPAMD = cni("pkg/ipamd", "pkg/ipamd/ipamd.go");
    CNI_AGENT = cni("cmd/aws-k8s-agent", "cmd/aws-k8s-agent/main.go");
    CNI_MAIN = cni("cmd/aws-vpc-cni", "cmd/aws-vpc-cni/main.go");
    CNI_CRD = cni("ENIConfig custom resource", "pkg/apis/crd/v1alpha1/eniconfig_types.go");
    CNI_RIGHTS = cni("docs/iam-policy.md", "docs/iam-policy.md");
    CNI_884 = issue("aws/amazon-vpc-cni-k8s", "884");
    CNI_2749 = issue("aws/amazon-vpc-cni-k8s", "2749");
    CNI_3685 = issue("aws/amazon-vpc-cni-k8s", "3685");
    CNI_3840 = issue("aws/amazon-vpc-cni-k8s", "3840");
    PRACTICES_633 = issue("aws/aws-eks-best-practices", "633");
    CDK_16644 = issue("aws/aws-cdk", "16644");
    ROADMAP_497 = issue("aws/containers-roadmap", "497");
    EKSCTL_4007 = issue("eksctl-io/eksctl", "4007");
    EKSCTL_4973 = issue("eksctl-io/eksctl", "4973");
    EKSCTL_5677 = issue("eksctl-io/eksctl", "5677");
    BOTTLEROCKET_4472 = issue("bottlerocket-os/bottlerocket", "4472");
    PULUMI_1436 = issue("pulumi/pulumi-eks", "1436");
    ROADMAP_1389 = issue("aws/containers-roadmap", "1389");
    ROADMAP_1706 = issue("aws/containers-roadmap", "1706");
    ROADMAP_1687 = issue("aws/containers-roadmap", "1687");
    ROADMAP_1813 = issue("aws/containers-roadmap", "1813");
    RESOURCE_CONTROLLER = page(
        "amazon-vpc-resource-controller-k8s",
        "https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/README.md"
    );
    AMI_MAX_PODS = page(
        "amazon-eks-ami, max pods",
        "https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go"
    );
    VERSION_SKEW = page(
        "Kubernetes documentation, version skew policy",
        "https://kubernetes.io/releases/version-skew-policy/"
    );
    PULUMI_1819 = issue("pulumi/pulumi-eks", "1819");
    TERRAFORM_3001 = issue("terraform-aws-modules/terraform-aws-eks", "3001");
    K8S_LABELS = page(
        "Kubernetes documentation, labels and selectors",
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"
    );
    K8S_NAMES = page(
        "Kubernetes documentation, object names",
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/"
    );
    KUBERNETES_APPLY = page(
        "Kubernetes documentation, server-side apply",
        "https://kubernetes.io/docs/reference/using-api/server-side-apply/"
    );
    YAML_12 = page("YAML 1.2.2", "https://yaml.org/spec/1.2.2/");
    YAML_11 = page("YAML 1.1 types", "https://yaml.org/type/");
    RFC_4632 = page("RFC 4632", "https://www.rfc-editor.org/rfc/rfc4632");
    RFC_5771 = page("RFC 5771", "https://www.rfc-editor.org/rfc/rfc5771");
    RFC_6890 = page("RFC 6890", "https://www.rfc-editor.org/rfc/rfc6890");
    RFC_6943 = page("RFC 6943", "https://www.rfc-editor.org/rfc/rfc6943");
    HOUSE = page(
        "eksnet, the blueprint language",
        "https://github.com/eksnet/eksnet/blob/main/README.md"
    );
}
