//! What a change means for what runs, and what it takes away for good.

/// A row for each impact: its name, and its words for people, which are empty where nothing is noticed.
macro_rules! impacts {
    ($($name:ident: $words:literal,)+) => {
        /// What people and nodes notice of a change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Impact {
            $($name,)+
        }

        impl Impact {
            /// What a preview says of it; empty where nothing is noticed.
            pub fn words(self) -> &'static str {
                match self {
                    $(Impact::$name => $words,)+
                }
            }
        }
    };
}

impacts! {
    Unnoticed: "",
    VpcReplaced: "everything in the VPC is recreated: CloudFormation cannot complete this with a cluster inside",
    VpcRemoved: "the network is deleted",
    CidrAdded: "the control plane learns a new CIDR within an hour: logs, exec and webhooks of pods and nodes in it fail until then",
    CidrNeedsToBeUnused: "AWS removes a range from a VPC only once nothing uses it",
    SubnetReplaced: "the subnet is recreated with other addresses; nodes, pods and load balancers must leave it first",
    SubnetRemoved: "the subnet is deleted; CloudFormation waits until it is empty",
    PublicAddressesOfNewInterfaces: "only new network interfaces are affected: running nodes keep the public addresses that they have",
    PrefixesKept: "a part of it is reserved for prefixes, or released, through EC2 after the stack update; addresses in use stay",
    PrefixReservationChanges: "single addresses may be allocated from the range until it is reserved again; prefixes in use stay",
    PrefixReservationRemoved: "single addresses may be allocated from the range, which leaves fewer whole prefixes; prefixes in use stay",
    NewEgressAddresses: "traffic through it leaves from its own addresses: add them to allow-lists elsewhere",
    OtherEgressAddresses: "traffic leaves from other addresses: add them to allow-lists elsewhere",
    NatReplaced: "open connections through it break, and its public address may change",
    NatRemoved: "open connections through it break",
    AddressReplaced: "a public address changes: add the new one to allow-lists elsewhere",
    AddressRemoved: "a public address is released to Amazon",
    Ipv6EgressRemoved: "private subnets have no egress path over IPv6",
    InternetRemoved: "nothing in the VPC reaches the internet or is reached from it; AWS detaches the gateway only once no interface has a public address",
    VpnDetached: "networks behind the VPN gateway are cut off",
    VpnPropagationRemoved: "routes that the VPN gateway propagated are removed: networks behind it are cut off",
    TransitDetached: "the VPC is detached from the transit gateway: networks behind it are cut off, in both directions",
    TransitReplaced: "the VPC moves to another attachment: networks behind it are cut off until its routes and theirs lead there",
    TransitSubnetsExchanged: "packets to and from the transit gateway change their subnets: open connections through it break",
    TransitZonesAdded: "one more zone has its own attachment subnet for the transit gateway",
    TransitZonesLost: "zones without a subnet in the attachment are cut off from the transit gateway, in both directions, until they have one again",
    TransitTableChanges: "the attachment has no route table until it is associated again: nothing passes the transit gateway",
    TransitRouteRemoved: "other networks have no route back to this range",
    RouteAdded: "traffic to this destination shifts to this route; open connections on another one break",
    RouteLeadsElsewhere: "traffic shifts to the new route at once; open connections through the old one break",
    RouteReplaced: "traffic has no route for a moment",
    RouteRemoved: "traffic to this destination has no route from these subnets",
    TableExchanged: "the subnet has no default route for a moment",
    EndpointAdded: "the service's name resolves to addresses in the VPC at once: callers that its security group does not admit lose the service",
    GatewayEndpointAdded: "traffic to the service uses the endpoint's routes: open connections to it break",
    EndpointSubnetsExchanged: "the endpoint's addresses change: open connections to the service break",
    EndpointTablesAdded: "the route tables that are added lead to the service through the endpoint at once: open connections to it break",
    EndpointTablesRemoved: "subnets of the removed route tables no longer reach the service through the endpoint: without another route to it they are cut off",
    EndpointZonesAdded: "the service's name resolves to an address in one more zone, too",
    EndpointGroupsExchanged: "callers that only the removed security groups admit lose the service",
    EndpointAccessChanges: "who may use the endpoint, and for what, changes at once",
    EndpointReplaced: "the endpoint's addresses change, and calls to the service fail for a moment",
    EndpointRemoved: "calls to the service leave through the internet, where the subnet has an egress path, and fail where it has none",
    RulesChange: "what its rules no longer allow is cut off at once",
    RulesWidened: "its rules allow more, and everything that they allowed",
    RuleReplaced: "the traffic that it allows is dropped for a moment",
    RuleRemoved: "the traffic that it allowed is dropped",
    GroupReplaced: "interfaces change to a new group, and its rules are created with it",
    AclExchanged: "the subnet is under another network ACL for a moment: open connections may break",
    AclEntryChanges: "packets that only this rule allowed are dropped",
    AclEntryRemoved: "packets that only this rule allowed are dropped",
    FlowLogGap: "traffic of some minutes is missing in the flow logs",
    FlowLogRemoved: "traffic is no longer logged",
    LogsKeptOtherwise: "logs older than the new retention are deleted",
    LogsRemoved: "the log group and its logs are deleted",
    StaysBehind: "it stays as it is, and is no longer part of the stack",
    AlarmRemoved: "the alarm is deleted",
    RoleRightsChange: "principals with the role have other permissions within seconds, before the resources that need them change",
    RoleReplaced: "the role has another name: policies elsewhere that name it lose it",
    RoleRemoved: "principals that used the role lose its permissions",
    OidcTrustLost: "every role for service accounts that trusts the cluster's OIDC provider stops working, those outside of the stack included",
    KeyRemoved: "nothing that was encrypted with the key can be decrypted after its deletion, 30 days later",
    KeyAccessChanges: "who may use the key changes at once",
    InterruptionsMissed: "Karpenter receives no interruption events meanwhile: nodes are terminated without being drained",
    AccessChanges: "the principal has other permissions in the cluster at once",
    AccessRemoved: "the principal loses access to the cluster",
    NodesLoseAccess: "nodes that joined by this entry become NotReady, and their pods are evicted: drain and terminate them first",
    PodRoleChanges: "pods that start afterwards get the other role",
    PodRoleRemoved: "pods of the service account lose their AWS permissions",
    NewTemplateVersion: "a new version of the launch template: its node groups roll their nodes",
    ClusterReplaced: "the cluster would be recreated under the same name, which EKS refuses",
    ClusterRemoved: "the cluster is deleted with everything that runs in it",
    ControlPlaneUpgraded: "the control plane is upgraded: watches of controllers and calls of webhooks are interrupted briefly",
    ControlPlaneRolledBack: "the control plane is rolled back to the previous minor version: watches of controllers and calls of webhooks are interrupted briefly, and APIs that only the newer version serves are unavailable",
    NodesRolledBack: "EKS replaces all nodes with nodes of an earlier version, one after the other: pods move",
    ZonesShareNat: "packets leave through the NAT gateway of another zone, which bills data between zones: if that zone fails, these subnets have no egress path",
    EndpointZonesLost: "callers in a zone without an endpoint subnet reach the service through another zone: if that one fails, they lose it; open connections through the removed subnets break",
    NodesInFewerZones: "its nodes are in fewer zones: the failure of a zone affects more of them",
    NodesInOneZone: "all its nodes are in one zone: the failure of that zone affects all of them",
    NodesInFewerSubnets: "its nodes are in fewer subnets: a zone without one has no node of the group, and the failure of another zone affects more of them",
    PodsInFewerZones: "its pods are in fewer zones: the failure of a zone affects more of them",
    PodsInOneZone: "all its pods are in one zone: the failure of that zone affects all of them",
    PodsInFewerSubnets: "its pods are in fewer subnets: a zone without one has no pod of the profile, and the failure of another zone affects more of them",
    PodZonesLost: "removed zones have no ENIConfig: nodes that still run there get no further addresses for pods",
    BalancerTagsRemoved: "load balancers that are created afterwards no longer find the subnet; existing ones may leave it when they are changed",
    NatZonesLost: "the gateway has no address in the removed zones: open connections through it break there, and what still runs there uses addresses of another zone, which allow lists elsewhere must contain",
    ControlPlaneZonesLost: "the control plane has interfaces in fewer zones: if one of these fails, fewer are left that nodes reach it through",
    ApiEndpointChanges: "who reaches the Kubernetes API changes: kubectl and pipelines on the other side of the endpoint lose it",
    ApiListChanges: "addresses removed from the list lose access to the Kubernetes API within minutes",
    ApiListWidened: "more addresses reach the Kubernetes API's public endpoint; none loses access",
    AuthenticationChanges: "principals that only the aws-auth ConfigMap names lose access to the cluster: people, and nodes that EKS does not manage",
    AuthenticationWidened: "access entries count in addition to the aws-auth ConfigMap",
    ControlPlaneSubnetsChange: "the control plane's interfaces move to other subnets: watches and open connections break briefly",
    ControlPlaneGroupsChange: "the control plane's interfaces have other security groups: connections that only the former ones allowed break",
    AutoModeChanges: "EKS Auto Mode is turned off: EKS terminates all its nodes and deletes the load balancers that it created",
    AutoModeOn: "EKS Auto Mode is turned on: it starts nodes for pods that no node has room for, and manages load balancers and volumes",
    AutoModePools: "EKS Auto Mode uses other node pools or another role: nodes of removed pools are drained",
    RemoteNetworksChange: "hybrid nodes and pods in ranges removed from the list are cut off",
    RemoteNetworksAdded: "more ranges of hybrid nodes and pods reach the control plane; none is cut off",
    ProtectionChanges: "whether the cluster can be deleted changes",
    NodesExchanged: "EKS replaces all nodes, one after the other: pods move",
    GroupScaled: "nodes above the new size are terminated, and autoscalers keep to the new limits",
    GroupBounds: "autoscalers keep to the new limits: nodes may be added, none is terminated",
    NodesRelabelled: "labels and taints change on running nodes: pods that no longer match stay, unless a taint evicts them",
    NodeGroupReplaced: "a new node group is created, then the old nodes are drained: pods move",
    NodeGroupRemoved: "its nodes are terminated: pods move, if other nodes have capacity",
    ProfileReplaced: "its pods are stopped and start again under the new profile",
    ProfileRemoved: "its pods are stopped",
    AddonChanges: "the add-on's pods restart",
    AddonUpdated: "the add-on's pods restart, and manual changes of its objects are reset to EKS's defaults",
    AddonUpdatedPreserving: "the add-on's pods restart; manual changes of its objects are preserved",
    AddonUpdatedUnlessInConflict: "the add-on's pods restart; manual changes of its objects fail the update",
    AddonRemoved: "EKS no longer manages it; vpc-cni: its software stays where `PreserveOnDelete` is set, that of other add-ons is removed",
}

