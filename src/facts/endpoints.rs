//! VPC endpoints: which AWS service is needed when, and by what name.
//! Source: EKS user guide, private clusters; EC2 user guide, PrivateLink; read 2026-11-20. Rules PE-01 to PE-14.

use crate::rules::{
    PE_01, PE_02, PE_03, PE_05, PE_06, PE_07, PE_08, PE_09, PE_10, PE_14, PE_31, Rule,
};

use std::sync::OnceLock;

use super::endpoint_services::{CHINA, OTHERS};
use super::regions::{self, Region};

/// How an endpoint is reached, which decides its subnets, its price and its security groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A network interface in a subnet of each zone.
    Interface,
    /// A route in the tables that need it; free of charge.
    Gateway,
}

/// Whose endpoint service it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Owner {
    Aws,
    /// Another account's, by its whole name: it has no private DNS name that is known, and supports no endpoint policy.
    Another {
        whole: &'static str,
        region: &'static Region,
    },
}

/// What in a blueprint calls a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// Nodes of node groups, and what people do on them through Systems Manager.
    Nodes,
    /// Nodes of EKS Auto Mode, which nobody logs in to, and whose load balancers EKS makes from outside.
    AutoNodes,
    PodIdentity,
    LoadBalancers,
    ClusterAutoscaler,
    Karpenter,
    CloudWatch,
    MetricsHelper,
    SecretsKey,
    /// An add-on, by its name.
    Addon(&'static str),
    /// Nothing that a blueprint tells.
    OnRequest,
    /// What eksnet derived in an earlier version: the endpoint exists, and stays until it is excluded.
    Formerly,
}

impl Caller {
    /// As findings name the caller: `the nodes`, `add-on adot`.
    pub fn word(self) -> String {
        match self {
            Caller::Nodes => "the nodes".to_string(),
            Caller::AutoNodes => "nodes of Auto Mode".to_string(),
            Caller::PodIdentity => "EKS Pod Identity".to_string(),
            Caller::LoadBalancers => "the AWS Load Balancer Controller".to_string(),
            Caller::ClusterAutoscaler => "Cluster Autoscaler".to_string(),
            Caller::Karpenter => "Karpenter".to_string(),
            Caller::CloudWatch => "CloudWatch agents".to_string(),
            Caller::MetricsHelper => "cni-metrics-helper".to_string(),
            Caller::SecretsKey => "the secrets key".to_string(),
            Caller::Addon(name) => format!("add-on {name}"),
            Caller::OnRequest => "the blueprint".to_string(),
            Caller::Formerly => "an earlier eksnet".to_string(),
        }
    }
}

/// One service that may have an endpoint.
#[derive(Debug)]
pub struct Service {
    /// Behind `com.amazonaws.<region>.`; of another account its id.
    pub name: &'static str,
    pub owner: Owner,
    pub kind: Kind,
    pub callers: &'static [Caller],
    /// Whether nodes without another way out cannot do without it, and by which rule.
    pub rule: Option<&'static Rule>,
    /// Buckets of AWS's own that nodes read through it without a principal of their account.
    pub open_buckets: &'static [&'static str],
    /// Actions that are called without signing. Rule PE-04.
    pub open_actions: &'static [&'static str],
}

const fn interface(
    name: &'static str,
    callers: &'static [Caller],
    rule: Option<&'static Rule>,
) -> Service {
    let (owner, kind) = (Owner::Aws, Kind::Interface);
    Service { name, owner, kind, callers, rule, open_buckets: &[], open_actions: &[] }
}

use Caller::{
    Addon, AutoNodes, CloudWatch, ClusterAutoscaler, Karpenter, LoadBalancers, MetricsHelper,
    Nodes, OnRequest, PodIdentity, SecretsKey,
};

/// The interface of S3, whose other endpoint is a gateway: both have one name in AWS. PrivateLink guide, endpoints for S3.
pub const S3_INTERFACE: &str = "s3.interface";
pub const S3: &str = "s3";

/// Layers of images in ECR, and the packages of Amazon Linux 2023. General knowledge, not verified again.
const OPEN_BUCKETS: &[&str] =
    &["prod-${AWS::Region}-starport-layer-bucket", "al2023-repos-${AWS::Region}-de612dc2"];

/// What Fargate calls for its pods: images, and a token of their role. EKS user guide, private clusters.
pub const OF_FARGATE: &[&str] = &["ecr.api", "ecr.dkr", S3, "sts"];

