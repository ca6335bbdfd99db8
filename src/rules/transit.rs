//! Rules: other networks.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] =
    &[&TGW_01, &TGW_04, &TGW_02, &NAT_08, &NAT_11, &RT_02, &RT_03, &RT_04];

pub static TGW_01: Rule = warning("TGW-01", "a transit gateway's attachment has subnets of its own")
    .why("traffic enters only in zones with an attachment subnet, and network ACLs and routes for it should touch nobody else")
    .sources(&[&TRANSIT_GATEWAYS])
    .example(
        "transitGateway: { id: tgw-1 }   # and no tier for it",
        "tiers: [{ name: transit, size: /28, serves: [transit] }]",
    );

pub static TGW_04: Rule = error(
    "TGW-04",
    "a transit gateway's attachment has a subnet in every zone that sends to it",
    Fails("packets of a zone without an attachment subnet are dropped"),
)
.why("EC2 attaches subnets that exist, one a zone; packets of a zone without one are dropped")
.sources(&[&TRANSIT_GATEWAYS])
.example(
    "transitGateway: { id: tgw-1, tier: none-such }",
    "transitGateway: { id: tgw-1, tier: transit }",
);

pub static TGW_02: Rule = warning("TGW-02", "ranges that repeat are not announced")
    .why("propagation tells the transit gateway of every CIDR of a VPC: the same 100.64.0.0/16 in two VPCs collides")
    .sources(&[&BEST_CUSTOM_NETWORKING])
    .example(
        "secondaryCidrs: [100.64.0.0/16]\ntransitGateway: { id: tgw-1 }",
        "secondaryCidrs: [100.64.0.0/16]\ntransitGateway: { id: tgw-1, routeTable: tgw-rtb-1 }",
    );

pub static NAT_08: Rule = error(
    "NAT-08",
    "private NAT stands where others can answer",
    Fails("answers to the translated packets are dropped"),
)
.why("its gateways lend repeated ranges an address that the other side can route to, and only pods that leave with their own address need it")
.sources(&[&VPC_NAT])
.example(
    "privateNat: { tier: pods, serves: [pods] }",
    "privateNat: { tier: nodes, serves: [pods] }",
);

pub static NAT_11: Rule = warning("NAT-11", "private NAT has something to translate")
    .why("with source NAT on the node pods leave with the node's address, and no packet of theirs reaches the gateway's route")
    .sources(&[&CNI_README])
    .example(
        "privateNat: { tier: nodes, serves: [pods] }",
        "privateNat: { tier: nodes, serves: [pods] }\nsnat: { external: true }",
    );

pub static RT_02: Rule =
    error("RT-02", "one route per destination", Refused("EC2 CreateRoute: RouteAlreadyExists"))
        .why("EC2 refuses the second with RouteAlreadyExists")
        .sources(&[&CREATE_ROUTE])
        .example(
            "egress: nat\nroutes: [{ to: 0.0.0.0/0, via: tgw-1 }]",
            "egress: none\nroutes: [{ to: 0.0.0.0/0, via: tgw-1 }]",
        );

pub static RT_03: Rule = error(
    "RT-03",
    "routes lead outside the VPC",
    Refused("EC2 CreateRoute: InvalidParameterValue"),
)
.why("what is inside goes by the local route; a peer with an overlapping range cannot be reached at all (PEER-01)")
.sources(&[&CREATE_ROUTE])
.example(
    "cidr: 10.40.0.0/16\nroutes: [{ to: 10.40.8.0/24, via: pcx-1 }]",
    "cidr: 10.40.0.0/16\nroutes: [{ to: 10.41.0.0/16, via: pcx-1 }]",
);

pub static RT_04: Rule = error(
    "RT-04",
    "a route's target is one, and is attached",
    Refused("EC2 CreateRoute: InvalidTransitGatewayID.NotFound, InvalidParameterValue"),
)
.why("a transit or VPN gateway carries nothing for a VPC that it is not attached to")
.sources(&[&CREATE_ROUTE])
.example(
    "routes: [{ to: 10.0.0.0/8, via: tgw-1 }]",
    "egress: { transitGateway: { id: tgw-1 } }\nroutes: [{ to: 10.0.0.0/8, via: tgw-1 }]",
);
