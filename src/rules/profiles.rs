//! Rules: profiles.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error};

pub(super) const RULES: &[&Rule] =
    &[&CIS_01, &CIS_02, &CIS_03, &CIS_04, &CIS_05, &CIS_06, &HA_01, &HA_02];

pub static CIS_01: Rule =
    error("CIS-01", "with `--ruleset cis`, audit logs must be on", Demanded("CIS 2.1.1"))
        .why("2.1.1: audit logs show who did what")
        .sources(&[&CIS_EKS])
        .example("logging: [api]", "logging: [api, audit, authenticator]");

pub static CIS_02: Rule = error(
    "CIS-02",
    "with `--ruleset cis`, secrets must be encrypted with a key of your own",
    Demanded("CIS 5.3.1"),
)
.why("5.3.1: since Kubernetes 1.28 EKS encrypts everything with a key of its own; a key of yours can be revoked, and its use is logged")
.sources(&[&CIS_EKS])
.example("cluster: {}", "cluster: { secretsKey: \"arn:aws:kms:eu-west-1:111122223333:key/…\" }");

pub static CIS_03: Rule =
    error("CIS-03", "with `--ruleset cis`, the API must be private", Demanded("CIS 5.4.2, EKS.1"))
        .why("5.4.2, EKS.1: what the internet cannot reach cannot be attacked from there")
        .sources(&[&CIS_EKS])
        .example(
            "endpointAccess: { private: true, public: true }",
            "endpointAccess: { private: true, public: false }",
        );

pub static CIS_04: Rule = error(
    "CIS-04",
    "with `--ruleset cis`, network policies must be enforced",
    Demanded("CIS 5.4.4"),
)
.why("5.4.4: without them every pod reaches every other; another CNI enforces policies itself")
.sources(&[&CIS_EKS])
.example("awsNode: {}", "awsNode: { networkPolicy: { enabled: true } }");

pub static CIS_05: Rule = error(
    "CIS-05",
    "with `--ruleset cis`, the default security group must be closed",
    Demanded("EC2.2"),
)
.why("EC2.2: an interface without a security group of its own gets this one")
.sources(&[&HUB_EC2])
.example("securityGroups: {}", "securityGroups: { defaultGroup: closed }");

pub static CIS_06: Rule =
    error("CIS-06", "with `--ruleset cis`, flow logs must be on", Demanded("EC2.6"))
        .why("EC2.6: flow logs show what was sent where")
        .sources(&[&HUB_EC2])
        .example("vpc: {}", "vpc: { flowLogs: { destination: cloudWatchLogs } }");

pub static HA_01: Rule = error(
    "HA-01",
    "with `--ruleset ha`, each zone must have its own egress path",
    Demanded("no egress path that zones share"),
)
.why("one NAT gateway fails with its zone, for all the others too (NAT-02)")
.sources(&[&BEST_RELIABILITY, &VPC_NAT])
.example("nat: single", "nat: perZone");

pub static HA_02: Rule = error(
    "HA-02",
    "with `--ruleset ha`, a blueprint must have three zones",
    Demanded("two zones are left when one fails"),
)
.why("with two, one failure takes half; Regions with two zones for EKS have no third")
.sources(&[&BEST_RELIABILITY, &VPC_NAT])
.example("zones: 2", "zones: 3");
