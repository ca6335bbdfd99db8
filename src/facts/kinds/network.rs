//! The VPC, its ranges and subnets, and what is recorded of their traffic.

use super::replacement::by;
use super::{
    Impact, Impacts, Key, Kind, Loss, Part, QUICK, Replaced, Section, UNNOTICED, When, usual,
};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "AWS::EC2::VPC",
        section: Section::Vpc,
        usual: usual(14, 10, 5),
        replaced: Replaced {
            conditional: &["InstanceTenancy"],
            ..by(&["CidrBlock", "Ipv4IpamPoolId", "Ipv4NetmaskLength", "VpcEncryptionControl"])
        },
        impact: Impacts { replace: Impact::VpcReplaced, remove: Impact::VpcRemoved, ..UNNOTICED },
        lost: &[(When::Gone, Loss::VpcId)],
        key: Key::None,
    },
    Kind {
        name: "AWS::EC2::VPCCidrBlock",
        section: Section::Vpc,
        usual: usual(15, 15, 15),
        // No update handler.
        replaced: Replaced { by_any: true, ..by(&[]) },
        impact: Impacts {
            add: Impact::CidrAdded,
            replace: Impact::CidrNeedsToBeUnused,
            remove: Impact::CidrNeedsToBeUnused,
            ..UNNOTICED
        },
        lost: &[(When::GoneWith("AmazonProvidedIpv6CidrBlock"), Loss::Ipv6Block)],
        key: Key::Of(&[Part::Of(&["VpcId"]), Part::Range(&["CidrBlock", "Ipv6CidrBlock"])]),
    },
    Kind {
        name: "AWS::EC2::Subnet",
        section: Section::Subnets,
        usual: usual(8, 8, 10),
        replaced: Replaced {
            conditional: &["Ipv6CidrBlock"],
            // EC2 associates a block with a subnet that exists (the update handler asks for ec2:AssociateSubnetCidrBlock).
            added_in_place: &["Ipv6CidrBlock"],
            ..by(&[
                "AvailabilityZone",
                "AvailabilityZoneId",
                "CidrBlock",
                "Ipv4IpamPoolId",
                "Ipv4NetmaskLength",
                "Ipv6IpamPoolId",
                "Ipv6Native",
                "Ipv6NetmaskLength",
                "OutpostArn",
                "VpcId",
            ])
        },
        impact: Impacts {
            replace: Impact::SubnetReplaced,
            remove: Impact::SubnetRemoved,
            of: &[
                ("Metadata/PrefixReservation", Impact::PrefixesKept),
                ("MapPublicIpOnLaunch", Impact::PublicAddressesOfNewInterfaces),
            ],
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["VpcId"]), Part::Range(&["CidrBlock"])]),
    },
    Kind {
        name: "AWS::EC2::SubnetCidrReservation",
        section: Section::Subnets,
        usual: QUICK,
        replaced: Replaced {
            order: super::Order::DeleteFirst,
            ..by(&["Cidr", "Description", "ReservationType", "SubnetId"])
        },
        impact: Impacts {
            replace: Impact::PrefixReservationChanges,
            remove: Impact::PrefixReservationRemoved,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["SubnetId"]), Part::Range(&["Cidr"])]),
    },
    Kind {
        name: "AWS::EC2::FlowLog",
        section: Section::Vpc,
        usual: usual(15, 15, 5),
        replaced: by(&[
            "DeliverCrossAccountRole",
            "DeliverLogsPermissionArn",
            "DestinationOptions",
            "LogDestination",
            "LogDestinationType",
            "LogFormat",
            "LogGroupName",
            "MaxAggregationInterval",
            "ResourceId",
            "ResourceType",
            "TagFieldSpecifications",
            "TrafficType",
        ]),
        impact: Impacts {
            replace: Impact::FlowLogGap,
            remove: Impact::FlowLogRemoved,
            ..UNNOTICED
        },
        lost: &[],
        // Whether EC2 counts the interval as another configuration (FlowLogAlreadyExists), no source says: the careful answer.
        key: Key::Of(&[
            Part::Of(&["ResourceId"]),
            Part::Of(&["TrafficType"]),
            Part::Of(&["LogDestination", "LogGroupName"]),
        ]),
    },
    Kind {
        name: "AWS::Logs::LogGroup",
        section: Section::Vpc,
        usual: QUICK,
        replaced: by(&["LogGroupName"]),
        impact: Impacts {
            replace: Impact::LogsRemoved,
            remove: Impact::LogsRemoved,
            of: &[("RetentionInDays", Impact::LogsKeptOtherwise)],
            ..UNNOTICED
        },
        lost: &[(When::Gone, Loss::Logs)],
        key: Key::Of(&[Part::Of(&["LogGroupName"])]),
    },
    Kind {
        name: "AWS::CloudWatch::Alarm",
        section: Section::Rest,
        usual: QUICK,
        replaced: by(&["AlarmName"]),
        impact: Impacts { remove: Impact::AlarmRemoved, ..UNNOTICED },
        lost: &[],
        key: Key::Of(&[Part::Of(&["AlarmName"])]),
    },
];
