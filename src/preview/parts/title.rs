//! What a part is, and why it is one.

use crate::graph::AWS_NODE_SETTINGS;
use crate::preview::kinds_of_update::minor;
use crate::preview::{Change, ChangeKind, Preview, PropertyChange};
use crate::template::Template;

use super::{Part, gist, remedy};

/// What a part does, as far as that sets it apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Title {
    /// The VPC alone, whose range IPAM decides.
    Addresses,
    /// The Kubernetes version that the control plane gets.
    ControlPlane(String),
    /// The same, where it is an older one.
    ControlPlaneBack(String),
    /// EKS exchanges the nodes of these groups; only their tags differ where `tags` says so.
    Nodes {
        groups: Vec<String>,
        tags: bool,
    },
    /// Node groups of a cluster that others made.
    NewNodes(Vec<String>),
    /// Node groups of a cluster whose CNI is installed by somebody else.
    NodesOfCni(Vec<String>),
    AutoModeOn,
    AutoModeOff,
    /// Node groups and profiles that come before Auto Mode goes.
    Homes,
    /// The cluster is protected, now that it is there.
    Protection,
    /// Addresses that nothing leaves from any more lose the API.
    Callers,
    /// Roles lose what nothing uses any more.
    Rights(Vec<String>),
    /// Whether a later part needs what was theirs.
    Remove {
        ids: Vec<String>,
        frees: bool,
    },
    /// Whether they need what an earlier part removed.
    Add {
        ids: Vec<String>,
        freed: bool,
    },
    /// The first of them is what weighs most; `first` is what all of them do, else to modify.
    Change {
        ids: Vec<String>,
        first: ChangeKind,
    },
    /// One of several parts that do the same.
    Step {
        of: Box<Title>,
        at: usize,
        count: usize,
    },
    Rest,
}

/// The parts with their titles.
pub fn of(steps: Vec<(Template, Preview)>) -> Vec<Part> {
    let off = steps.iter().any(|(_, preview)| auto(preview) == Some(false));
    let mut titles: Vec<Title> = steps
        .iter()
        .enumerate()
        .map(|(at, (template, preview))| {
            let of_cni = || of_cni(&steps[..at], template, preview);
            let late = late(at, template, preview).or_else(of_cni);
            late.unwrap_or_else(|| title(preview, off))
        })
        .collect();
    // "Everything else" says something beside what is named, and nothing where it is all there is.
    let named = titles.iter().any(|title| {
        matches!(
            title,
            Title::ControlPlane(_)
                | Title::ControlPlaneBack(_)
                | Title::Nodes { .. }
                | Title::NewNodes(_)
                | Title::NodesOfCni(_)
        )
    });
    let rest = titles.iter().filter(|title| **title == Title::Rest).count();
    if 1 < titles.len() && (1 < rest || !named) {
        for (title, (_, preview)) in titles.iter_mut().zip(&steps) {
            if *title == Title::Rest {
                *title = change(&preview.changes);
            }
        }
    }
    let goes =
        |preview: &Preview| preview.count(ChangeKind::Remove) + preview.count(ChangeKind::Replace);
    for at in 0..titles.len() {
        match &mut titles[at] {
            Title::Remove { frees, .. } => {
                *frees = steps[at + 1..].iter().any(|(_, later)| 0 < made(later));
            }
            Title::Add { freed, .. } => {
                *freed = steps[..at].iter().any(|(_, earlier)| 0 < goes(earlier));
            }
            _ => {}
        }
    }
    let parts = numbered(titles, &steps).into_iter().zip(steps);
    parts.map(|(title, (template, preview))| Part { title, template, preview }).collect()
}

/// What changes, by what weighs most; in one word only where all of it does the same.
fn change(changes: &[Change]) -> Title {
    let ids = weightiest(changes);
    let first = changes.first().map_or(ChangeKind::Modify, Change::change_kind);
    let same = changes.iter().all(|change| change.change_kind() == first);
    Title::Change { ids, first: if same { first } else { ChangeKind::Modify } }
}

