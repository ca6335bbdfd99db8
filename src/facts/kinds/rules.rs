//! Security groups and network ACLs.

use super::replacement::{BY_ANY_AFTER_DELETION, by};
use super::{Impact, Impacts, Key, Kind, Part, QUICK, Section, UNNOTICED};

const RULE: Impacts =
    Impacts { replace: Impact::RuleReplaced, remove: Impact::RuleRemoved, ..UNNOTICED };

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "AWS::EC2::SecurityGroup",
        section: Section::RolesAndRules,
        usual: QUICK,
        replaced: by(&["GroupDescription", "GroupName", "VpcId"]),
        impact: Impacts {
            replace: Impact::GroupReplaced,
            remove: Impact::RuleRemoved,
            of: &[
                ("SecurityGroupIngress", Impact::RulesChange),
                ("SecurityGroupEgress", Impact::RulesChange),
            ],
            ..UNNOTICED
        },
        lost: &[],
        key: Key::RulesOf,
    },
    Kind {
        name: "AWS::EC2::SecurityGroupIngress",
        section: Section::RolesAndRules,
        usual: QUICK,
        replaced: by(&[
            "CidrIp",
            "CidrIpv6",
            "FromPort",
            "GroupId",
            "GroupName",
            "IpProtocol",
            "SourcePrefixListId",
            "SourceSecurityGroupId",
            "SourceSecurityGroupName",
            "SourceSecurityGroupOwnerId",
            "ToPort",
        ]),
        impact: RULE,
        lost: &[],
        key: Key::Rule("ingress"),
    },
    Kind {
        name: "AWS::EC2::SecurityGroupEgress",
        section: Section::RolesAndRules,
        usual: QUICK,
        replaced: by(&[
            "CidrIp",
            "CidrIpv6",
            "DestinationPrefixListId",
            "DestinationSecurityGroupId",
            "FromPort",
            "GroupId",
            "IpProtocol",
            "ToPort",
        ]),
        impact: RULE,
        lost: &[],
        key: Key::Rule("egress"),
    },
    Kind {
        name: "AWS::EC2::NetworkAcl",
        section: Section::RolesAndRules,
        usual: QUICK,
        replaced: by(&["VpcId"]),
        impact: Impacts {
            replace: Impact::AclExchanged,
            remove: Impact::AclExchanged,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::None,
    },
    Kind {
        name: "AWS::EC2::NetworkAclEntry",
        section: Section::RolesAndRules,
        usual: QUICK,
        replaced: by(&["Egress", "NetworkAclId", "RuleNumber"]),
        impact: Impacts {
            modify: Impact::AclEntryChanges,
            replace: Impact::AclEntryChanges,
            remove: Impact::AclEntryRemoved,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[
            Part::Of(&["NetworkAclId"]),
            Part::Of(&["Egress"]),
            Part::Of(&["RuleNumber"]),
        ]),
    },
    Kind {
        name: "AWS::EC2::SubnetNetworkAclAssociation",
        section: Section::RolesAndRules,
        usual: QUICK,
        replaced: BY_ANY_AFTER_DELETION,
        impact: Impacts {
            add: Impact::AclExchanged,
            replace: Impact::AclExchanged,
            remove: Impact::AclExchanged,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["SubnetId"])]),
    },
];