pub const SERVICES: &[Service] = &[
    interface("ecr.api", &[Nodes, AutoNodes], Some(&PE_01)),
    interface("ecr.dkr", &[Nodes, AutoNodes], Some(&PE_01)),
    Service {
        open_buckets: OPEN_BUCKETS,
        kind: Kind::Gateway,
        ..interface(S3, &[Nodes, AutoNodes], Some(&PE_02))
    },
    interface("ec2", &[Nodes, AutoNodes], Some(&PE_03)),
    Service {
        open_actions: &["sts:AssumeRoleWithWebIdentity"],
        ..interface("sts", &[Nodes, AutoNodes], Some(&PE_31))
    },
    interface("eks", &[Nodes, AutoNodes], Some(&PE_05)),
    interface("eks-auth", &[PodIdentity, AutoNodes], Some(&PE_06)),
    interface("elasticloadbalancing", &[LoadBalancers], Some(&PE_07)),
    interface("logs", &[CloudWatch], Some(&PE_08)),
    interface("monitoring", &[CloudWatch, MetricsHelper], Some(&PE_09)),
    interface("autoscaling", &[ClusterAutoscaler], Some(&PE_10)),
    interface("ssm", &[Nodes, Karpenter], None),
    interface("ssmmessages", &[Nodes], None),
    // SSM Agent 3.3.40 and later calls ssmmessages instead, and Regions since 2024 do not have it.
    interface("ec2messages", &[OnRequest], None),
    interface("sqs", &[Karpenter], None),
    interface("kms", &[SecretsKey], None),
    interface("xray", &[Addon("adot")], Some(&PE_14)),
    interface("elasticfilesystem", &[Addon("aws-efs-csi-driver")], Some(&PE_14)),
    interface("fsx", &[Addon("aws-fsx-csi-driver")], Some(&PE_14)),
    interface("guardduty-data", &[Addon("aws-guardduty-agent")], Some(&PE_14)),
    interface("secretsmanager", &[Addon("aws-secrets-store-csi-driver-provider")], Some(&PE_14)),
    interface("aps-workspaces", &[OnRequest], None),
    interface("acm-pca", &[Addon("aws-privateca-connector-for-kubernetes")], Some(&PE_14)),
    interface("cloudformation", &[OnRequest], None),
    Service { kind: Kind::Gateway, ..interface("dynamodb", &[OnRequest], None) },
    Service { kind: Kind::Gateway, ..interface("s3express", &[OnRequest], None) },
    Service { open_buckets: OPEN_BUCKETS, ..interface(S3_INTERFACE, &[OnRequest], None) },
    interface("events", &[OnRequest], None),
    Service {
        open_actions: &["execute-api:Invoke"],
        ..interface("execute-api", &[OnRequest], None)
    },
    interface("kinesis-streams", &[OnRequest], None),
    interface("lambda", &[OnRequest], None),
    interface("rds", &[OnRequest], None),
    interface("sns", &[OnRequest], None),
];

/// What a node calls before its pods run, by service: an endpoint's policy has to admit it. `sts` serves roles of service accounts,
/// `eks-auth` those of Pod Identity. Source: AmazonEKS_CNI_Policy, AmazonEC2ContainerRegistryPullOnly; EKS user guide, Pod Identity agent;
/// read 2026-11-28.
pub const NODE_ACTIONS: &[(&str, &[&str])] = &[
    (
        "ec2",
        &["ec2:DescribeInstances", "ec2:CreateNetworkInterface", "ec2:AssignPrivateIpAddresses"],
    ),
    ("ecr.api", &["ecr:GetAuthorizationToken", "ecr:BatchGetImage"]),
    ("sts", &["sts:AssumeRoleWithWebIdentity"]),
    ("eks-auth", &["eks-auth:AssumeRoleForPodIdentity"]),
];

