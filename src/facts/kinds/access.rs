//! Roles, who may use the cluster, and what pods may do in AWS.

use super::replacement::by;
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
];