/// Titles that would read the same are counted.
fn numbered(titles: Vec<Title>, steps: &[(Template, Preview)]) -> Vec<Title> {
    let called = titles.iter().zip(steps).map(|(title, (_, preview))| title.called(preview));
    let words: Vec<String> = called.map(|title| title.words()).collect();
    let alike =
        |at: usize, until: usize| words[..until].iter().filter(|own| **own == words[at]).count();
    let one = |(at, title): (usize, Title)| {
        let count = alike(at, words.len());
        let counts =
            matches!(title, Title::Change { .. } | Title::Add { .. } | Title::Remove { .. });
        match counts && 1 < count {
            true => Title::Step { of: Box::new(title), at: alike(at, at) + 1, count },
            false => title,
        }
    };
    titles.into_iter().enumerate().map(one).collect()
}

/// How much a part creates.
fn made(preview: &Preview) -> usize {
    preview.count(ChangeKind::Add) + preview.count(ChangeKind::Replace)
}

/// What weighs most first.
fn weightiest(changes: &[Change]) -> Vec<String> {
    let mut all: Vec<&Change> = changes.iter().collect();
    all.sort_by_key(|change| std::cmp::Reverse(change.weight()));
    all.iter().map(|change| change.id.clone()).collect()
}

/// Node groups that waited for aws-node, in a part of their own.
fn late(at: usize, after: &Template, step: &Preview) -> Option<Title> {
    let groups = ids(&step.changes, |change| change.kind == "AWS::EKS::Nodegroup");
    let comes = |change: &Change| change.change_kind() == ChangeKind::Add;
    let waited = 0 < at && after.resource(AWS_NODE_SETTINGS).is_some() && !groups.is_empty();
    (waited && step.changes.iter().all(comes)).then_some(Title::NewNodes(groups))
}

/// Node groups of a cluster that an earlier part makes, and that gets its CNI from somebody else.
fn of_cni(earlier: &[(Template, Preview)], after: &Template, step: &Preview) -> Option<Title> {
    let made = |(_, step): &(Template, Preview)| {
        let comes = |change: &Change| change.change_kind() == ChangeKind::Add;
        step.changes.iter().any(|change| change.kind == "AWS::EKS::Cluster" && comes(change))
    };
    let groups = ids(&step.changes, |change| change.kind == "AWS::EKS::Nodegroup");
    let waits = !groups.is_empty() && earlier.iter().any(made);
    (waits && remedy::waits_for_cni(&Template::nothing(), after))
        .then_some(Title::NodesOfCni(groups))
}

impl Title {
    /// With what it is about in words, in the place of logical ids.
    pub fn called(&self, preview: &Preview) -> Self {
        let mut title = self.clone();
        let ids = match &mut title {
            Title::Step { of, .. } => {
                **of = of.called(preview);
                return title;
            }
            Title::Nodes { groups: ids, .. }
            | Title::NewNodes(ids)
            | Title::NodesOfCni(ids)
            | Title::Rights(ids)
            | Title::Remove { ids, .. }
            | Title::Add { ids, .. }
            | Title::Change { ids, .. } => ids,
            _ => return title,
        };
        *ids = vec![gist::of(ids, preview)];
        title
    }

