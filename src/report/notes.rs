//! Words for what is worth knowing beside an operation, and for the questions it asks.

use crate::aws::port::Orphans;
use crate::deploy::{Kept, Note, Question};
use crate::deploy::{Nodes, Proven};
use crate::observed::LiveCluster;

use super::counted;
use super::escape::plain;

/// What a terminal shows of a note.
pub fn human(note: &Note) -> String {
    match note {
        Note::Cluster { name, found } => cluster(name, found.as_ref()),
        Note::Addon(addon) => format!(
            "warning: add-on {} is {}: {}",
            plain(&addon.name),
            plain(&addon.status),
            plain(&addon.issues.join("; "))
        ),
        Note::Use { name, region } => {
            format!("to use it: aws eks update-kubeconfig --name {name} --region {region}")
        }
        Note::DefaultGroupClosed { vpc, rules } => {
            format!("removed {rules} rules from the default security group of {}", plain(vpc))
        }
        Note::TerminationProtection { stack, on } => {
            let state = if *on { "on" } else { "off, as on the cluster" };
            format!("termination protection of stack {}: {state}", plain(stack))
        }
        Note::AwsNode(one) => format!("aws-node: {}", plain(&one.told().to_string())),
        Note::AddonValue(one) => format!("aws-node: {}", plain(&one.to_string())),
        Note::GivenBack { cluster } => {
            format!("aws-node of cluster {} is restored to its former settings", plain(cluster))
        }
        Note::AwsNodeReadBack { changed, nodes } => read_back(*changed, *nodes),
        Note::NewNodesProven(found) => new_nodes(found),
        Note::EniConfigStays { name } => format!(
            "ENIConfig {} is deleted in the next deployment, when all nodes have the new settings",
            plain(name)
        ),
        Note::OldNodes { settings } => old_nodes(settings),
        Note::PartFailed { number, count, title, from } => {
            let done = match number - 1 - from {
                0 => "nothing before it was deployed by this run".to_string(),
                1 => format!("part {} is deployed and stays", number - 1),
                _ => format!("parts {} to {} are deployed and stay", from + 1, number - 1),
            };
            format!("part {number} of {count} failed ({}); {done}", plain(&title.words()))
        }
        Note::Unread { what, why } => {
            format!("not looked for, because it could not be read: {}: {}", plain(what), plain(why))
        }
        Note::Warning { what, why } => format!("warning: {}: {}", plain(what), plain(why)),
        Note::Stays(kept) => listed("what stays", kept.iter().map(stays)),
        Note::Goes { stack, status, kinds } => listed(
            &format!("this deletes stack {} ({}) and", plain(stack), plain(status)),
            kinds.iter().map(|(kind, count)| format!("{count} × {}", plain(kind))),
        ),
        Note::Orphans(found) => orphans(found),
        Note::AddonsGo(names) => named("add-ons that others installed go with the cluster", names),
        Note::Left { what, why } => {
            format!("warning: {} is still there: {}", plain(&what.to_string()), plain(why))
        }
        Note::OrphansNeedAYes => "`--orphans` removes them".to_string(),
        Note::StillInStack => {
            "what could not be deleted is still there and still in the stack".to_string()
        }
    }
}

fn named(head: &str, names: &[String]) -> String {
    format!("{head}: {}", plain(&names.join(", ")))
}

fn old_nodes(settings: &[String]) -> String {
    let settings = plain(&settings.join(", "));
    format!("warning: existing nodes keep the old mode of {settings}: replace their node groups")
}

fn listed(head: &str, rows: impl Iterator<Item = String>) -> String {
    rows.fold(head.to_string(), |text, row| format!("{text}\n  {row}"))
}

fn cluster(name: &str, found: Option<&LiveCluster>) -> String {
    match found {
        Some(cluster) if cluster.status == "ACTIVE" && cluster.issues.is_empty() => {
            format!("cluster {name}: ACTIVE, Kubernetes {}", plain(&cluster.version))
        }
        Some(cluster) => format!(
            "warning: cluster {name} is {}: {}",
            plain(&cluster.status),
            plain(&cluster.issues.join("; "))
        ),
        None => format!("warning: EKS has no cluster {name}"),
    }
}

