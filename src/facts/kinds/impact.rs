//! What a change means for what runs, and what it takes away for good.

/// What people and nodes notice of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    Unnoticed,
    VpcReplaced,
    VpcRemoved,
    CidrAdded,
    CidrNeedsToBeUnused,
    SubnetReplaced,
    SubnetRemoved,
    PublicAddressesOfNewInterfaces,
    PrefixesKept,
    PrefixReservationChanges,
    NewEgressAddresses,
    OtherEgressAddresses,
    NatReplaced,
    NatRemoved,
    AddressReplaced,
    AddressRemoved,
    Ipv6EgressRemoved,
    InternetRemoved,
    VpnDetached,
    VpnPropagationRemoved,
    TransitDetached,
    TransitReplaced,
    TransitSubnetsExchanged,
    TransitTableChanges,
    TransitRouteRemoved,
    RouteAdded,
    RouteLeadsElsewhere,
    RouteReplaced,
    RouteRemoved,
    TableExchanged,
    EndpointAdded,
    EndpointSubnetsExchanged,
    EndpointAccessChanges,
    EndpointReplaced,
    EndpointRemoved,
    RulesChange,
    RuleReplaced,
    RuleRemoved,
    GroupReplaced,
    AclExchanged,
    AclEntryChanges,
    AclEntryRemoved,
    FlowLogGap,
    FlowLogRemoved,
    LogsKeptOtherwise,
    LogsRemoved,
    AlarmRemoved,
    RoleRightsChange,
    RoleReplaced,
    RoleRemoved,
    OidcTrustLost,
    AccessChanges,
    AccessRemoved,
    PodRoleChanges,
    PodRoleRemoved,
    NewTemplateVersion,
    ClusterReplaced,
    ClusterRemoved,
    ControlPlaneUpgraded,
    ApiEndpointChanges,
    ApiListChanges,
    ControlPlaneSubnetsChange,
    AutoModeChanges,
    RemoteNetworksChange,
    ProtectionChanges,
    NodesExchanged,
    GroupScaled,
    NodesRelabelled,
    NodeGroupReplaced,
    NodeGroupRemoved,
    ProfileReplaced,
    ProfileRemoved,
    AddonChanges,
    AddonUpdated,
    AddonRemoved,
}

impl Impact {
    pub fn is_noticed(self) -> bool {
        self != Impact::Unnoticed
    }

