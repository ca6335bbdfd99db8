//! Roles, who may use the cluster, what pods may do in AWS, the key of secrets, and what Karpenter hears of interruptions.

use super::replacement::{Replaced, by};
use super::{Impact, Impacts, Key, Kind, Loss, Part, QUICK, Section, UNNOTICED, When, usual};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "AWS::IAM::Role",
        section: Section::RolesAndRules,
        usual: usual(18, 15, 5),
        replaced: by(&["Path", "RoleName"]),
        impact: Impacts {
            replace: Impact::RoleReplaced,
            remove: Impact::RoleRemoved,
            of: &[
                ("ManagedPolicyArns", Impact::RoleRightsChange),
                ("Policies", Impact::RoleRightsChange),
                ("AssumeRolePolicyDocument", Impact::RoleRightsChange),
                ("PermissionsBoundary", Impact::RoleRightsChange),
            ],
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["RoleName"])]),
    },
    Kind {
        name: "AWS::IAM::OIDCProvider",
        section: Section::RolesAndRules,
        usual: QUICK,
        replaced: by(&["Url"]),
        impact: Impacts {
            modify: Impact::OidcTrustLost,
            replace: Impact::OidcTrustLost,
            remove: Impact::OidcTrustLost,
            ..UNNOTICED
        },
        lost: &[(When::Gone, Loss::OidcTrust)],
        key: Key::Of(&[Part::Of(&["Url"])]),
    },
    Kind {
        name: "AWS::EKS::AccessEntry",
        section: Section::Cluster,
        usual: usual(8, 8, 5),
        replaced: by(&["ClusterName", "PrincipalArn", "Type"]),
        impact: Impacts {
            modify: Impact::AccessChanges,
            replace: Impact::AccessRemoved,
            remove: Impact::AccessRemoved,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["ClusterName"]), Part::Of(&["PrincipalArn"])]),
    },
    Kind {
        name: "AWS::EKS::PodIdentityAssociation",
        section: Section::Cluster,
        usual: QUICK,
        replaced: by(&["ClusterName", "Namespace", "ServiceAccount"]),
        impact: Impacts {
            modify: Impact::PodRoleChanges,
            replace: Impact::PodRoleRemoved,
            remove: Impact::PodRoleRemoved,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[
            Part::Of(&["ClusterName"]),
            Part::Of(&["Namespace"]),
            Part::Of(&["ServiceAccount"]),
        ]),
    },
    Kind {
        name: "AWS::KMS::Key",
        section: Section::RolesAndRules,
        usual: usual(20, 20, 5),
        replaced: by(&[]),
        impact: Impacts {
            replace: Impact::KeyRemoved,
            remove: Impact::KeyRemoved,
            of: &[("KeyPolicy", Impact::KeyAccessChanges)],
            ..UNNOTICED
        },
        lost: &[(When::Gone, Loss::KeyMaterial)],
        key: Key::None,
    },
    Kind {
        name: "AWS::SQS::Queue",
        section: Section::Rest,
        usual: usual(65, 15, 65),
        replaced: by(&["QueueName", "FifoQueue"]),
        impact: Impacts {
            replace: Impact::InterruptionsMissed,
            remove: Impact::InterruptionsMissed,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["QueueName"])]),
    },
    Kind {
        name: "AWS::SQS::QueuePolicy",
        section: Section::Rest,
        usual: QUICK,
        replaced: by(&[]),
        impact: Impacts {
            modify: Impact::InterruptionsMissed,
            replace: Impact::InterruptionsMissed,
            remove: Impact::InterruptionsMissed,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::None,
    },
    Kind {
        name: "AWS::Events::Rule",
        section: Section::Rest,
        usual: usual(65, 15, 65),
        replaced: Replaced { conditional: &["EventBusName"], ..by(&["Name"]) },
        impact: Impacts {
            replace: Impact::InterruptionsMissed,
            remove: Impact::InterruptionsMissed,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::None,
    },
];