    /// As the heading of a part in previews, plans and progress. Logical ids are left as they are, unless [`Title::called`] came first.
    pub fn words(&self) -> String {
        match self {
            Title::Addresses => "the VPC, whose range IPAM chooses".to_string(),
            Title::ControlPlane(version) => format!("control plane {version}"),
            Title::ControlPlaneBack(version) => format!("control plane back to {version}"),
            Title::Nodes { groups, tags: false } => {
                format!("new nodes in {}", named(groups))
            }
            Title::Nodes { groups, tags: true } => {
                format!("node replacement for new tags in {}", named(groups))
            }
            Title::NewNodes(groups) | Title::NodesOfCni(groups) => {
                format!("add {}", named(groups))
            }
            Title::AutoModeOn => "Auto Mode on".to_string(),
            Title::AutoModeOff => "Auto Mode off".to_string(),
            Title::Homes => "node groups beside Auto Mode".to_string(),
            Title::Protection => "deletion protection of the cluster".to_string(),
            Title::Callers => "former addresses are removed from the API's list".to_string(),
            Title::Rights(roles) => {
                format!("permissions that are no longer used: {}", named(roles))
            }
            Title::Remove { ids, .. } => format!("remove {}", named(ids)),
            Title::Add { ids, .. } => format!("add {}", named(ids)),
            Title::Change { ids, first: ChangeKind::Modify } => format!("change {}", named(ids)),
            Title::Change { ids, first } => format!("{} {}", first.word(), named(ids)),
            Title::Step { of, at, count } => format!("{} (step {at} of {count})", of.words()),
            Title::Rest => "everything else".to_string(),
        }
    }

    /// The reason that it is a part of its own, in one sentence for whoever agrees to it.
    pub fn why(&self) -> &'static str {
        match self {
            Title::Addresses => {
                "what depends on the addresses is planned and previewed again once they are known"
            }
            Title::ControlPlane(_) => {
                "a rollback does not revert a Kubernetes version, so nothing that may fail is in the same update"
            }
            Title::ControlPlaneBack(_) => {
                "EKS rolls a Kubernetes version back only once no node runs the newer one"
            }
            Title::Nodes { tags: false, .. } => {
                "EKS combines a new version or launch template of a node group with no other update of it"
            }
            Title::Nodes { tags: true, .. } => {
                "EKS combines a new launch template with no other update of a node group; this part may be left for the next AMI or version change"
            }
            Title::NewNodes(_) => {
                "nodes keep the mode that aws-node has when they start: it is configured before they start"
            }
            Title::NodesOfCni(_) => {
                "no node is Ready before its CNI runs: install it in the cluster in between"
            }
            Title::AutoModeOn => "the new nodes are ready before the old ones are drained",
            Title::AutoModeOff => "EKS terminates all nodes of Auto Mode as soon as it is off",
            Title::Homes => "pods have other nodes before Auto Mode is off",
            Title::Protection => "a rollback cannot delete a cluster that EKS protects",
            Title::Callers => {
                "nodes leave from their former addresses until the routes lead elsewhere"
            }
            Title::Rights(_) => "CloudFormation updates a role before what uses it",
            Title::Remove { frees: true, .. } | Title::Add { freed: true, .. } => {
                "what AWS accepts once, or counts, is deleted before the new one is created"
            }
            Title::Remove { .. } => "nothing uses it any more once the parts before are deployed",
            Title::Add { .. } => "it exists before the parts after it use it",
            Title::Step { .. } => "AWS accepts the change only one step after another",
            Title::Change { .. } | Title::Rest => "it is not combined with what the other parts do",
        }
    }
}

/// What it is about in words, or logical ids.
fn named(ids: &[String]) -> String {
    ids.join(", ")
}

fn ids(changes: &[Change], wanted: impl Fn(&&Change) -> bool) -> Vec<String> {
    changes.iter().filter(wanted).map(|change| change.id.clone()).collect()
}

