//! Rules: routes to other networks.

use super::{Rule, error, warning};

const TRANSIT: &str = "VPC user guide, transit gateways";

pub(super) const RULES: &[&Rule] = &[&SVC_03, &SNAT_03, &TGW_03, &NAT_07, &NAT_12];

pub static SVC_03: Rule = warning(
    "SVC-03",
    "services hide no network that is connected",
    "an address of a service wins over the same address elsewhere",
    "EKS user guide, network requirements",
    (
        "serviceCidr: 172.20.0.0/16\nroutes: [{ to: 172.20.0.0/16, via: pcx-1 }]",
        "serviceCidr: 10.100.0.0/16\nroutes: [{ to: 172.20.0.0/16, via: pcx-1 }]",
    ),
);

pub static SNAT_03: Rule = warning(
    "SNAT-03",
    "pods that leave with a repeated address are translated on the way",
    "nobody outside the VPC can answer 100.64.0.0/10: the next VPC has it too",
    "EKS best practices, custom networking; amazon-vpc-cni-k8s, README",
    (
        "snat: { external: true }   # and pods in 100.64.0.0/16",
        "snat: { external: true }\nprivateNat: { tier: nodes, serves: [pods] }",
    ),
);

pub static TGW_03: Rule = warning(
    "TGW-03",
    "an attachment is used",
    "without a route no packet goes there",
    TRANSIT,
    ("transitGateway: { id: tgw-1 }", "transitGateway: { id: tgw-1, destinations: [10.0.0.0/8] }"),
);

pub static NAT_07: Rule = error(
    "NAT-07",
    "a peering connection leads to its peer only",
    "it is not transitive: nothing answers behind a default route through it",
    "VPC user guide, VPC peering",
    ("routes: [{ to: 0.0.0.0/0, via: pcx-1 }]", "routes: [{ to: 10.41.0.0/16, via: pcx-1 }]"),
);

pub static NAT_12: Rule = warning(
    "NAT-12",
    "Elastic IPs within the quota",
    "a Region has five unless more were asked for; the deployment stops at the sixth",
    "VPC quotas, ec2 L-0263D0A3",
    ("zones: 3\nnat: { perZone: { connections: 110000 } }", "zones: 3\nnat: perZone"),
);
