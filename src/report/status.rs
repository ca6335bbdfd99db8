//! The stack, the cluster and the subnets as they stand.

use serde_json::{Value, json};

use crate::deploy::aws_node::Moved;
use crate::deploy::status::{Status, SubnetDrift, SubnetStatus};
use crate::deploy::{Condition, condition};
use crate::intent::Intent;
use crate::observed::{LiveAddon, LiveNodeGroup};
use crate::preview::KubernetesChanges;

use super::escape::plain;
use super::notes::new_nodes;
use super::style::{bold, red, yellow};
use super::table::{Align::Left, Align::Right, table};
use super::thousands;

/// A subnet that only one side has.
fn apart(drift: &SubnetDrift) -> String {
    match drift {
        SubnetDrift::Missing { cidr, tier, zone } => {
            format!("{cidr} of `{tier}` in {zone} is planned and does not exist")
        }
        SubnetDrift::Unplanned { cidr, id } => format!("{cidr} ({id}) exists and is not planned"),
    }
}

/// A subnet that an edit of the blueprint adds or removes.
fn edit(apart: &SubnetDrift) -> String {
    match apart {
        SubnetDrift::Missing { cidr, tier, zone } => format!("{cidr} of `{tier}` in {zone} is new"),
        SubnetDrift::Unplanned { cidr, id } => format!("{cidr} ({id}) is removed"),
    }
}

/// Share of free addresses below which a subnet is marked. Rule SIZ-02.
const SCARCE: u64 = 20;

/// What is wrong with the stack, since when, and the way on; nothing where it is at rest and whole.
fn wrong(status: &Status, file: &str) -> Option<(String, String)> {
    let stack = &status.stack;
    let next = match condition(Some(stack)) {
        Condition::Deployed if !stack.status.contains("ROLLBACK") => return None,
        Condition::Deployed => {
            format!(
                "correct the cause (`aws cloudformation describe-stack-events --stack-name {}`), then `eksnet deploy {file}`",
                stack.name
            )
        }
        Condition::Absent => format!("`eksnet deploy {file}` creates it"),
        Condition::Busy => format!("`eksnet deploy {file}` follows it"),
        Condition::Failed => format!(
            "`eksnet deploy {file}` deletes what is left of it, after confirmation, and creates it again"
        ),
        Condition::RollbackFailed => {
            format!("`eksnet deploy {file}` continues the rollback, after confirmation")
        }
        Condition::DeleteFailed => {
            format!("remove what blocks the deletion, then `eksnet destroy {file}`")
        }
    };
    let since =
        if stack.changed.is_empty() { String::new() } else { format!(" since {}", stack.changed) };
    let why = if stack.reason.is_empty() { String::new() } else { format!(": {}", stack.reason) };
    Some((format!("{}{since}{why}", stack.status), next))
}

/// What is wrong comes first, with the next command; `file` is the blueprint's in it.
pub fn human(intent: &Intent, status: &Status, file: &str) -> String {
    let mut out = format!(
        "stack {}  {}{}\n",
        bold(&status.stack.name),
        plain(&status.stack.status),
        if status.stack.protected { "  protected" } else { "" }
    );
    if let Some((what, next)) = wrong(status, file) {
        out.push_str(&format!("{}\n{}  {}\n", red(&what), bold("Next"), plain(&next)));
    }
    if let Some(cluster) = &status.cluster {
        out.push_str(&format!(
            "cluster {}  {}  Kubernetes {}  {}\n",
            bold(intent.cluster_name()),
            plain(&cluster.status),
            plain(&cluster.version),
            plain(&cluster.endpoint)
        ));
        cluster.issues.iter().for_each(|issue| out.push_str(&format!("  {}\n", red(issue))));
    }
    if status.cluster_gone {
        let words = format!(
            "cluster {} no longer exists, but is still in the stack",
            intent.cluster_name()
        );
        out.push_str(&marked("drift:", &words));
        let next = "`eksnet destroy` deletes the rest; a deployment does not recreate it";
        out.push_str(&marked("next:", next));
    }
    out.push_str(&node_groups(status));
    out.push_str(&addons(status));
    out.push_str(&aws_node(status));
    if !status.subnets.is_empty() {
        out.push_str(&format!("\n{}", subnets(status)));
    }
    status.drift.iter().for_each(|one| out.push_str(&marked("drift:", &apart(one))));
    status.undeployed.iter().for_each(|one| out.push_str(&marked("not deployed yet:", &edit(one))));
    if !status.undeployed.is_empty() {
        let next = format!("`eksnet diff {file}` shows what the blueprint changes");
        out.push_str(&marked("next:", &next));
    }
    // Nobody changed by hand what a rollback left as it was.
    let label = match condition(Some(&status.stack)) {
        Condition::RollbackFailed => "left by the rollback:",
        _ => "drift:",
    };
    for line in status.by_hand.as_deref().map(super::drift::lines).unwrap_or_default() {
        out.push_str(&marked(label, &line));
    }
    if status.by_hand.as_ref().is_some_and(Vec::is_empty) {
        out.push_str("no drift: nothing was changed manually\n");
    }
    status.unread.iter().for_each(|line| out.push_str(&marked("not read:", line)));
    out
}

