//! The cluster, its node groups and its add-ons with every default filled in.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net};

use crate::blueprint::Blueprint;
use crate::blueprint::model::{self, AuthenticationMode, ControlPlaneEgress, IpFamily, LogType};
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::ledger::{HeldCluster, Kept, KeptAddon};

use super::access::{self, Access};
use super::addons::{self, Addon, AddonContext};
use super::auto::Auto;
use super::aws_node::{Cni, Version};
use super::groups::{self, GroupContext, NodeGroup};
use super::iam::{self, Karpenter, PodIdentity};
use super::parse::{self, keep};
use super::placeholders::Words;
use super::reach::{self, Connected};
use super::remote::{self, RemoteNetworks};
use super::services;
use super::{
    AwsNode, Choices, FargateProfile, Known, PodSubnets, Tier, Transit, Vpc, auto, aws_node,
    fargate, pods,
};
use crate::rules::CLU_20;

/// A cluster of the stack, or one that exists and whose network the stack extends.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub version: String,
    /// Pods and services have IPv6 addresses.
    pub ipv6: bool,
    pub service_cidr: Ipv4Net,
    /// Whether the author wrote it.
    pub service_cidr_written: bool,
    /// The lock has one, which the cluster keeps.
    pub service_cidr_kept: bool,
    pub endpoint: Endpoint,
    pub logging: Vec<LogType>,
    pub deletion_protection: bool,
    pub secrets_key: Option<SecretsKey>,
    /// Days; `None`: EKS's own group, which keeps everything.
    pub log_retention_days: Option<u32>,
    /// A provider for roles of service accounts: written, or left to what needs one.
    pub oidc_provider: Option<bool>,
    pub authentication: AuthenticationMode,
    /// Further groups on the control plane's interfaces.
    pub security_groups: Vec<String>,
    pub access: Vec<Access>,
    /// Webhooks and OIDC discovery leave through the control plane's subnets.
    pub customer_routed: bool,
    pub remote: RemoteNetworks,
    pub aws_node: AwsNode,
    /// EKS puts its own software into the new cluster, managed by nobody. A cluster keeps what it was made with.
    pub bootstrap: bool,
    pub auto: Option<Auto>,
    /// Auto Mode was on once: EKS is told that it is off.
    pub auto_off: bool,
    pub pods_in: PodSubnets,
    pub node_groups: Vec<NodeGroup>,
    pub fargate: Vec<FargateProfile>,
    pub addons: Vec<Addon>,
    /// The author lists them.
    pub addons_written: bool,
    /// `None`: the stack makes it.
    pub existing: Option<HeldCluster>,
    pub pod_identities: Vec<PodIdentity>,
    pub karpenter: Option<Karpenter>,
}

/// The key of Kubernetes secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretsKey {
    /// One of the stack.
    Create,
    /// An ARN, or an alias.
    Existing(String),
}

impl SecretsKey {
    fn of(text: &str) -> Self {
        match text {
            "create" => SecretsKey::Create,
            text => SecretsKey::Existing(text.to_string()),
        }
    }

    /// Its ARN or alias, where it is not the stack's.
    pub fn existing(&self) -> Option<&String> {
        match self {
            SecretsKey::Existing(text) => Some(text),
            SecretsKey::Create => None,
        }
    }
}

impl Cluster {
    /// With custom networking: the tiers that pods are in, each once.
    pub fn pod_tiers(&self) -> Vec<&str> {
        let default = self.aws_node.custom_networking.iter().map(|custom| custom.tier.as_str());
        let mut tiers: Vec<&str> = default
            .chain(self.node_groups.iter().filter_map(|group| group.pod_tier.as_deref()))
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        tiers.retain(|tier| seen.insert(*tier));
        tiers
    }

    /// Whether a deployment sets the aws-node of a cluster that others made.
    pub fn sets_aws_node(&self) -> bool {
        self.existing.is_some()
            && self.aws_node.runs()
            && !matches!(self.aws_node.cni, Cni::External)
    }
}

