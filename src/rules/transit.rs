//! Rules: other networks.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &TGW_01, &TGW_04, &TGW_02, &NAT_08, &NAT_11, &TGW_10, &TGW_11, &TGW_12, &TGW_13, &RT_02,
    &RT_03, &RT_04, &RT_05,
];

pub static TGW_01: Rule = warning("TGW-01", "a transit gateway attachment should have subnets of its own")
    .why("traffic enters only in zones with an attachment subnet, and network ACLs and routes for it should not affect other subnets")
    .sources(&[&TRANSIT_GATEWAYS])
    .example(
        "transitGateway: { id: tgw-00000000000000001 }   # and no tier for it",
        "tiers: [{ name: transit, size: /28, serves: [transit] }]",
    );

pub static TGW_04: Rule = error(
    "TGW-04",
    "a transit gateway attachment must have a subnet in every zone that routes to it",
    Fails("packets of a zone without an attachment subnet are dropped"),
)
.why("EC2 attaches subnets that exist, one a zone; packets of a zone without one are dropped")
.sources(&[&TRANSIT_GATEWAYS])
.example(
    "transitGateway: { id: tgw-00000000000000001, tier: none-such }",
    "transitGateway: { id: tgw-00000000000000001, tier: transit }",
);

pub static TGW_02: Rule = warning("TGW-02", "a VPC should announce only its own, unique ranges")
    .why("propagation announces every CIDR of a VPC, and the same 100.64.0.0/16 in two VPCs collides; a wider range, such as 0.0.0.0/0 to an egress VPC or a summary, draws other networks' packets here")
    .sources(&[&BEST_CUSTOM_NETWORKING, &CREATE_TGW_ROUTE])
    .example(
        "secondaryCidrs: [100.64.0.0/16]\ntransitGateway: { id: tgw-0123456789abcdef0 }",
        "secondaryCidrs: [100.64.0.0/16]\ntransitGateway: { id: tgw-0123456789abcdef0, routeTable: tgw-rtb-0123456789abcdef0 }",
    );

pub static NAT_08: Rule = error(
    "NAT-08",
    "private NAT must be in subnets that a transit or virtual private gateway routes to",
    Fails("answers to the translated packets are dropped"),
)
.why("its gateways translate repeated ranges to an address that the other side can route to, and send packets only to a transit gateway or a virtual private gateway")
.sources(&[&VPC_NAT, &CREATE_NAT])
.example(
    "privateNat: { tier: pods, serves: [pods] }",
    "privateNat: { tier: nodes, serves: [pods] }",
);

pub static NAT_11: Rule = warning("NAT-11", "private NAT should have ranges to translate")
    .why("with source NAT on the node pods leave with the node's address, and no packet of theirs reaches the gateway's route")
    .sources(&[&CNI_README])
    .example(
        "privateNat: { tier: nodes, serves: [pods] }",
        "privateNat: { tier: nodes, serves: [pods] }\nsnat: { external: true }",
    );

pub static RT_02: Rule = error(
    "RT-02",
    "a route table must have one route per destination",
    Refused("EC2 CreateRoute: RouteAlreadyExists"),
)
.why("EC2 refuses the second with RouteAlreadyExists")
.sources(&[&CREATE_ROUTE])
.example(
    "egress: nat\nroutes: [{ to: 0.0.0.0/0, via: tgw-00000000000000001 }]",
    "egress: none\nroutes: [{ to: 0.0.0.0/0, via: tgw-00000000000000001 }]",
);

pub static RT_03: Rule = error(
    "RT-03",
    "routes must lead outside of the VPC, or to one of its subnets through an appliance",
    Refused("EC2 CreateRoute: InvalidParameterValue"),
)
.why("inside the VPC EC2 accepts a route only to the whole CIDR of a subnet, through a network interface, a NAT gateway or a Gateway Load Balancer endpoint; everything else goes by the local route; 169.254.168.0/22 and fd00:ec2::/32 are AWS's own on every instance")
.sources(&[&CREATE_ROUTE, &VPC_SUBNET_ROUTES])
.example(
    "cidr: 10.40.0.0/16\nroutes: [{ to: 10.40.8.0/24, via: pcx-0123456789abcdef0 }]",
    "cidr: 10.40.0.0/16\nroutes: [{ to: 10.41.0.0/16, via: pcx-0123456789abcdef0 }]",
);

pub static RT_04: Rule = error(
    "RT-04",
    "routes and gateways must be named by ids of their kind",
    Refused("EC2 CreateRoute: InvalidParameterValue, Invalid…ID.Malformed"),
)
.why("a route leads to one of a few kinds of targets; to Cloud WAN, local and carrier gateways this version builds none")
.sources(&[&CREATE_ROUTE])
.example(
    "routes: [{ to: 10.20.0.0/16, via: office }]",
    "routes: [{ to: 10.20.0.0/16, via: pcx-0123456789abcdef0 }]",
);

pub static RT_05: Rule = warning("RT-05", "the gateway of a route should be attached by this stack")
    .why("EC2 refuses a route to a gateway that the VPC is not attached to (InvalidTransitGatewayID.NotFound, InvalidGatewayID.NotFound); once the VPC exists, something else may attach it")
    .sources(&[&CREATE_ROUTE])
    .example(
        "routes: [{ to: 10.0.0.0/8, via: tgw-0123456789abcdef0 }]",
        "egress: { transitGateway: { id: tgw-0123456789abcdef0 } }\nroutes: [{ to: 10.0.0.0/8, via: tgw-0123456789abcdef0 }]",
    );

pub static TGW_10: Rule = error(
    "TGW-10",
    "the transit gateway must be available and shared with the account",
    Refused("EC2 CreateTransitGatewayVpcAttachment: InvalidTransitGatewayID.NotFound"),
)
.why("an attachment needs a gateway of its own Region, which this account sees")
.sources(&[&TRANSIT_GATEWAYS])
.example(
    "transitGateway: { id: tgw-00000000000000001 }   # of another Region",
    "(a gateway that is shared)",
);

pub static TGW_11: Rule = error(
    "TGW-11",
    "an attachment must be associated with one route table",
    Refused("EC2 AssociateTransitGatewayRouteTable: Resource.AlreadyAssociated"),
)
.why("with DefaultRouteTableAssociation the gateway associates each attachment by itself; tables of another account are its owner's")
.sources(&[&TRANSIT_GATEWAYS])
.example("routeTable: tgw-rtb-00000000000000001   # on a gateway with default association", "(no `routeTable`)");

pub static TGW_12: Rule = error(
    "TGW-12",
    "a shared transit gateway must accept attachments by itself",
    Refused("EC2 CreateRoute: InvalidTransitGatewayID.NotFound"),
)
.why("until its owner accepts the attachment no route may lead to it, and the stack fails")
.sources(&[&TRANSIT_GATEWAYS])
.example("(AutoAcceptSharedAttachments: disable)", "(AutoAcceptSharedAttachments: enable)");

pub static TGW_13: Rule = error(
    "TGW-13",
    "a virtual private gateway must be attached to one VPC",
    Refused("EC2 AttachVpnGateway: VpnGatewayAttachmentLimitExceeded"),
)
.why("a gateway that another VPC has cannot be attached a second time")
.sources(&[&TRANSIT_GATEWAYS])
.example(
    "vpnGateway: { id: vgw-00000000000000001 }   # attached elsewhere",
    "(a gateway that is free)",
);
