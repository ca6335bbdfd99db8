//! Where a blueprint decides what a check judges.

/// Check, and the place in a blueprint.
const KEYS: &[(&str, &str)] = &[
    ("NJ-01", "cluster.endpointAccess.private"),
    ("NJ-02", "cluster.endpointAccess.publicCidrs"),
    ("NJ-06", "tiers"),
    ("NJ-07", "endpoints"),
    ("NJ-08", "endpoints"),
    ("NJ-09", "endpoints"),
    ("NJ-13", "networkAcls"),
    ("NJ-14", "vpc.secondaryCidrs"),
    ("NJ-20", "addons"),
    ("NJ-21", "awsNode.customNetworking"),
    ("NJ-22", "awsNode.customNetworking"),
    ("NJ-23", "nodeGroups"),
    ("IP-01", "vpc.secondaryCidrs"),
    ("IP-02", "tiers"),
    ("IP-03", "nodeGroups"),
    ("IP-04", "nodeGroups"),
    ("IP-05", "awsNode.warm"),
    ("IP-07", "nodeGroups"),
    ("IP-08", "awsNode"),
    ("IP-09", "tiers"),
    ("IP-10", "awsNode.securityGroupsForPods"),
    ("IP-11", "awsNode.prefixDelegation"),
    ("IP-13", "tiers"),
    ("DNS-03", "networkAcls"),
    ("DNS-07", "cluster.serviceCidr"),
    ("DNS-08", "awsNode.networkPolicy.mode"),
    ("LB-01", "tiers"),
    ("LB-02", "tiers"),
    ("LB-06", "endpoints"),
    ("LB-07", "tiers"),
    ("WH-04", "cluster.controlPlaneEgress"),
    ("IMG-01", "endpoints"),
    ("IMG-02", "endpoints"),
    ("IMG-03", "egress"),
    ("SN-01", "awsNode.snat"),
    ("SN-02", "awsNode.snat"),
    ("SN-04", "awsNode.snat.excludeCidrs"),
    ("SN-05", "awsNode.snat"),
    ("SN-06", "egress.nat"),
    ("SN-07", "egress.nat"),
    ("CP-01", "tiers"),
    ("CP-03", "cluster.endpointAccess"),
    ("CP-04", "cluster.version"),
    ("FA-01", "fargate"),
];

/// The place in a blueprint that decides what a check judges, where there is one.
pub fn key(id: &str) -> Option<&'static str> {
    KEYS.iter().find(|(check, _)| *check == id).map(|(_, path)| *path)
}