impl Cluster {
    /// Versions of its add-ons, by name; of those that are left to EKS as far as `kept` knows them.
    pub fn pinned_versions(&self, kept: &Kept) -> BTreeMap<String, KeptAddon> {
        let own = self.aws_node.is_addon().then_some((eks::VPC_CNI, &self.aws_node.version));
        let others = self.addons.iter().map(|addon| (addon.name.as_str(), &addon.version));
        let pinned = |(name, version): (&str, &Version)| {
            let version = version.known().map(str::to_string);
            let one = KeptAddon { version, kubernetes: self.version.clone() };
            let known = one.version.is_some() || kept.addons.get(name) == Some(&one);
            known.then(|| (name.to_string(), one))
        };
        own.into_iter().chain(others).filter_map(pinned).collect()
    }
}

/// Who reaches the Kubernetes API, and from where.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub private: bool,
    pub public: bool,
    /// Ranges with their places in the list. Empty: everybody.
    pub public_cidrs: Vec<(usize, IpNet)>,
    /// There is a list, whatever is wrong with it.
    pub public_listed: bool,
    /// The NAT gateways' own addresses are in the list too.
    pub public_nat: bool,
    /// What the list was before the endpoint was closed: EKS keeps it for the day that it is opened.
    pub former_cidrs: Vec<IpNet>,
}

/// Stands for the addresses of the stack's NAT gateways in `publicCidrs`.
pub const NAT_GATEWAYS: &str = "natGateways";

const DEFAULT_LOGS: [LogType; 3] = [LogType::Api, LogType::Audit, LogType::Authenticator];

