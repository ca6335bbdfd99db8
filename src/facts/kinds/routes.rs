//! Route tables, routes, and endpoints of AWS's services.

use super::replacement::{BY_ANY_AFTER_DELETION, by};
use super::{Impact, Impacts, Key, Kind, Part, QUICK, Section, UNNOTICED, usual};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "AWS::EC2::RouteTable",
        section: Section::Routes,
        usual: usual(13, 5, 10),
        replaced: by(&["VpcId"]),
        impact: UNNOTICED,
        lost: &[],
        key: Key::None,
    },
    Kind {
        name: "AWS::EC2::SubnetRouteTableAssociation",
        section: Section::Routes,
        usual: QUICK,
        replaced: BY_ANY_AFTER_DELETION,
        impact: Impacts {
            replace: Impact::TableExchanged,
            remove: Impact::TableExchanged,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["SubnetId"])]),
    },
    Kind {
        name: "AWS::EC2::Route",
        section: Section::Routes,
        usual: QUICK,
        replaced: by(&[
            "DestinationCidrBlock",
            "DestinationIpv6CidrBlock",
            "DestinationPrefixListId",
            "RouteTableId",
        ]),
        impact: Impacts {
            add: Impact::RouteAdded,
            replace: Impact::RouteReplaced,
            remove: Impact::RouteRemoved,
            of: &[
                ("GatewayId", Impact::RouteLeadsElsewhere),
                ("NatGatewayId", Impact::RouteLeadsElsewhere),
                ("EgressOnlyInternetGatewayId", Impact::RouteLeadsElsewhere),
                ("TransitGatewayId", Impact::RouteLeadsElsewhere),
                ("VpcPeeringConnectionId", Impact::RouteLeadsElsewhere),
                ("NetworkInterfaceId", Impact::RouteLeadsElsewhere),
                ("VpcEndpointId", Impact::RouteLeadsElsewhere),
            ],
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[
            Part::Of(&["RouteTableId"]),
            Part::Of(&[
                "DestinationCidrBlock",
                "DestinationIpv6CidrBlock",
                "DestinationPrefixListId",
            ]),
        ]),
    },
    Kind {
        name: "AWS::EC2::VPCEndpoint",
        section: Section::Routes,
        usual: usual(75, 30, 75),
        replaced: by(&[
            "DnsOptions/PrivateDnsPreference",
            "DnsOptions/PrivateDnsSpecifiedDomains",
            "ResourceConfigurationArn",
            "ServiceName",
            "ServiceNetworkArn",
            "ServiceRegion",
            "VpcEndpointType",
            "VpcId",
        ]),
        impact: Impacts {
            add: Impact::EndpointAdded,
            replace: Impact::EndpointReplaced,
            remove: Impact::EndpointRemoved,
            of: &[
                ("SubnetIds", Impact::EndpointSubnetsExchanged),
                ("SecurityGroupIds", Impact::EndpointGroupsExchanged),
                ("PolicyDocument", Impact::EndpointAccessChanges),
                ("PrivateDnsEnabled", Impact::EndpointRemoved),
                ("RouteTableIds", Impact::EndpointTablesRemoved),
            ],
            ..UNNOTICED
        },
        lost: &[],
        // A VPC has one private name for a service, and a table one route to it.
        key: Key::Of(&[
            Part::Of(&["VpcId"]),
            Part::Of(&["ServiceName"]),
            Part::Of(&["VpcEndpointType"]),
        ]),
    },
];
