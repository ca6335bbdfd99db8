//! Profiles: rules that only some want, and warnings that some take for errors.

use super::rule::{Rule, error};
use crate::blueprint::model::{LogType, NatMode, TierEgress};
use crate::blueprint::path::key;
use crate::diagnostic::{Diagnostic, Severity};
use crate::spec::{Cluster, Spec};

/// A set of rules, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// What of the CIS benchmark for EKS and of Security Hub's controls a network decides.
    Cis,
    /// What survives the failure of a zone.
    Ha,
}

/// How strictly findings are taken.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    /// A warning that nobody allowed is an error.
    pub strict: bool,
    pub rules: Vec<Profile>,
}

impl Profile {
    fn word(self) -> &'static str {
        match self {
            Profile::Cis => "cis",
            Profile::Ha => "ha",
        }
    }

    /// Warnings that are errors here.
    fn raises(self) -> &'static [&'static str] {
        match self {
            Profile::Cis => &["EP-07", "NODE-03", "SEC-03"],
            Profile::Ha => &["SIZ-02", "CAP-01"],
        }
    }
}

impl Profiles {
    /// The profile that makes an error of a rule's warning.
    pub fn raising(&self, rule: &str) -> Option<&'static str> {
        self.rules
            .iter()
            .find(|profile| profile.raises().contains(&rule))
            .map(|profile| profile.word())
    }
}

const CIS: &str = "CIS Amazon EKS benchmark 1.5";
const HUB: &str = "AWS Security Hub, foundational best practices";
const HA: &str = "EKS best practices, reliability; VPC user guide, NAT gateways";

pub const RULES: &[Rule] = &[
    error(
        "CIS-01",
        "with `--profile-rules cis`: audit logs are on",
        "2.1.1: who did what is known afterwards",
        CIS,
        ("logging: [api]", "logging: [api, audit, authenticator]"),
    ),
    error(
        "CIS-02",
        "with `--profile-rules cis`: secrets have a key of their own",
        "5.3.1: who reads etcd reads no secret, and the key can be taken away",
        CIS,
        ("cluster: {}", "cluster: { secretsKey: \"arn:aws:kms:eu-west-1:111122223333:key/…\" }"),
    ),
    error(
        "CIS-03",
        "with `--profile-rules cis`: the API is private",
        "5.4.2, EKS.1: what the internet does not reach, it does not try",
        CIS,
        (
            "endpointAccess: { private: true, public: true }",
            "endpointAccess: { private: true, public: false }",
        ),
    ),
    error(
        "CIS-04",
        "with `--profile-rules cis`: network policies are enforced",
        "5.4.4: without them every pod reaches every other",
        CIS,
        ("awsNode: {}", "awsNode: { networkPolicy: { enabled: true } }"),
    ),
    error(
        "CIS-05",
        "with `--profile-rules cis`: the default security group is closed",
        "EC2.2: whatever names no group falls into it",
        HUB,
        ("securityGroups: {}", "securityGroups: { defaultGroup: closed }"),
    ),
    error(
        "CIS-06",
        "with `--profile-rules cis`: flow logs are on",
        "EC2.6: what went where is known afterwards",
        HUB,
        ("vpc: {}", "vpc: { flowLogs: { destination: cloudWatchLogs } }"),
    ),
    error(
        "HA-01",
        "with `--profile-rules ha`: each zone has its own way out",
        "one NAT gateway fails with its zone, for all the others too (NAT-02)",
        HA,
        ("nat: single", "nat: perZone"),
    ),
    error(
        "HA-02",
        "with `--profile-rules ha`: three zones",
        "with two, one failure takes half (CLU-12)",
        HA,
        ("zones: 2", "zones: 3"),
    ),
];

/// What only the profiles find.
pub fn check(spec: &Spec, profiles: &Profiles) -> Vec<Diagnostic> {
    profiles
        .rules
        .iter()
        .flat_map(|profile| match profile {
            Profile::Cis => cis(spec),
            Profile::Ha => ha(spec),
        })
        .collect()
}

fn cis(spec: &Spec) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = spec.cluster.iter().flat_map(cis_cluster).collect();
    if !spec.guards.default_closed {
        let finding = Diagnostic::error(
            "CIS-05",
            "securityGroups",
            "the VPC's default security group is open",
        );
        findings.push(finding.hint("write `securityGroups: { defaultGroup: closed }`"));
    }
    if spec.vpc.flow_logs.is_none() {
        findings.push(
            Diagnostic::error("CIS-06", "vpc", "the VPC has no flow logs")
                .hint("write `vpc: { flowLogs: { destination: cloudWatchLogs } }`"),
        );
    }
    findings
}

fn cis_cluster(cluster: &Cluster) -> Vec<Diagnostic> {
    let rows = [
        (
            !cluster.logging.contains(&LogType::Audit),
            (
                "CIS-01",
                "cluster.logging",
                "the audit log is off",
                "write `logging: [api, audit, authenticator]`",
            ),
        ),
        (
            cluster.secrets_key.is_none(),
            (
                "CIS-02",
                "cluster",
                "Kubernetes secrets have no key of their own",
                "name a KMS key: `secretsKey`; a cluster that stands without one has to be told through EKS",
            ),
        ),
        (
            cluster.endpoint.public,
            (
                "CIS-03",
                "cluster.endpointAccess",
                "the API is public",
                "write `endpointAccess: { private: true, public: false }`",
            ),
        ),
        (
            !cluster.aws_node.network_policy,
            (
                "CIS-04",
                "awsNode",
                "network policies are not enforced",
                "write `awsNode: { networkPolicy: { enabled: true } }`",
            ),
        ),
    ];
    let broken = rows.into_iter().filter(|(broken, _)| *broken);
    broken
        .map(|(_, (rule, place, message, hint))| Diagnostic::error(rule, place, message).hint(hint))
        .collect()
}

fn ha(spec: &Spec) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let behind = spec.tiers.iter().find(|tier| tier.egress == TierEgress::Nat);
    if let Some(tier) = behind.filter(|_| spec.nat.mode == NatMode::Single && 1 < spec.zones.len())
    {
        let finding =
            Diagnostic::error("HA-01", "egress.nat", "all zones leave through one NAT gateway")
                .also(key(&tier.path, "egress"), "from here");
        findings.push(finding.hint("write `nat: perZone`, or `nat: regional`"));
    }
    if spec.zones.len() < 3 {
        findings.push(
            Diagnostic::error("HA-02", "zones", format!("{} zones", spec.zones.len()))
                .hint("write `zones: 3`; a cluster keeps the zones it was made with"),
        );
    }
    findings
}

/// What a profile takes for an error.
pub fn raise(findings: &mut [Diagnostic], profiles: &Profiles) {
    for finding in findings.iter_mut().filter(|finding| !finding.is_error()) {
        if let Some(profile) = profiles.raising(finding.rule) {
            finding.severity = Severity::Error;
            finding.message.push_str(&format!(" (an error with `--profile-rules {profile}`)"));
        }
    }
}
