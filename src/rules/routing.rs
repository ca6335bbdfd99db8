//! Rules: routes to other networks.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&SVC_03, &SNAT_03, &TGW_03, &NAT_07, &NAT_12];

pub static SVC_03: Rule = warning("SVC-03", "the service CIDR should not overlap connected networks")
    .why("an address of a service wins over the same address elsewhere; only where every private range is connected is 10.0.0.0/8 read as \"everything private\"")
    .sources(&[&KUBERNETES_NETWORK])
    .example(
        "serviceCidr: 172.20.0.0/16\nroutes: [{ to: 172.16.0.0/12, via: pcx-0123456789abcdef0 }]",
        "serviceCidr: 10.100.0.0/16\nroutes: [{ to: 172.16.0.0/12, via: pcx-0123456789abcdef0 }]",
    );

pub static SNAT_03: Rule =
    warning("SNAT-03", "source NAT should apply to pods whose addresses repeat elsewhere")
        .why("hosts outside of the VPC cannot answer 100.64.0.0/10: the next VPC has it, too")
        .sources(&[&BEST_CUSTOM_NETWORKING, &CNI_README])
        .example(
            "snat: { external: true }   # and pods in 100.64.0.0/16",
            "snat: { external: true }\nprivateNat: { tier: nodes, serves: [pods] }",
        );

pub static TGW_03: Rule = warning("TGW-03", "an attachment should be used")
    .why("without a route no packet goes there")
    .sources(&[&TRANSIT_GATEWAYS])
    .example(
        "transitGateway: { id: tgw-00000000000000001 }",
        "transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/8] }",
    );

pub static NAT_07: Rule = error(
    "NAT-07",
    "a route through a peering connection must lead to its peer only",
    Fails("the peering connection drops packets to anything but its peer"),
)
.why("it is not transitive: nothing answers behind a default route through it")
.sources(&[&VPC_PEERING])
.example(
    "routes: [{ to: 0.0.0.0/0, via: pcx-00000000000000001 }]",
    "routes: [{ to: 10.41.0.0/16, via: pcx-00000000000000001 }]",
);

pub static NAT_12: Rule = warning("NAT-12", "Elastic IPs should be within the quota")
    .why("a Region has five unless more were asked for; the deployment stops at the sixth")
    .sources(&[&VPC_QUOTAS])
    .example("zones: 3\nnat: { perZone: { connections: 110000 } }", "zones: 3\nnat: perZone");