impl Impact {
    /// Whether a preview has anything to say of it.
    pub fn is_noticed(self) -> bool {
        self != Impact::Unnoticed
    }
}

/// What no later deployment brings back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    VpcId,
    PublicAddresses,
    Ipv6Block,
    ClusterState,
    ClusterIdentity,
    KubernetesVersion,
    SecretsKey,
    KeyMaterial,
    ControlPlaneEgress,
    AuthenticationMode,
    AutoModeNodes,
    Logs,
    OidcTrust,
    TransitAttachment,
}

impl Loss {
    /// What is gone and what that means elsewhere, for the irreversible part of a preview.
    pub fn words(self) -> &'static str {
        match self {
            Loss::VpcId => {
                "the VPC ID changes: peerings, shared subnets and rules elsewhere that name it have to be recreated"
            }
            Loss::PublicAddresses => "public addresses are released to Amazon",
            Loss::Ipv6Block => {
                "the Amazon-provided IPv6 block is released; a new one has other addresses"
            }
            Loss::ClusterState => {
                "everything that the Kubernetes API holds is deleted with the cluster"
            }
            Loss::ClusterIdentity => {
                "the cluster's endpoint, certificate authority and OIDC issuer are deleted: a new cluster has others"
            }
            Loss::KubernetesVersion => {
                "EKS rolls a Kubernetes version back within seven days, node groups first; a rollback of CloudFormation does not"
            }
            Loss::KeyMaterial => "a key that was deleted cannot be brought back after 30 days",
            Loss::SecretsKey => "the KMS key of a cluster's secrets cannot be changed later",
            Loss::ControlPlaneEgress => {
                "EKS does not support switching back from customer-routed egress"
            }
            Loss::AuthenticationMode => {
                "EKS does not switch a cluster's authentication mode back to the aws-auth ConfigMap"
            }
            Loss::AutoModeNodes => {
                "EKS terminates every node of Auto Mode, with what is on their volumes, and deletes its load balancers: names and addresses of new ones differ"
            }
            Loss::Logs => "the log group and its logs are deleted",
            Loss::OidcTrust => {
                "roles outside of the stack that trust the OIDC provider trust it again only once it has been created again"
            }
            Loss::TransitAttachment => {
                "the attachment ID changes: routes and tables elsewhere that name it have to be set again, and its owner may have to accept it again"
            }
        }
    }

    /// Whether nothing is lost where the resource stays that another one replaces.
    pub fn is_of_the_resource_itself(self) -> bool {
        matches!(self, Loss::PublicAddresses | Loss::KeyMaterial | Loss::Logs)
    }
}