/// Regions that keep services under another name than `com.amazonaws`: (Regions, prefix, services). Interface endpoints only.
/// Source: aws-cdk, vpc-endpoint.ts, which lists DescribeVpcEndpointServices; read 2026-11-28.
const PREFIXES: &[(&[&str], &str, &[&str])] = &[
    (&["cn-north-1", "cn-northwest-1"], "cn.com.amazonaws", CHINA),
    (&["eusc-de-east-1"], "eu.amazonaws", &["ecr.api", "ecr.dkr", "execute-api"]),
    (
        &["us-iso-east-1"],
        "gov.ic.c2s",
        &[
            "autoscaling",
            "ec2",
            "ecr.api",
            "ecr.dkr",
            "elasticfilesystem",
            "execute-api",
            "sns",
            "sqs",
        ],
    ),
    (
        &["us-iso-west-1"],
        "gov.ic.c2s",
        &[
            "autoscaling",
            "ec2",
            "ecr.api",
            "ecr.dkr",
            "elasticfilesystem",
            "execute-api",
            "monitoring",
            "sns",
            "sqs",
        ],
    ),
    (
        &["us-isob-east-1"],
        "gov.sgov.sc2s",
        &[
            "autoscaling",
            "ec2",
            "ecr.api",
            "ecr.dkr",
            "elasticfilesystem",
            "execute-api",
            "sns",
            "sqs",
        ],
    ),
    (&["us-isob-west-1"], "gov.sgov.sc2s", &["ecr.api", "ecr.dkr", "execute-api"]),
    (
        &["us-isof-east-1", "us-isof-south-1"],
        "gov.ic.hci.csp",
        &["ecr.api", "ecr.dkr", "execute-api"],
    ),
    (&["eu-isoe-west-1"], "uk.adc-e.cloud", &["ecr.api", "ecr.dkr", "execute-api"]),
];

/// Add-ons that send to CloudWatch.
pub const CLOUDWATCH_ADDONS: &[&str] = &["amazon-cloudwatch-observability"];

/// The tag by which Karpenter finds subnets.
pub const KARPENTER_TAG: &str = "karpenter.sh/discovery";

/// Interface endpoints in a VPC unless the quota L-29B6F2EB was raised.
pub const PER_VPC: usize = 50;

/// What clients of interface endpoints speak.
pub const PORT: u16 = 443;

/// Services that eksnet 0.1.0 derived for whoever had nodes: no Region since 2024 has the first, and nodes of Auto Mode call none of them.
const FORMERLY_DERIVED: &[&str] = &["ec2messages", "elasticloadbalancing", "ssm", "ssmmessages"];

/// The service of a full name, such as `com.amazonaws.eu-west-1.ssm`, if it is one of those.
pub fn formerly_derived(full_name: &str) -> Option<&'static str> {
    let named = |name: &&&str| full_name.ends_with(&format!(".{name}"));
    FORMERLY_DERIVED.iter().find(named).copied()
}

/// Begins the id of an endpoint service that is not AWS's own. Source: AWS PrivateLink guide, share your services; read 2026-11-29.
pub const OF_OTHERS: &str = "vpce-svc-";

/// By the name without prefix and Region, such as `ecr.api`; `None`: see [`unlisted`] (rule PE-33).
pub fn find(name: &str) -> Option<&'static Service> {
    let listed = || {
        let others = OTHERS.iter().map(|name| interface(name, &[OnRequest], None));
        others.collect::<Vec<_>>()
    };
    static LISTED: OnceLock<Vec<Service>> = OnceLock::new();
    let others = LISTED.get_or_init(listed);
    SERVICES.iter().chain(others).find(|service| service.name == name)
}

/// What stands behind the Region in a whole name of this Region: `kms` of `cn.com.amazonaws.cn-north-1.kms`.
pub fn behind_the_region<'n>(whole: &'n str, region: &str) -> Option<&'n str> {
    let prefixes = PREFIXES.iter().filter(|(regions, _, _)| regions.contains(&region));
    let mut prefixes = prefixes.map(|(_, prefix, _)| *prefix).chain(["com.amazonaws"]);
    prefixes.find_map(|prefix| {
        let rest = whole.strip_prefix(prefix)?.strip_prefix('.')?.strip_prefix(region)?;
        rest.strip_prefix('.')
    })
}

/// The service of a whole name that has no Region.
pub fn without_a_region(name: &str) -> Option<&'static Service> {
    let name = name.strip_prefix("com.amazonaws.")?;
    WITHOUT_A_REGION.iter().find(|(own, _)| *own == name).and_then(|(own, _)| find(own))
}

/// Every name that [`find`] knows, for suggestions.
pub fn names() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|service| service.name).chain(OTHERS.iter().copied())
}

/// A service that this version does not know, if its name has the form of one. It lives as long as the process, as the table's do.
pub fn unlisted(name: &str) -> Option<&'static Service> {
    let word = |part: &str| {
        part.starts_with(|one: char| one.is_ascii_lowercase())
            && part
                .chars()
                .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-')
    };
    let fits = (1..=2).contains(&name.split('.').count()) && name.split('.').all(word);
    let name: &'static str = fits.then(|| name.to_string().leak())?;
    Some(Box::leak(Box::new(interface(name, &[OnRequest], None))))
}

