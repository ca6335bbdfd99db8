//! How much an impact weighs on what runs: previews tell the worst first.

use super::Impact;

/// From what only has to be known to what ends everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Worth knowing: nothing that runs is touched.
    #[default]
    Note,
    /// Somebody outside of the stack has to know.
    Elsewhere,
    /// Pods of an add-on restart, or what is allowed changes: other pods keep running.
    Change,
    /// Open connections break.
    Connections,
    /// Nodes are replaced, pods move.
    Nodes,
    /// Something that runs is cut off or stopped.
    Outage,
    /// The cluster or its network is deleted.
    End,
}

impl Impact {
    /// By the worst that it brings about: previews are sorted by it, and a gate of a pipeline counts nodes with it.
    pub fn weight(self) -> Weight {
        use Impact::*;
        match self {
            VpcReplaced | VpcRemoved | ClusterReplaced | ClusterRemoved => Weight::End,
            _ if self.cuts_off() => Weight::Outage,
            NodesExchanged | NodesRolledBack | NodeGroupReplaced | NodeGroupRemoved
            | NewTemplateVersion | ProfileReplaced | GroupScaled => Weight::Nodes,
            NatReplaced
            | NatRemoved
            | RouteAdded
            | RouteLeadsElsewhere
            | RouteReplaced
            | TableExchanged
            | TransitSubnetsExchanged
            | GatewayEndpointAdded
            | EndpointTablesAdded
            | EndpointAdded
            | EndpointSubnetsExchanged
            | EndpointZonesLost
            | EndpointReplaced
            | RuleReplaced
            | GroupReplaced
            | AclExchanged
            | AddressReplaced
            | OtherEgressAddresses
            | NatZonesLost
            | ControlPlaneGroupsChange
            | ControlPlaneSubnetsChange => Weight::Connections,
            AddonChanges
            | AddonUpdated
            | AddonUpdatedPreserving
            | AddonUpdatedUnlessInConflict
            | AddonRemoved
            | ControlPlaneUpgraded
            | ControlPlaneRolledBack
            | ZonesShareNat
            | NodesInFewerZones
            | NodesInOneZone
            | NodesInFewerSubnets
            | PodsInFewerZones
            | PodsInOneZone
            | PodsInFewerSubnets
            | PodZonesLost
            | BalancerTagsRemoved
            | ControlPlaneZonesLost
            | ApiEndpointChanges
            | ApiListChanges
            | RoleRightsChange
            | RoleReplaced
            | AccessChanges
            | PodRoleChanges
            | NodesRelabelled
            | AutoModePools => Weight::Change,
            NewEgressAddresses | AddressRemoved | CidrAdded => Weight::Elsewhere,
            _ => Weight::Note,
        }
    }

    /// Whether something that runs is cut off or stopped.
    fn cuts_off(self) -> bool {
        use Impact::*;
        matches!(
            self,
            SubnetReplaced
                | SubnetRemoved
                | InternetRemoved
                | Ipv6EgressRemoved
                | VpnDetached
                | VpnPropagationRemoved
                | TransitDetached
                | TransitReplaced
                | TransitRouteRemoved
                | TransitZonesLost
                | TransitTableChanges
                | RouteRemoved
                | EndpointRemoved
                | EndpointAccessChanges
                | EndpointTablesRemoved
                | EndpointGroupsExchanged
                | RuleRemoved
                | RulesChange
                | OidcTrustLost
                | AccessRemoved
                | NodesLoseAccess
                | PodRoleRemoved
                | RemoteNetworksChange
                | AutoModeChanges
                | AuthenticationChanges
                | ProfileRemoved
                | AclEntryChanges
                | AclEntryRemoved
                | RoleRemoved
        )
    }
}