fn read_back(changed: usize, nodes: Nodes) -> String {
    let how = if changed == 0 { "runs as the blueprint says" } else { "set up" };
    let rolled = match nodes.all {
        0 => String::new(),
        all => format!(", {} of {all} nodes have its settings", nodes.updated),
    };
    format!("aws-node: {how}, read back through the Kubernetes API{rolled}")
}

/// What nodes that came after the settings show.
pub(super) fn new_nodes(found: &Proven) -> String {
    let mut rows: Vec<String> =
        found.reached.iter().map(|one| format!("the control plane reaches {one} there")).collect();
    rows.extend(found.unreached.iter().map(|one| {
        format!("warning: the control plane does not reach {one}: it learns a new range within an hour; move the pods of webhooks after that")
    }));
    if 0 < found.pods && found.reached.is_empty() && found.unreached.is_empty() {
        rows.push("not proven: that the control plane reaches pods there. No API service and no HTTP probe of a ready pod could be asked (`get pods/proxy`); move the pods of webhooks an hour after the range was added".to_string());
    }
    let head = match found.pods {
        0 => format!(
            "{}: no pod with an address of its own runs there yet (`eksnet status` looks again)",
            counted(found.nodes as usize, "new node")
        ),
        pods => format!(
            "{}: {} with an address of the new range",
            counted(found.nodes as usize, "new node"),
            counted(pods as usize, "pod")
        ),
    };
    listed(&head, rows.iter().map(|row| plain(row)))
}

fn stays(kept: &Kept) -> String {
    match kept {
        Kept::Resource { id, kind } => {
            format!("{} ({}): retained by its deletion policy", plain(id), plain(kind))
        }
        Kept::LogGroup(name) => {
            format!("log group {}: EKS created it and does not delete it", plain(name))
        }
        Kept::Data(what) => {
            format!("{}: `--volumes` would delete it", plain(&what.to_string()))
        }
    }
}

fn orphans(orphans: &Orphans) -> String {
    let unread = orphans
        .unread
        .iter()
        .chain(&orphans.volumes_unread)
        .map(|what| format!("not looked for, because it could not be read: {}", plain(what)));
    let found = (!orphans.found.is_empty()).then(|| {
        listed(
            "blocking deletion: created by Kubernetes outside the stack",
            orphans.found.iter().map(|one| plain(&one.to_string())),
        )
    });
    let others = (!orphans.others.is_empty()).then(|| {
        listed(
            "blocking deletion, and not the cluster's: the subnets cannot be deleted before these",
            orphans.others.iter().map(|one| plain(one)),
        )
    });
    let data = (!orphans.volumes.is_empty()).then(|| {
        listed(
            "data of the cluster's pods, which stays unless `--volumes` is given",
            orphans.volumes.iter().map(|one| plain(&one.to_string())),
        )
    });
    unread.chain(found).chain(others).chain(data).collect::<Vec<_>>().join("\n")
}

/// A question to a person.
pub fn question(question: &Question<'_>) -> String {
    match question {
        Question::Deploy { stack } => format!("deploy this to stack {}?", plain(stack)),
        Question::Allocate { ranges } => {
            format!("allocate {} from IPAM?", plain(&ranges.join(" and ")))
        }
        Question::SetUpAwsNode => "apply these settings to aws-node?".to_string(),
        Question::TakeOver => "take ownership of these settings of aws-node?".to_string(),
        Question::ContinueRollback { stack } => {
            format!("stack {} is in UPDATE_ROLLBACK_FAILED: continue the rollback?", plain(stack))
        }
        Question::CleanUp { stack, status } => format!(
            "stack {} is in {}: delete what is left of it and create it again?",
            plain(stack),
            plain(status)
        ),
        Question::RemoveOrphans { count, cluster_exists } => {
            let when = if *cluster_exists { " once the cluster is deleted" } else { "" };
            format!("remove these {count}{when}?")
        }
        Question::RemoveMore { count } => format!("remove these {count}, and continue?"),
        Question::Destroy { name } => {
            format!("type the blueprint's name (`{}`) to delete its stack:", plain(name))
        }
    }
}