/// `None`: a network without a cluster, in which keys that need one are findings.
pub fn resolve(
    blueprint: &Blueprint,
    known: Known<'_>,
    vpc: &Vpc,
    (tiers, transit): (&[Tier], &Transit),
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Option<Cluster> {
    let Some(written) = &blueprint.cluster else {
        without_cluster(blueprint, choices, findings);
        return None;
    };
    let remote = remote::resolve(written.remote_networks.as_ref(), findings);
    let connected = connected(transit, tiers, &remote);
    let around = (vpc, connected.as_slice(), known.kept);
    let service_cidr = service_cidr(written, around, choices, findings);
    let version = known.kubernetes(blueprint, choices);
    let auto = auto::resolve(blueprint, tiers, choices, findings);
    let aws_node = node_cni((blueprint, tiers), auto.is_some(), choices, findings);
    let words = Words::of(blueprint);
    let context = GroupContext { tiers, aws_node: &aws_node, words, known };
    let node_groups = groups::resolve(blueprint, &context, choices, findings);
    let fargate = fargate::resolve(blueprint.fargate.as_ref(), tiers, choices);
    let (auto_mode, hybrid) = (auto.is_some(), remote.all().next().is_some());
    let cni = &aws_node.cni;
    let around =
        AddonContext { groups: &node_groups, fargate: &fargate, auto: auto_mode, cni, hybrid };
    let addons = addons::resolve(blueprint, &around, choices);
    Some(Cluster {
        version,
        ipv6: aws_node.ipv6,
        service_cidr,
        service_cidr_written: written.service_cidr.is_some(),
        service_cidr_kept: known.kept.service_cidr.is_some(),
        endpoint: endpoint(written.endpoint_access.as_ref(), choices, findings),
        logging: logging(written.logging.as_ref()),
        deletion_protection: written.deletion_protection.unwrap_or(true),
        secrets_key: written.secrets_key.as_deref().map(SecretsKey::of),
        log_retention_days: written.log_retention_days,
        oidc_provider: written.oidc_provider,
        authentication: written.authentication_mode.unwrap_or_default(),
        security_groups: written.security_groups.clone().unwrap_or_default(),
        pod_identities: iam::pod_identities(blueprint.pod_identities.as_ref()),
        karpenter: iam::karpenter(blueprint.karpenter.as_ref(), choices),
        access: access::resolve(written.access.as_ref()),
        customer_routed: written.control_plane_egress == Some(ControlPlaneEgress::CustomerRouted),
        remote,
        pods_in: pods::resolve(&aws_node, tiers, words.cluster),
        node_groups,
        fargate,
        addons,
        addons_written: blueprint.addons.is_some(),
        existing: None,
        auto,
        auto_off: false,
        bootstrap: aws_node.is_self_managed(),
        aws_node,
    })
}

/// Nothing is chosen for an aws-node that is absent.
fn node_cni(
    (blueprint, tiers): (&Blueprint, &[Tier]),
    auto: bool,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> AwsNode {
    let own_nodes = blueprint.node_groups.as_ref().is_some_and(|groups| !groups.is_empty());
    let absent = auto && !own_nodes;
    let mut unsaid = Choices::default();
    let chosen = if absent { &mut unsaid } else { choices };
    let mut node = aws_node::resolve(blueprint, tiers, chosen, findings);
    if absent && node.is_addon() {
        node.cni = Cni::AutoMode;
    }
    node
}

/// Ranges that services would hide from pods.
fn connected(transit: &Transit, tiers: &[Tier], remote: &RemoteNetworks) -> Vec<Ipv4Net> {
    let beyond = reach::beyond(transit, tiers).filter(Connected::is_network).map(|own| own.range);
    beyond.chain(remote.all()).collect()
}

fn without_cluster(blueprint: &Blueprint, choices: &mut Choices, findings: &mut Vec<Diagnostic>) {
    choices.note("cluster", "none", "the blueprint has no `cluster`: a network only");
    let orphans = [
        ("awsNode", blueprint.aws_node.is_some()),
        ("nodeGroupDefaults", blueprint.node_group_defaults.is_some()),
        ("nodeGroups", blueprint.node_groups.is_some()),
        ("fargate", blueprint.fargate.is_some()),
        ("addons", blueprint.addons.is_some()),
        ("podIdentities", blueprint.pod_identities.is_some()),
        ("karpenter", blueprint.karpenter.is_some()),
        ("iam.roles", blueprint.iam.as_ref().is_some_and(|iam| iam.roles.is_some())),
    ];
    for (key, _) in orphans.into_iter().filter(|(_, written)| *written) {
        findings.push(
            CLU_20
                .at(key, format!("`{key}` without a `cluster`"))
                .hint("add `cluster: {}` for a cluster with defaults, or remove it"),
        );
    }
}

fn service_cidr(
    written: &model::Cluster,
    (vpc, connected, kept): (&Vpc, &[Ipv4Net], &Kept),
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Ipv4Net {
    let parsed = written
        .service_cidr
        .as_ref()
        .and_then(|text| keep(parse::cidr("cluster.serviceCidr", text), findings));
    parsed.unwrap_or_else(|| {
        if let Some(kept) = kept.service_cidr {
            choices.note(
                "cluster.serviceCidr",
                kept,
                "as before: a cluster's can never be changed (SVC-05)",
            );
            return kept;
        }
        let own: Vec<Ipv4Net> = vpc.cidrs().collect();
        let (chosen, why) = services::chosen(&own, connected);
        if written.service_cidr.is_none() && !matches!(written.ip_family, Some(IpFamily::Ipv6)) {
            choices.note("cluster.serviceCidr", chosen, why);
        }
        chosen
    })
}

fn endpoint(
    written: Option<&model::EndpointAccess>,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Endpoint {
    if written.is_none() {
        choices.note(
            "cluster.endpointAccess",
            "private and public",
            "nodes stay inside the VPC, people reach it from outside",
        );
    }
    let texts = written.and_then(|access| access.public_cidrs.as_ref());
    let places = texts.into_iter().flatten().enumerate().filter(|(_, text)| *text != NAT_GATEWAYS);
    let range = |(at, text): (usize, &String)| {
        Some((
            at,
            keep(
                parse::range(&format!("cluster.endpointAccess.publicCidrs[{at}]"), text),
                findings,
            )?,
        ))
    };
    let public_cidrs = places.filter_map(range).collect();
    Endpoint {
        private: written.and_then(|access| access.private).unwrap_or(true),
        public: written.and_then(|access| access.public).unwrap_or(true),
        public_cidrs,
        public_listed: texts.is_some_and(|texts| !texts.is_empty()),
        public_nat: texts.is_some_and(|texts| texts.iter().any(|text| text == NAT_GATEWAYS)),
        former_cidrs: Vec::new(),
    }
}

fn logging(written: Option<&Vec<LogType>>) -> Vec<LogType> {
    let mut types = written.cloned().unwrap_or(DEFAULT_LOGS.to_vec());
    types.sort();
    types.dedup();
    types
}
