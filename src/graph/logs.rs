//! Log groups: of flow logs, and of the control plane.

use serde::Serialize;

use crate::facts::eks;
use crate::intent::{Cluster, Intent, Tags};

use super::value::{Tag, tags};
use super::{Graph, Kind};

#[derive(Serialize)]
pub struct LogGroup {
    /// `None`: CloudFormation's.
    pub name: Option<String>,
    pub retention_days: u32,
    pub key: Option<String>,
    /// `None`: it goes with the stack.
    pub deletion: Option<&'static str>,
    pub tags: Vec<Tag>,
}

impl Kind for LogGroup {
    const TEMPLATE: &'static str = "logs/log-group";
}

/// Logical id of the control plane's group.
pub const CONTROL_PLANE: &str = "ControlPlaneLogGroup";

/// Before the cluster, which would create it without a retention. EKS writes until after its cluster is gone: the group stays, and the next
/// stack of this name imports it.
pub fn control_plane(intent: &Intent, cluster: &Cluster, graph: &mut Graph) {
    let Some(retention_days) = cluster.log_retention_days else {
        return;
    };
    let group = LogGroup {
        name: Some(eks::log_group(&intent.name)),
        retention_days,
        key: None,
        deletion: Some("Retain"),
        tags: tags(intent, "control-plane-logs", &Tags::new()),
    };
    graph.add(CONTROL_PLANE, "cluster.logRetentionDays", &group);
}