fn title(step: &Preview, off: bool) -> Title {
    let changes = &step.changes;
    let all = |is_it: &dyn Fn(&Change) -> bool| changes.iter().all(is_it);
    if let [Change { because, kind, .. }] = changes.as_slice()
        && kind == "AWS::EKS::Cluster"
        && let [PropertyChange { property, before, after, .. }] = because.as_slice()
        && property == "Version"
    {
        let version = after.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        return match minor(after) < minor(before) {
            true => Title::ControlPlaneBack(version.to_string()),
            false => Title::ControlPlane(version.to_string()),
        };
    }
    if let Some(title) = of_cluster(changes) {
        return title;
    }
    match auto(step) {
        Some(true) => return Title::AutoModeOn,
        Some(false) => return Title::AutoModeOff,
        None => {}
    }
    let comes = |change: &Change| change.change_kind() == ChangeKind::Add;
    let home = |change: &Change| {
        comes(change)
            && ["AWS::EKS::Nodegroup", "AWS::EKS::FargateProfile"].contains(&change.kind.as_str())
    };
    let rolls = ids(changes, |change| change.rolls_nodes());
    if !rolls.is_empty() && all(&is_of_nodes) {
        return Title::Nodes { groups: rolls, tags: all(&is_of_tags) };
    }
    if off && changes.iter().any(home) {
        return Title::Homes;
    }
    let is_role = |change: &Change| {
        change.kind == "AWS::IAM::Role" && change.change_kind() == ChangeKind::Modify
    };
    let roles = ids(changes, |change| is_role(change));
    let goes = |change: &Change| change.change_kind() == ChangeKind::Remove;
    let gone: Vec<Change> = changes.iter().filter(|change| goes(change)).cloned().collect();
    let of_rights = gone.iter().all(|change| !SERVES.contains(&change.kind.as_str()));
    if all(&|change| is_role(change) || goes(change)) && !roles.is_empty() && of_rights {
        return Title::Rights(roles);
    }
    if all(&|change| is_role(change) || goes(change)) && !gone.is_empty() {
        let (served, others): (Vec<Change>, Vec<Change>) =
            gone.into_iter().partition(|change| SERVES.contains(&change.kind.as_str()));
        let ids = [weightiest(&served), weightiest(&others)].concat();
        return Title::Remove { ids, frees: false };
    }
    if all(&comes) {
        return Title::Add { ids: ids(changes, |_| true), freed: false };
    }
    Title::Rest
}

/// What pods run on, or use: a part in which it goes is not about rights.
const SERVES: &[&str] = &["AWS::EKS::Nodegroup", "AWS::EKS::FargateProfile", "AWS::EKS::Addon"];

/// One property of the cluster is the last thing that changes, beside what it kept.
fn of_cluster(changes: &[Change]) -> Option<Title> {
    let (own, others): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| change.kind == "AWS::EKS::Cluster");
    let [Change { because, .. }] = own.as_slice() else { return None };
    let rest_goes = others.iter().all(|change| change.change_kind() == ChangeKind::Remove);
    let only = |name: &str| {
        !because.is_empty() && because.iter().all(|one| one.property.starts_with(name))
    };
    match rest_goes {
        true if only("DeletionProtection") => Some(Title::Protection),
        true if only("ResourcesVpcConfig/PublicAccessCidrs") => Some(Title::Callers),
        _ => None,
    }
}

/// Whether Auto Mode is switched on, or off.
fn auto(step: &Preview) -> Option<bool> {
    let own = |because: &&PropertyChange| because.property.starts_with("ComputeConfig");
    let mut all = step.changes.iter().filter(|one| one.kind == "AWS::EKS::Cluster");
    let because = all.find_map(|cluster| cluster.because.iter().find(own))?;
    let enabled = |side: &Option<serde_json::Value>| {
        side.as_ref().is_some_and(|value| *value == true || value["Enabled"] == true)
    };
    match (enabled(&because.before), enabled(&because.after)) {
        (false, true) => Some(true),
        (true, false) => Some(false),
        _ => None,
    }
}

fn is_of_nodes(change: &Change) -> bool {
    ["AWS::EKS::Nodegroup", "AWS::EC2::LaunchTemplate"].contains(&change.kind.as_str())
        && change.change_kind() == ChangeKind::Modify
}

/// Tags of a launch template, and the new version that follows.
fn is_of_tags(change: &Change) -> bool {
    let tag = |because: &PropertyChange| {
        because.cause.is_some() || because.property.contains("TagSpecifications")
    };
    change.because.iter().all(tag)
}
