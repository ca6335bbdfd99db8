//! The EKS cluster, its add-ons, and what runs pods.

use super::replacement::{BY_ANY, by};
use super::{Impact, Impacts, Key, Kind, Loss, Part, Section, UNNOTICED, When, usual};

pub(super) const KINDS: &[Kind] = &[
    // What is said of the aws-node of a cluster that others made: it is metadata, and makes nothing.
    Kind {
        name: "AWS::CloudFormation::WaitConditionHandle",
        section: Section::Addons,
        usual: usual(2, 2, 2),
        replaced: BY_ANY,
        impact: UNNOTICED,
        lost: &[],
        key: Key::None,
    },
    Kind {
        name: "AWS::EKS::Cluster",
        section: Section::Cluster,
        usual: usual(540, 300, 180),
        replaced: by(&[
            "AccessConfig/BootstrapClusterCreatorAdminPermissions",
            "BootstrapSelfManagedAddons",
            "EncryptionConfig",
            "KubernetesNetworkConfig/IpFamily",
            "KubernetesNetworkConfig/ServiceIpv4Cidr",
            "Name",
            "OutpostConfig",
            "RoleArn",
        ]),
        impact: Impacts {
            replace: Impact::ClusterReplaced,
            remove: Impact::ClusterRemoved,
            of: &[
                ("ComputeConfig", Impact::AutoModeChanges),
                ("StorageConfig", Impact::AutoModeChanges),
                ("KubernetesNetworkConfig/ElasticLoadBalancing", Impact::AutoModeChanges),
                ("AccessConfig/AuthenticationMode", Impact::AuthenticationChanges),
                ("Version", Impact::ControlPlaneUpgraded),
                ("ResourcesVpcConfig/EndpointPrivateAccess", Impact::ApiEndpointChanges),
                ("ResourcesVpcConfig/EndpointPublicAccess", Impact::ApiEndpointChanges),
                ("ResourcesVpcConfig/PublicAccessCidrs", Impact::ApiListChanges),
                ("ResourcesVpcConfig/SubnetIds", Impact::ControlPlaneSubnetsChange),
                ("ResourcesVpcConfig/SecurityGroupIds", Impact::ControlPlaneGroupsChange),
                ("ResourcesVpcConfig/ControlPlaneEgressMode", Impact::ControlPlaneSubnetsChange),
                ("RemoteNetworkConfig", Impact::RemoteNetworksChange),
                ("DeletionProtection", Impact::ProtectionChanges),
            ],
            ..UNNOTICED
        },
        lost: &[
            (When::Gone, Loss::ClusterState),
            (When::Gone, Loss::ClusterIdentity),
            (When::Raised("Version"), Loss::KubernetesVersion),
            (When::Changed("EncryptionConfig"), Loss::SecretsKey),
            (When::Changed("ResourcesVpcConfig/ControlPlaneEgressMode"), Loss::ControlPlaneEgress),
            (When::Changed("AccessConfig/AuthenticationMode"), Loss::AuthenticationMode),
            (When::Unset("ComputeConfig"), Loss::AutoModeNodes),
        ],
        key: Key::Of(&[Part::Of(&["Name"])]),
    },
    Kind {
        name: "AWS::EKS::Addon",
        section: Section::Addons,
        usual: usual(45, 60, 15),
        replaced: by(&["AddonName", "ClusterName", "NamespaceConfig"]),
        impact: Impacts {
            modify: Impact::AddonChanges,
            replace: Impact::AddonUpdated,
            remove: Impact::AddonRemoved,
            of: &[
                ("AddonVersion", Impact::AddonUpdated),
                ("ConfigurationValues", Impact::AddonUpdated),
            ],
            ..UNNOTICED
        },
        lost: &[],
        key: Key::AddonOf(&[Part::Of(&["ClusterName"]), Part::Of(&["AddonName"])]),
    },
    Kind {
        name: "AWS::EC2::LaunchTemplate",
        section: Section::NodeGroups,
        usual: super::QUICK,
        replaced: by(&["LaunchTemplateName"]),
        impact: Impacts {
            replace: Impact::NewTemplateVersion,
            of: &[("LaunchTemplateData", Impact::NewTemplateVersion)],
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["LaunchTemplateName"])]),
    },
    Kind {
        name: "AWS::EKS::Nodegroup",
        section: Section::NodeGroups,
        usual: usual(150, 600, 300),
        replaced: by(&[
            "AmiType",
            "CapacityType",
            "ClusterName",
            "DiskSize",
            "InstanceTypes",
            "NodeRole",
            "NodegroupName",
            "RemoteAccess",
            "Subnets",
        ]),
        impact: Impacts {
            replace: Impact::NodeGroupReplaced,
            remove: Impact::NodeGroupRemoved,
            of: &[
                ("Version", Impact::NodesExchanged),
                ("ReleaseVersion", Impact::NodesExchanged),
                ("LaunchTemplate", Impact::NodesExchanged),
                ("ScalingConfig", Impact::GroupScaled),
                ("Labels", Impact::NodesRelabelled),
                ("Taints", Impact::NodesRelabelled),
            ],
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["ClusterName"]), Part::Of(&["NodegroupName"])]),
    },
    Kind {
        name: "AWS::EKS::FargateProfile",
        section: Section::NodeGroups,
        usual: usual(90, 10, 180),
        replaced: by(&[
            "ClusterName",
            "FargateProfileName",
            "PodExecutionRoleArn",
            "Selectors",
            "Subnets",
        ]),
        impact: Impacts {
            replace: Impact::ProfileReplaced,
            remove: Impact::ProfileRemoved,
            ..UNNOTICED
        },
        lost: &[],
        key: Key::Of(&[Part::Of(&["ClusterName"]), Part::Of(&["FargateProfileName"])]),
    },
];
