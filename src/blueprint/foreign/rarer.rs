//! Words of other tools for what is rarer: what is said by a patch here, and keys of node groups.

use super::{Foreign, moved, same};

const PLACE_ON_TEMPLATE: &str = "`patches: [{ resource: LaunchTemplateGeneral, set: { LaunchTemplateData: { Placement: { GroupName: training } } } }]`";
const KEY_ON_TEMPLATE: &str = "`patches: [{ resource: LaunchTemplateGeneral, set: { LaunchTemplateData: { KeyName: operations } } }]`";
const INTERFACES_ON_TEMPLATE: &str = "`patches: [{ resource: LaunchTemplateGeneral, set: { LaunchTemplateData: { NetworkInterfaces: [{ DeviceIndex: 0, InterfaceType: efa }] } } }]`";
const SHIFT_ON_CLUSTER: &str =
    "`patches: [{ resource: Cluster, set: { ZonalShiftConfig: { Enabled: true } } }]`";
const UPGRADE_ON_CLUSTER: &str =
    "`patches: [{ resource: Cluster, set: { UpgradePolicy: { SupportType: STANDARD } } }]`";
const NODE_CONFIG: &str =
    "`nodeConfig: { kubelet: { config: { … } } }`: nodeadm merges it, and runs no script";
const BESIDE: &str = "`exports: true`: they are resources of a stack of your own, which imports the cluster's outputs";
const OWN_NODES: &str = "managed ones, `nodeGroups: [{ name: general }]`; others belong in a stack of your own, with `exports: true`";

pub const TABLE: &[Foreign] = &[
    moved("ssh", "patches", KEY_ON_TEMPLATE),
    moved("keyname", "patches", KEY_ON_TEMPLATE),
    moved("remoteaccess", "patches", KEY_ON_TEMPLATE),
    moved("placement", "patches", PLACE_ON_TEMPLATE),
    moved("placementgroup", "patches", PLACE_ON_TEMPLATE),
    moved("efa", "patches", INTERFACES_ON_TEMPLATE),
    moved("efaenabled", "patches", INTERFACES_ON_TEMPLATE),
    moved("enableefasupport", "patches", INTERFACES_ON_TEMPLATE),
    moved("networkinterfaces", "patches", INTERFACES_ON_TEMPLATE),
    moved("zonalshiftconfig", "patches", SHIFT_ON_CLUSTER),
    moved("upgradepolicy", "patches", UPGRADE_ON_CLUSTER),
    moved("identityproviders", "exports", BESIDE),
    moved("selfmanagednodegroups", "nodeGroups", OWN_NODES),
    moved("prebootstrapcommands", "nodeGroups[].nodeConfig", NODE_CONFIG),
    moved("overridebootstrapcommand", "nodeGroups[].nodeConfig", NODE_CONFIG),
    moved("prebootstrapuserdata", "nodeGroups[].nodeConfig", NODE_CONFIG),
    moved("bootstrapextraargs", "nodeGroups[].nodeConfig", NODE_CONFIG),
    moved("cloudinitprenodeadm", "nodeGroups[].nodeConfig", NODE_CONFIG),
    moved(
        "instancesdistribution",
        "nodeGroups[].capacity",
        "`capacity: spot`, with several `instanceTypes`",
    ),
    moved("instanceselector", "nodeGroups[].instanceTypes", "`instanceTypes: [m6i.large]`"),
    moved("instancemarketoptions", "nodeGroups[].capacity", "`capacity: { block: cr-… }`"),
    moved(
        "capacityreservationspecification",
        "nodeGroups[].capacity",
        "`capacity: { reservation: cr-… }`",
    ),
    moved("disablepodimds", "nodeGroups[].imds", "`imds: { hopLimit: 1 }`, which is the default"),
    moved("forceupdate", "nodeGroups[].update.force", "`update: { force: true }`"),
    moved("forceupdateenabled", "nodeGroups[].update.force", "`update: { force: true }`"),
    same(
        "enablemonitoring",
        "nodeGroups[].detailedMonitoring",
        "detailedMonitoring",
        "`detailedMonitoring: true`",
    ),
    moved("noderole", "iam.roles.nodes", "`iam: { roles: { nodes: { arn: \"arn:…\" } } }`"),
    moved("vpcid", "vpc.id", "`vpc: { id: vpc-… }`"),
    moved("ipfamily", "cluster.ipFamily", "`cluster: { ipFamily: ipv6 }`"),
    moved("enableipv6", "vpc.ipv6", "`vpc: { ipv6: amazon }`"),
    moved(
        "authenticationmode",
        "cluster.authenticationMode",
        "`cluster: { authenticationMode: apiAndConfigMap }`",
    ),
    moved(
        "privatecluster",
        "cluster.endpointAccess",
        "`cluster: { endpointAccess: { private: true, public: false } }`, with `egress: none` on tiers and `endpoints: auto`",
    ),
    moved(
        "remotenetworkconfig",
        "cluster.remoteNetworks",
        "`cluster: { remoteNetworks: { nodes: [10.80.0.0/16], pods: [10.85.0.0/16] } }`",
    ),
    moved("computeconfig", "cluster.autoMode", "`cluster: { autoMode: {} }`"),
    moved(
        "controlplanesubnetids",
        "tiers[].serves",
        "`serves: [controlPlane]` on the tier of the control plane's interfaces",
    ),
    moved("databasesubnets", "tiers", "`tiers: [{ name: database, size: /24, egress: none }]`"),
    moved("enablevpngateway", "egress.vpnGateway", "`egress: { vpnGateway: { id: vgw-… } }`"),
    moved(
        "kmskeyadministrators",
        "patches",
        "`patches: [{ resource: SecretsKey, set: { KeyPolicy: { … } } }]`",
    ),
    moved(
        "iamroleattachcnipolicy",
        "awsNode.role",
        "`awsNode: { role: nodeRole }`; by default aws-node has a role of its own",
    ),
];
