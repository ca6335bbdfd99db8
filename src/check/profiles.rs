//! Profiles: rules that only some want, and warnings that some take for errors.

use std::collections::BTreeSet;

use crate::blueprint::model::{LogType, NatMode, TierEgress};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::intent::{Cluster, Intent};
use crate::rules::{
    ADR_01, ADR_06, CAP_01, CIS_01, CIS_02, CIS_03, CIS_04, CIS_05, CIS_06, EP_07, HA_01, HA_02,
    NODE_03, Rule, SEC_03, SIZ_02,
};

/// When one fails, two are left.
const HA_ZONES: usize = 3;

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
    /// Tiers whose subnets may be replaced (rule ADR-01).
    pub moves: BTreeSet<String>,
}

impl Profile {
    fn word(self) -> &'static str {
        match self {
            Profile::Cis => "cis",
            Profile::Ha => "ha",
        }
    }

    /// Warnings that are errors here.
    fn raises(self) -> &'static [&'static Rule] {
        const CIS: &[&Rule] = &[&EP_07, &NODE_03, &SEC_03];
        const HA: &[&Rule] = &[&SIZ_02, &CAP_01];
        match self {
            Profile::Cis => CIS,
            Profile::Ha => HA,
        }
    }
}

/// A tier that would move, and nobody said that it may, is refused.
pub fn moves(findings: &mut [Diagnostic], intent: &Intent, profiles: &Profiles) {
    for finding in findings.iter_mut().filter(|finding| finding.rule == &ADR_06) {
        let tier = intent.tiers.iter().find(|tier| tier.size_path() == finding.path);
        if let Some(tier) = tier.filter(|tier| !profiles.moves.contains(&tier.name)) {
            finding.rule = &ADR_01;
            let way = format!("; `--allow-move {}` replaces them all the same", tier.name);
            finding.hint.iter_mut().for_each(|hint| hint.push_str(&way));
        }
    }
}

impl Profiles {
    /// The profile that makes an error of a rule's warning.
    pub fn raising(&self, rule: &Rule) -> Option<&'static str> {
        self.rules
            .iter()
            .find(|profile| profile.raises().contains(&rule))
            .map(|profile| profile.word())
    }
}

/// What only the profiles find.
pub fn check(intent: &Intent, profiles: &Profiles) -> Vec<Diagnostic> {
    profiles
        .rules
        .iter()
        .flat_map(|profile| match profile {
            Profile::Cis => cis(intent),
            Profile::Ha => ha(intent),
        })
        .collect()
}

fn cis(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = intent.cluster.iter().flat_map(cis_cluster).collect();
    if !intent.security.default_closed {
        let finding =
            CIS_05.at("securityGroups.defaultGroup", "the VPC's default security group is open");
        findings.push(finding.hint("set `securityGroups: { defaultGroup: closed }`"));
    }
    if intent.vpc.flow_logs.is_none() {
        findings.push(
            CIS_06
                .at("vpc.flowLogs", "the VPC has no flow logs")
                .hint("set `vpc: { flowLogs: { destination: cloudWatchLogs } }`"),
        );
    }
    findings
}

fn cis_cluster(cluster: &Cluster) -> Vec<Diagnostic> {
    let rows = [
        (
            !cluster.logging.contains(&LogType::Audit),
            (
                &CIS_01,
                "cluster.logging",
                "the audit log is off",
                "set `logging: [api, audit, authenticator]`",
            ),
        ),
        (
            cluster.secrets_key.is_none(),
            (
                &CIS_02,
                "cluster.secretsKey",
                "Kubernetes secrets have no key of their own",
                "name a KMS key: `secretsKey`; for an existing cluster without one, encryption has to be enabled through EKS",
            ),
        ),
        (
            cluster.endpoint.public,
            (
                &CIS_03,
                "cluster.endpointAccess.public",
                "the API is public",
                "set `endpointAccess: { private: true, public: false }`",
            ),
        ),
    ];
    let broken = rows.into_iter().filter(|(broken, _)| *broken);
    let findings =
        broken.map(|(_, (rule, place, message, hint))| rule.at(place, message).hint(hint));
    findings.chain(unenforced(cluster)).collect()
}

/// Where aws-node runs, its agent enforces policies; in Auto Mode a NodeClass that says so; another CNI does by itself.
fn unenforced(cluster: &Cluster) -> Vec<Diagnostic> {
    let on_nodes = cluster.aws_node.runs() && !cluster.aws_node.network_policy;
    let in_auto = cluster.auto.as_ref().is_some_and(|auto| !auto.network_policy_written);
    let nodes = on_nodes.then(|| {
        CIS_04
            .at("awsNode.networkPolicy", "network policies are not enforced")
            .hint("set `awsNode: { networkPolicy: { enabled: true } }`")
    });
    let auto = in_auto.then(|| {
        CIS_04
            .at(
                "cluster.autoMode.networkPolicy",
                "network policies are not enforced on nodes of Auto Mode",
            )
            .hint("set `autoMode: { networkPolicy: defaultAllow }`, or `defaultDeny`")
    });
    nodes.into_iter().chain(auto).collect()
}

fn ha(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let behind = intent.tiers.iter().find(|tier| tier.egress == TierEgress::Nat);
    if let Some(tier) =
        behind.filter(|_| intent.nat.mode == NatMode::Single && 1 < intent.zones.len())
    {
        let finding = HA_01
            .at("egress.nat", "all zones leave through one NAT gateway")
            .also(key(&tier.path, "egress"), "from here");
        findings.push(finding.hint("set `nat: perZone`, or `nat: regional`"));
    }
    // Where EKS has no third zone, two are all there is.
    let wanted = HA_ZONES.min(intent.region.zones.len());
    if intent.zones.len() < wanted {
        findings.push(
            HA_02
                .at("zones", format!("{} zones", intent.zones.len()))
                .hint("set `zones: 3`; a cluster keeps the zones that it was created with"),
        );
    }
    findings
}

/// What a profile takes for an error.
pub fn raise(findings: &mut [Diagnostic], profiles: &Profiles) {
    for finding in findings.iter_mut().filter(|finding| !finding.is_error()) {
        if let Some(profile) = profiles.raising(finding.rule) {
            finding.raised = true;
            finding.message.push_str(&format!(" (an error with `--ruleset {profile}`)"));
        }
    }
}
