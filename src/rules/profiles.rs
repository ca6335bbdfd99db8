//! Rules: profiles.

use super::{Rule, error};

const CIS: &str = "CIS Amazon EKS benchmark 1.5";
const HUB: &str = "AWS Security Hub, foundational best practices";
const HA: &str = "EKS best practices, reliability; VPC user guide, NAT gateways";

pub(super) const RULES: &[&Rule] =
    &[&CIS_01, &CIS_02, &CIS_03, &CIS_04, &CIS_05, &CIS_06, &HA_01, &HA_02];

pub static CIS_01: Rule = error(
    "CIS-01",
    "with `--profile-rules cis`: audit logs are on",
    "2.1.1: who did what is known afterwards",
    CIS,
    ("logging: [api]", "logging: [api, audit, authenticator]"),
);

pub static CIS_02: Rule = error(
    "CIS-02",
    "with `--profile-rules cis`: secrets have a key of their own",
    "5.3.1: who reads etcd reads no secret, and the key can be taken away",
    CIS,
    ("cluster: {}", "cluster: { secretsKey: \"arn:aws:kms:eu-west-1:111122223333:key/…\" }"),
);

pub static CIS_03: Rule = error(
    "CIS-03",
    "with `--profile-rules cis`: the API is private",
    "5.4.2, EKS.1: what the internet does not reach, it does not try",
    CIS,
    (
        "endpointAccess: { private: true, public: true }",
        "endpointAccess: { private: true, public: false }",
    ),
);

pub static CIS_04: Rule = error(
    "CIS-04",
    "with `--profile-rules cis`: network policies are enforced",
    "5.4.4: without them every pod reaches every other",
    CIS,
    ("awsNode: {}", "awsNode: { networkPolicy: { enabled: true } }"),
);

pub static CIS_05: Rule = error(
    "CIS-05",
    "with `--profile-rules cis`: the default security group is closed",
    "EC2.2: whatever names no group falls into it",
    HUB,
    ("securityGroups: {}", "securityGroups: { defaultGroup: closed }"),
);

pub static CIS_06: Rule = error(
    "CIS-06",
    "with `--profile-rules cis`: flow logs are on",
    "EC2.6: what went where is known afterwards",
    HUB,
    ("vpc: {}", "vpc: { flowLogs: { destination: cloudWatchLogs } }"),
);

pub static HA_01: Rule = error(
    "HA-01",
    "with `--profile-rules ha`: each zone has its own way out",
    "one NAT gateway fails with its zone, for all the others too (NAT-02)",
    HA,
    ("nat: single", "nat: perZone"),
);

pub static HA_02: Rule = error(
    "HA-02",
    "with `--profile-rules ha`: three zones",
    "with two, one failure takes half (CLU-12)",
    HA,
    ("zones: 2", "zones: 3"),
);