    /// For people; empty where nothing is noticed.
    pub fn words(self) -> &'static str {
        match self {
            Impact::Unnoticed => "",
            Impact::VpcReplaced => {
                "everything in the VPC is recreated: CloudFormation will not get through this with a cluster inside"
            }
            Impact::VpcRemoved => "the network goes",
            Impact::CidrAdded => {
                "the control plane learns a new CIDR within an hour: logs, exec and webhooks of pods and nodes in it fail until then"
            }
            Impact::CidrNeedsToBeUnused => "AWS takes a range from a VPC only once nothing uses it",
            Impact::SubnetReplaced => {
                "the subnet gets other addresses; nodes, pods and load balancers in it have to leave first"
            }
            Impact::SubnetRemoved => "the subnet goes; CloudFormation waits until nothing is in it",
            Impact::PublicAddressesOfNewInterfaces => {
                "public addresses are given, or not given, to new interfaces only: nodes that run keep what they have"
            }
            Impact::PrefixesKept => {
                "a part of it is kept for prefixes, or given back, through EC2 once the stack stands; addresses in use stay"
            }
            Impact::PrefixReservationChanges => {
                "single addresses may be taken out of the range until it is reserved again; prefixes in use stay"
            }
            Impact::NewEgressAddresses => {
                "packets behind it leave with its own addresses: allow-lists elsewhere need them"
            }
            Impact::OtherEgressAddresses => {
                "packets leave with other addresses: allow-lists elsewhere need them"
            }
            Impact::NatReplaced => {
                "open connections through it break, and its public address may change"
            }
            Impact::NatRemoved => "open connections through it break",
            Impact::AddressReplaced => {
                "a public address changes: allow-lists elsewhere need the new one"
            }
            Impact::AddressRemoved => "a public address is given back for good",
            Impact::Ipv6EgressRemoved => "private subnets have no way out over IPv6",
            Impact::InternetRemoved => {
                "nothing in the VPC reaches the internet or is reached from it; AWS detaches the gateway only once no interface has a public address"
            }
            Impact::VpnDetached => "networks behind the VPN gateway are cut off",
            Impact::VpnPropagationRemoved => {
                "routes that the VPN gateway announced leave the tables: what is behind it is cut off"
            }
            Impact::TransitDetached => {
                "the VPC leaves the transit gateway: networks behind it are cut off, in both directions"
            }
            Impact::TransitReplaced => {
                "the VPC moves to another attachment: networks behind it are cut off until its routes and theirs lead there"
            }
            Impact::TransitSubnetsExchanged => {
                "packets to and from the transit gateway change their subnets: open connections through it break"
            }
            Impact::TransitTableChanges => {
                "the attachment has no route table for a moment: nothing passes the transit gateway"
            }
            Impact::TransitRouteRemoved => "other networks have no route back to this range",
            Impact::RouteAdded => {
                "packets to this destination take this way from now on; open connections on another one break"
            }
            Impact::RouteLeadsElsewhere => {
                "packets take the new way at once; open connections through the old one break"
            }
            Impact::RouteReplaced => "packets have no route for a moment",
            Impact::RouteRemoved => "packets to this destination have no way from these subnets",
            Impact::TableExchanged => "the subnet has no route out for a moment",
            Impact::EndpointAdded => {
                "the service's name leads to addresses in the VPC at once: whatever its security group does not let in loses the service"
            }
            Impact::EndpointSubnetsExchanged => {
                "the endpoint's addresses change: open connections to the service break"
            }
            Impact::EndpointAccessChanges => {
                "who may use the endpoint, and for what, changes at once"
            }
            Impact::EndpointReplaced => {
                "the endpoint's addresses change, and calls to the service fail for a moment"
            }
            Impact::EndpointRemoved => {
                "calls to the service leave by the internet, where the subnet has a way out, and fail where it has none"
            }
            Impact::RulesChange => "what its rules no longer allow is cut off at once",
            Impact::RuleReplaced => "the traffic that it allows is dropped for a moment",
            Impact::RuleRemoved => "the traffic that it allowed is dropped",
            Impact::GroupReplaced => {
                "interfaces change to a new group, and its rules are created with it"
            }
            Impact::AclExchanged => {
                "the subnet is under another network ACL for a moment: open connections may break"
            }
            Impact::AclEntryChanges => "packets that only this rule allowed are dropped",
            Impact::AclEntryRemoved => "packets that only this rule allowed are dropped",
            Impact::FlowLogGap => "traffic of some minutes is missing in the flow logs",
            Impact::FlowLogRemoved => "traffic is not logged any more",
            Impact::LogsKeptOtherwise => "logs older than the new retention are deleted",
            Impact::LogsRemoved => "the log group goes with what was logged",
            Impact::AlarmRemoved => "nobody is alarmed of it any more",
            Impact::RoleRightsChange => {
                "whoever has the role has other rights within seconds, before what needs them changes"
            }
            Impact::RoleReplaced => {
                "the role has another name: policies elsewhere that name it lose it"
            }
            Impact::RoleRemoved => "whoever used the role has no rights any more",
            Impact::OidcTrustLost => {
                "every role for service accounts that trusts the cluster's OIDC provider stops working, those outside of the stack included"
            }
            Impact::AccessChanges => "the principal has other rights in the cluster at once",
            Impact::AccessRemoved => "the principal loses access to the cluster",
            Impact::PodRoleChanges => "pods that start afterwards get the other role",
            Impact::PodRoleRemoved => "pods of the service account lose their AWS rights",
            Impact::NewTemplateVersion => {
                "a new version of the launch template: its node groups roll their nodes"
            }
            Impact::ClusterReplaced => {
                "the cluster would be recreated under the same name, which EKS refuses"
            }
            Impact::ClusterRemoved => "the cluster goes with everything that runs in it",
            Impact::ControlPlaneUpgraded => {
                "the control plane is upgraded: webhooks and controllers lose their watches for moments"
            }
            Impact::ApiEndpointChanges => {
                "who reaches the Kubernetes API changes: kubectl and pipelines on the other side of the endpoint lose it"
            }
            Impact::ApiListChanges => {
                "addresses that leave the list lose the Kubernetes API within minutes"
            }
            Impact::ControlPlaneSubnetsChange => {
                "the control plane's interfaces move to other subnets: watches and open connections break for moments"
            }
            Impact::AutoModeChanges => {
                "EKS Auto Mode is switched on or off: when it goes off, EKS terminates all its nodes and deletes the load balancers that it made"
            }
            Impact::RemoteNetworksChange => {
                "hybrid nodes and pods in ranges that leave the list are cut off"
            }
            Impact::ProtectionChanges => "whether the cluster can be deleted changes",
            Impact::NodesExchanged => "EKS exchanges all nodes, one after the other: pods move",
            Impact::GroupScaled => {
                "nodes above the new size are terminated, and an autoscaler is held to the new bounds"
            }
            Impact::NodesRelabelled => {
                "labels and taints change on the nodes that run: pods that they no longer fit stay, or go where a taint says so"
            }
            Impact::NodeGroupReplaced => {
                "a new node group comes up, then the old nodes are drained: pods move"
            }
            Impact::NodeGroupRemoved => "its nodes go: pods move, if there is room",
            Impact::ProfileReplaced => "its pods are stopped and start again under the new profile",
            Impact::ProfileRemoved => "its pods are stopped",
            Impact::AddonChanges => "the add-on's pods restart",
            Impact::AddonUpdated => {
                "the add-on's pods restart, and what was changed by hand in its objects goes back to EKS's defaults"
            }
            Impact::AddonRemoved => {
                "EKS looks after it no longer; vpc-cni: its software stays where `PreserveOnDelete` is set, other add-ons' goes"
            }
        }
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
    ControlPlaneEgress,
    AutoModeNodes,
    Logs,
    OidcTrust,
    TransitAttachment,
}