/// aws-node as it runs, and what it does for the pods of a cluster that others made.
fn aws_node(status: &Status) -> String {
    let mut out = String::new();
    if let Some(node) = &status.aws_node {
        node.lines().iter().for_each(|line| out.push_str(&marked("aws-node:", line)));
        match &node.unread {
            Some(why) => out.push_str(&marked("not read:", why)),
            None if node.differs.is_empty() => {
                out.push_str("aws-node runs as the blueprint says\n")
            }
            None => {}
        }
    }
    if let Some(moved) = &status.moved {
        out.push_str(&moving(moved));
    }
    if let Some(proven) = &status.proven {
        out.push_str(&format!("{}\n", new_nodes(proven)));
        let wrong = proven.astray.iter().chain(&proven.crowded);
        wrong.for_each(|one| out.push_str(&marked("wrong:", one)));
    }
    out
}

/// Pods in their new tier, and the node groups that are still to be replaced.
fn moving(moved: &Moved) -> String {
    let tiers = moved.tiers.join("`, `");
    let mut out =
        format!("{} of {} pods have addresses of `{}`\n", moved.pods, moved.of, plain(&tiers));
    if !moved.left.is_empty() {
        let left: Vec<String> =
            moved.left.iter().map(|(group, pods)| format!("{group} ({pods})")).collect();
        let words = format!(
            "replace the nodes of {}, one group after the other: their pods are elsewhere",
            left.join(", ")
        );
        out.push_str(&marked("next:", &words));
    }
    out
}

fn addons(status: &Status) -> String {
    let row = |addon: &LiveAddon| {
        vec![
            addon.name.clone(),
            addon.status.clone(),
            addon.version.clone(),
            addon.issues.join("; "),
        ]
    };
    let rows: Vec<Vec<String>> = status.addons.iter().map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let columns = [("add-on", Left), ("status", Left), ("version", Left), ("", Left)];
    format!("\n{}", table(2, &columns, &rows))
}

fn node_groups(status: &Status) -> String {
    let row = |group: &LiveNodeGroup| {
        vec![
            group.name.clone(),
            group.status.clone(),
            format!("{} ({} to {})", group.desired, group.min, group.max),
            group.version.clone(),
            group.release.clone(),
            group.issues.join("; "),
        ]
    };
    let rows: Vec<Vec<String>> = status.node_groups.iter().map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let columns = [
        ("node group", Left),
        ("status", Left),
        ("nodes", Left),
        ("version", Left),
        ("AMI release", Left),
        ("", Left),
    ];
    format!("\n{}", table(2, &columns, &rows))
}

fn marked(mark: &str, words: &str) -> String {
    format!("{} {}\n", yellow(mark), plain(words))
}

fn subnets(status: &Status) -> String {
    let columns = [
        ("tier", Left),
        ("zone", Left),
        ("cidr", Left),
        ("free", Right),
        ("of", Right),
        ("", Left),
        ("subnet", Left),
    ];
    let row = |subnet: &SubnetStatus| {
        let scarce = subnet.live.free * 100 < subnet.usable * SCARCE;
        vec![
            subnet.tier.clone(),
            subnet.zone.clone(),
            subnet.live.cidr.clone(),
            thousands(subnet.live.free),
            thousands(subnet.usable),
            if scarce { "nearly full" } else { "" }.to_string(),
            subnet.live.id.clone(),
        ]
    };
    table(2, &columns, &status.subnets.iter().map(row).collect::<Vec<_>>())
}

/// Everything that was read, and in `unread` what was not; absent parts are null or empty.
pub fn json(intent: &Intent, status: &Status, file: &str) -> String {
    let subnet = |subnet: &SubnetStatus| {
        json!({ "tier": subnet.tier, "id": subnet.live.id, "cidr": subnet.live.cidr, "zone": subnet.live.zone_id, "zoneName": subnet.live.zone_name,
                "free": subnet.live.free, "usable": subnet.usable })
    };
    let addon = |addon: &LiveAddon| json!({ "name": addon.name, "status": addon.status, "version": addon.version, "issues": addon.issues });
    let cluster = status.cluster.as_ref().map_or(
        Value::Null,
        |cluster| json!({ "name": intent.cluster_name(), "status": cluster.status, "version": cluster.version, "endpoint": cluster.endpoint, "issues": cluster.issues }),
    );
    let outputs: serde_json::Map<String, Value> =
        status.stack.outputs.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    super::json(&json!({
        "schemaVersion": 1,
        "stack": { "name": status.stack.name, "status": status.stack.status, "reason": status.stack.reason, "changed": status.stack.changed, "protected": status.stack.protected, "outputs": outputs },
        "next": wrong(status, file).map(|(_, next)| next),
        "cluster": cluster,
        "addons": status.addons.iter().map(addon).collect::<Vec<_>>(),
        "nodeGroups": status.node_groups,
        "clusterGone": status.cluster_gone,
        "subnets": status.subnets.iter().map(subnet).collect::<Vec<_>>(),
        "drift": status.drift.iter().map(apart).collect::<Vec<_>>(),
        "undeployed": status.undeployed.iter().map(edit).collect::<Vec<_>>(),
        "changedByHand": status.by_hand.as_deref().map(super::drift::rows),
        "kubernetes": status.aws_node.as_ref().map(KubernetesChanges::lines),
        "moved": status.moved.as_ref().map(|moved| json!({ "tiers": moved.tiers, "pods": moved.pods, "of": moved.of, "left": moved.left })),
        "newNodes": status.proven.as_ref().map(|found| json!({ "nodes": found.nodes, "pods": found.pods, "astray": found.astray, "crowded": found.crowded, "reached": found.reached, "unreached": found.unreached })),
        "unread": status.unread,
    }))
}
