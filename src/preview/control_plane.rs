//! What the cluster itself has to do in two steps.

use serde_json::{Value, json};

use crate::facts::eks;
use crate::template::Template;

use super::{Change, ChangeKind, Obstacle};

const CLUSTER: &str = "AWS::EKS::Cluster";

pub fn of(changes: &[Change], before: &Template, after: &Template) -> Vec<Obstacle> {
    let sides = |change: &Change| Some((before.resource(&change.id)?, after.resource(&change.id)?));
    let mut clusters = changes.iter().filter(|change| change.kind == CLUSTER);
    let one = |change: &Change| match (change.change_kind(), sides(change)) {
        (ChangeKind::Modify, Some((old, new))) => (loses_callers(old, new)
            && moves_egress(changes))
        .then(|| Obstacle::CallersEarly { cluster: change.id.clone(), path: change.path.clone() }),
        (ChangeKind::Add, _) => {
            let new = after.resource(&change.id)?;
            // Of a stack that has nothing yet, the next run deletes what a failed creation left.
            (!before.is_empty() && new["Properties"]["DeletionProtection"] == true)
                .then(|| Obstacle::ProtectedEarly { cluster: change.id.clone() })
        }
        _ => None,
    };
    clusters.find_map(one).into_iter().collect()
}

fn list(own: &Value) -> Vec<Value> {
    own["Properties"]["ResourcesVpcConfig"]["PublicAccessCidrs"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

/// Addresses of the stack's own gateways leave the list of those who reach the API, and nodes have no other way to it.
fn loses_callers(old: &Value, new: &Value) -> bool {
    let private =
        |own: &Value| own["Properties"]["ResourcesVpcConfig"]["EndpointPrivateAccess"] == true;
    let (kept, listed) = (list(new), list(old));
    let mut gone = listed.iter().filter(|one| one.is_object() && !kept.contains(one));
    !private(old) && !private(new) && gone.next().is_some()
}

/// Packets leave from elsewhere only once the routes have changed.
fn moves_egress(changes: &[Change]) -> bool {
    changes.iter().any(|change| {
        change.kind == "AWS::EC2::Route"
            || change.kind == "AWS::EC2::NatGateway" && change.is_made()
    })
}

/// The cluster with the callers of both sides; `None` where EKS accepts no more so many.
pub fn with_all_callers(old: &Value, new: &Value) -> Option<Value> {
    let mut all = list(new);
    all.extend(list(old).into_iter().filter(|one| !list(new).contains(one)));
    let mut both = new.clone();
    both["Properties"]["ResourcesVpcConfig"]["PublicAccessCidrs"] = json!(all);
    (all.len() <= eks::PUBLIC_CIDRS).then_some(both)
}

/// The cluster as it can still be deleted.
pub fn unprotected(new: &Value) -> Value {
    let mut own = new.clone();
    if let Some(properties) = own["Properties"].as_object_mut() {
        properties.remove("DeletionProtection");
    }
    own
}