impl Loss {
    pub fn words(self) -> &'static str {
        match self {
            Loss::VpcId => {
                "the VPC's id goes: peerings, shared subnets and rules elsewhere that name it have to be recreated"
            }
            Loss::PublicAddresses => "public addresses go back to Amazon",
            Loss::Ipv6Block => {
                "Amazon's IPv6 block goes back; another one will have other addresses"
            }
            Loss::ClusterState => {
                "everything that the Kubernetes API holds is deleted with the cluster"
            }
            Loss::ClusterIdentity => {
                "the cluster's endpoint, certificate authority and OIDC issuer go: another cluster has others"
            }
            Loss::KubernetesVersion => {
                "EKS takes a Kubernetes version back within seven days, node groups first; a rollback of CloudFormation does not"
            }
            Loss::SecretsKey => "a cluster keeps the key of its secrets for good",
            Loss::ControlPlaneEgress => "EKS knows no way back from customer-routed egress",
            Loss::AutoModeNodes => {
                "EKS terminates every node of Auto Mode, with what is on their volumes, and deletes its load balancers: names and addresses of new ones differ"
            }
            Loss::Logs => "the log group is deleted with what was logged",
            Loss::OidcTrust => {
                "roles outside of the stack that trust the OIDC provider trust it again only once it has been created again"
            }
            Loss::TransitAttachment => {
                "the attachment's id goes: routes and tables elsewhere that name it have to be set again, and its owner may have to accept it again"
            }
        }
    }
}
