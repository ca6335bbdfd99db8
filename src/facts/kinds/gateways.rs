//! Ways out of the VPC and to other networks.

use super::replacement::{BY_ANY_AFTER_DELETION, by};
use super::{
    Impact, Impacts, Key, Kind, Loss, Order, Part, QUICK, Replaced, Section, UNNOTICED, When, usual,
};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "AWS::EC2::InternetGateway",
        section: Section::Vpc,
        usual: usual(18, 5, 10),
        replaced: by(&[]),
        impact: Impacts {
            replace: Impact::InternetRemoved,
            remove: Impact::InternetRemoved,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::None,
    },
    Kind {
        name: "AWS::EC2::VPCGatewayAttachment",
        section: Section::Vpc,
        usual: usual(18, 5, 15),
        replaced: Replaced { order: Order::DeleteFirst, ..by(&["VpcId"]) },
        impact: Impacts {
            replace: Impact::InternetRemoved,
            remove: Impact::InternetRemoved,
            of: &[
                ("VpnGatewayId", Impact::VpnDetached),
                ("InternetGatewayId", Impact::InternetRemoved),
            ],
            ..UNNOTICED
        },
        lost: &[],
        // A VPC has one internet gateway and one VPN gateway.
        key: Key::Of(&[Part::Of(&["VpcId"]), Part::Which(&["InternetGatewayId", "VpnGatewayId"])]),
    },
    Kind {
        name: "AWS::EC2::EgressOnlyInternetGateway",
        section: Section::Vpc,
        usual: QUICK,
        replaced: by(&["VpcId"]),
        impact: Impacts {
            replace: Impact::Ipv6EgressRemoved,
            remove: Impact::Ipv6EgressRemoved,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["VpcId"])]),
    },
    Kind {
        name: "AWS::EC2::EIP",
        section: Section::Routes,
        usual: usual(18, 5, 5),
        replaced: by(&["Address", "IpamPoolId", "NetworkBorderGroup", "TransferAddress"]),
        impact: Impacts {
            replace: Impact::AddressReplaced,
            remove: Impact::AddressRemoved,
            ..UNNOTICED
        },
        lost: &[(When::Gone, Loss::PublicAddresses)],
        key: Key::None,
    },
    Kind {
        name: "AWS::EC2::NatGateway",
        section: Section::Routes,
        usual: usual(105, 10, 60),
        replaced: by(&[
            "AllocationId",
            "AvailabilityMode",
            "ConnectivityType",
            "PrivateIpAddress",
            "SubnetId",
            "VpcId",
        ]),
        impact: Impacts {
            add: Impact::NewEgressAddresses,
            replace: Impact::NatReplaced,
            remove: Impact::NatRemoved,
            of: &[
                ("SecondaryAllocationIds", Impact::OtherEgressAddresses),
                ("AvailabilityZoneAddresses", Impact::OtherEgressAddresses),
            ],
            ..UNNOTICED
        },
        lost: &[],
        // An address is attached once.
        key: Key::EachAddress(&[
            "AllocationId",
            "SecondaryAllocationIds",
            "AvailabilityZoneAddresses",
        ]),
    },
    Kind {
        name: "AWS::EC2::TransitGatewayAttachment",
        section: Section::Routes,
        usual: usual(75, 30, 75),
        replaced: by(&["TransitGatewayId", "VpcId"]),
        impact: Impacts {
            replace: Impact::TransitReplaced,
            remove: Impact::TransitDetached,
            of: &[("SubnetIds", Impact::TransitSubnetsExchanged)],
            ..UNNOTICED
        },
        lost: &[(When::Gone, Loss::TransitAttachment)],
        key: Key::Of(&[Part::Of(&["TransitGatewayId"]), Part::Of(&["VpcId"])]),
    },
    Kind {
        name: "AWS::EC2::TransitGatewayRouteTableAssociation",
        section: Section::Routes,
        usual: QUICK,
        replaced: BY_ANY_AFTER_DELETION,
        impact: Impacts {
            replace: Impact::TransitTableChanges,
            remove: Impact::TransitTableChanges,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["TransitGatewayAttachmentId"])]),
    },
    Kind {
        name: "AWS::EC2::TransitGatewayRoute",
        section: Section::Routes,
        usual: QUICK,
        replaced: BY_ANY_AFTER_DELETION,
        impact: Impacts {
            replace: Impact::TransitRouteRemoved,
            remove: Impact::TransitRouteRemoved,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[
            Part::Of(&["TransitGatewayRouteTableId"]),
            Part::Of(&["DestinationCidrBlock"]),
        ]),
    },
    Kind {
        name: "AWS::EC2::VPNGatewayRoutePropagation",
        section: Section::Routes,
        usual: QUICK,
        replaced: by(&[]),
        impact: Impacts {
            modify: Impact::VpnPropagationRemoved,
            replace: Impact::VpnPropagationRemoved,
            remove: Impact::VpnPropagationRemoved,
            ..UNNOTICED
        },
        lost: &[],
        // EC2 accepts a propagation that exists.
        key: Key::None,
    },
];