/// A service of another account by its whole name, such as `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`. It lives as long as
/// the process, as the table's do. Source: AWS PrivateLink guide, share your services; read 2026-11-29.
pub fn of_another(word: &str) -> Option<&'static Service> {
    let (prefix, rest) = word.split_once(".vpce.")?;
    let known = prefix == "com.amazonaws" || PREFIXES.iter().any(|(_, own, _)| *own == prefix);
    let (region, id) = rest.split_once('.').filter(|_| known)?;
    let region = regions::find(region)?;
    let name = id.len();
    let whole: &'static str = super::ids::is(OF_OTHERS, id).then(|| word.to_string().leak())?;
    let owner = Owner::Another { whole, region };
    let (_, name) = whole.split_at(whole.len() - name);
    Some(Box::leak(Box::new(Service { owner, ..interface(name, &[OnRequest], None) })))
}

/// Services with one endpoint service for all Regions of the partition `aws`, and the Region that has it: an endpoint elsewhere names it.
/// Sources: awslabs/landing-zone-accelerator-on-aws 1010; AWS::EC2::VPCEndpoint, `ServiceRegion`; read 2026-11-29.
const WITHOUT_A_REGION: &[(&str, &str)] = &[("route53", "us-east-1")];

impl Service {
    /// `com.amazonaws.eu-west-1.ecr.api`, or `com.amazonaws.route53`.
    pub fn full_name(&self, region: &Region) -> String {
        if let Owner::Another { whole, .. } = self.owner {
            return whole.to_string();
        }
        if self.home(region).is_some() {
            return format!("com.amazonaws.{}", self.name);
        }
        let row = PREFIXES.iter().find(|(regions, _, services)| {
            self.kind == Kind::Interface
                && regions.contains(&region.name)
                && services.contains(&self.name)
        });
        let prefix = row.map_or("com.amazonaws", |(_, prefix, _)| prefix);
        format!("{prefix}.{}.{}", region.name, self.in_aws())
    }

    /// Where its only endpoint service is.
    fn home(&self, region: &Region) -> Option<&'static str> {
        let row = WITHOUT_A_REGION.iter().find(|(name, _)| *name == self.name);
        row.filter(|_| region.partition.name == "aws").map(|(_, home)| *home)
    }

    /// The Region that the endpoint service is in, where that is another one than the VPC's.
    pub fn elsewhere(&self, region: &Region) -> Option<&'static str> {
        let home = match self.owner {
            Owner::Aws => self.home(region),
            Owner::Another { region, .. } => Some(region.name),
        };
        home.filter(|home| *home != region.name)
    }

    /// Whether the names that its callers use lead to the endpoint.
    pub fn has_private_dns(&self) -> bool {
        self.owner == Owner::Aws
    }

    /// Its name behind the Region's.
    pub fn in_aws(&self) -> &'static str {
        if self.name == S3_INTERFACE { S3 } else { self.name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::regions;

    #[test]
    fn other_partitions_have_names_of_their_own() {
        let name =
            |region, service| find(service).unwrap().full_name(regions::find(region).unwrap());
        assert_eq!(name("eu-west-1", "ecr.api"), "com.amazonaws.eu-west-1.ecr.api");
        assert_eq!(name("cn-north-1", "ecr.api"), "cn.com.amazonaws.cn-north-1.ecr.api");
        assert_eq!(name("cn-north-1", "s3"), "com.amazonaws.cn-north-1.s3");
        assert_eq!(name("eusc-de-east-1", "ecr.dkr"), "eu.amazonaws.eusc-de-east-1.ecr.dkr");
        assert_eq!(name("eusc-de-east-1", "ec2"), "com.amazonaws.eusc-de-east-1.ec2");
        assert_eq!(name("eu-west-1", "route53"), "com.amazonaws.route53");
        assert_eq!(name("cn-north-1", "route53"), "com.amazonaws.cn-north-1.route53");
        assert_eq!(name("eu-west-1", S3_INTERFACE), "com.amazonaws.eu-west-1.s3");
        assert_eq!(name("us-iso-east-1", "ec2"), "gov.ic.c2s.us-iso-east-1.ec2");
    }

    #[test]
    fn a_prefix_is_for_regions_and_services_that_exist() {
        for (regions, _, services) in PREFIXES {
            assert!(regions.iter().all(|name| regions::find(name).is_some()), "{regions:?}");
            assert!(services.iter().all(|name| find(name).is_some()), "{services:?}");
        }
    }

    #[test]
    fn every_service_stands_once() {
        let names: std::collections::BTreeSet<_> =
            SERVICES.iter().map(|service| service.name).collect();
        assert_eq!(names.len(), SERVICES.len());
    }
}
