//! What roles have: their forms, and whose they are.

use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::intent::addons::AddonRole;
use crate::intent::iam::{Iam, PodRoleSource, RoleSource};
use crate::intent::{Cluster, Intent};
use crate::rules::{IAM_01, IAM_02, IAM_03, IAM_05, IAM_06};

use super::arn::{is_policy, is_role};

const PLACE: &str = "iam.roles";

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let iam = &intent.iam;
    let mut findings: Vec<Diagnostic> = boundary(intent).into_iter().chain(path(iam)).collect();
    findings.extend(written(iam).iter().filter_map(|(word, source)| form(intent, word, source)));
    findings.extend(twice(iam));
    findings.extend(accounts(intent));
    findings.extend(shared(iam));
    if let Some(cluster) = &intent.cluster {
        findings.extend(idle(cluster, iam));
    }
    findings
}

fn written(iam: &Iam) -> [(&'static str, &RoleSource); 3] {
    [("cluster", &iam.cluster), ("nodes", &iam.nodes), ("awsNode", &iam.aws_node)]
}

fn boundary(intent: &Intent) -> Option<Diagnostic> {
    let text = intent.iam.boundary.as_ref().filter(|text| !is_policy(intent, text))?;
    let partition = intent.region.partition();
    Some(
        IAM_01
            .at(
                "iam.permissionsBoundary",
                format!("`{text}` is not the ARN of a policy of the partition {partition}"),
            )
            .hint(format!("as in `arn:{partition}:iam::111122223333:policy/boundary`")),
    )
}

/// One slash, or segments between slashes.
fn path(iam: &Iam) -> Option<Diagnostic> {
    let text = iam.path.as_ref()?;
    let visible = |one: char| ('!'..='\u{7e}').contains(&one);
    let whole = text.starts_with('/') && text.ends_with('/') && !text.contains("//");
    (!whole || eks::ROLE_PATH < text.len() || !text.chars().all(visible)).then(|| {
        IAM_01
            .at("iam.path", format!("`{text}` is not a path of IAM"))
            .hint("it begins and ends with a slash, such as `/eks/`")
    })
}

fn form(intent: &Intent, word: &str, source: &RoleSource) -> Option<Diagnostic> {
    let place = key(PLACE, word);
    let partition = intent.region.partition();
    let letter = |one: char| one.is_ascii_alphanumeric() || "+=,.@_-".contains(one);
    match source {
        RoleSource::Named(name)
            if name.is_empty() || eks::ROLE_NAME < name.len() || !name.chars().all(letter) =>
        {
            Some(
                IAM_01
                    .at(key(&place, "name"), format!("`{name}` cannot be the name of a role"))
                    .hint(format!(
                        "letters, digits and `+ = , . @ _ -`, {} at most; set the path under `iam.path`",
                        eks::ROLE_NAME
                    )),
            )
        }
        RoleSource::Existing(arn) if !is_role(intent, arn) => Some(
            IAM_01
                .at(
                    key(&place, "arn"),
                    format!("`{arn}` is not the ARN of a role of the partition {partition}"),
                )
                .hint(format!("as in `arn:{partition}:iam::111122223333:role/eks/{word}`")),
        ),
        RoleSource::Undecided => Some(
            IAM_02
                .at(place, "a role has either a `name` or an `arn`")
                .hint("`name: …` for a role of the stack, `arn: …` for one that exists"),
        ),
        _ => None,
    }
}

/// IAM does not tell names apart by case, nor by path.
fn twice(iam: &Iam) -> Option<Diagnostic> {
    let named = written(iam).into_iter().filter_map(|(word, source)| match source {
        RoleSource::Named(name) => Some((word, name)),
        _ => None,
    });
    let named: Vec<(&str, &String)> = named.collect();
    named.iter().enumerate().find_map(|(at, (word, name))| {
        let (first, _) = named[..at].iter().find(|(_, other)| other.eq_ignore_ascii_case(name))?;
        let place = key(&key(PLACE, word), "name");
        Some(
            IAM_02
                .at(place, format!("two roles with the name `{name}`"))
                .also(key(&key(PLACE, first), "name"), "the first one")
                .hint("give each its own, or leave names to CloudFormation"),
        )
    })
}

/// One role that exists, for the control plane and for nodes.
fn shared(iam: &Iam) -> Option<Diagnostic> {
    let (RoleSource::Existing(cluster), RoleSource::Existing(nodes)) = (&iam.cluster, &iam.nodes)
    else {
        return None;
    };
    (cluster == nodes).then(|| {
        IAM_06
            .at("iam.roles.nodes.arn", "the role of the control plane is the nodes' role, too")
            .also("iam.roles.cluster.arn", "the same one")
            .hint("name another role for the nodes, or let the stack create one")
    })
}

/// Every role and policy that is named, with its place.
fn named(intent: &Intent) -> Vec<(String, &str)> {
    let mut all: Vec<(String, &str)> = Vec::new();
    let mut add = |place: String, arn| all.push((place, arn));
    for (word, source) in written(&intent.iam) {
        if let RoleSource::Existing(arn) = source {
            add(key(&key(PLACE, word), "arn"), arn);
        }
    }
    if let Some(arn) = &intent.iam.boundary {
        add("iam.permissionsBoundary".into(), arn);
    }
    let Some(cluster) = &intent.cluster else { return all };
    for addon in &cluster.addons {
        if let AddonRole::Existing(arn, _) = &addon.role {
            add(key(&addon.path, "role"), arn);
        }
    }
    for identity in &cluster.pod_identities {
        match &identity.role {
            PodRoleSource::Existing(arn) => add(key(&identity.path, "role"), arn),
            PodRoleSource::Policies(policies) => {
                policies.iter().for_each(|arn| add(key(&identity.path, "policies"), arn));
            }
            PodRoleSource::Undecided => {}
        }
    }
    for group in &cluster.node_groups {
        group.policies.iter().for_each(|arn| add(key(&group.path, "policies"), arn));
    }
    all
}

/// The account in an ARN of IAM; AWS's own policies have none.
pub(super) fn account(arn: &str) -> Option<String> {
    let account = arn.split(':').nth(4)?;
    let number = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    number.then(|| account.to_owned())
}

/// The account that the stack's roles are of, where the blueprint names one, and where it does.
pub(super) fn own_account(intent: &Intent) -> Option<(String, String)> {
    of_accounts(intent).next()
}

fn of_accounts(intent: &Intent) -> impl Iterator<Item = (String, String)> {
    named(intent).into_iter().filter_map(|(place, arn)| Some((place, account(arn)?)))
}

/// One account for all of them: which one, the credentials tell later.
fn accounts(intent: &Intent) -> Option<Diagnostic> {
    let all: Vec<(String, String)> = of_accounts(intent).collect();
    let (first, of) = all.first()?;
    let (place, other) = all.iter().find(|(_, other)| other != of)?;
    Some(
        IAM_05
            .at(place, format!("of the account {other}, and another role or policy is of {of}"))
            .also(first, "the other one")
            .hint("name roles and policies of the account that is deployed to"),
    )
}

/// What is said of a role that nothing has.
fn idle(cluster: &Cluster, iam: &Iam) -> Vec<Diagnostic> {
    use crate::intent::aws_node::RoleBy;
    let node = &cluster.aws_node;
    let (groups, auto) = (&cluster.node_groups, cluster.auto.is_some());
    let shares = groups.iter().any(|group| !group.has_own_role()) || auto && groups.is_empty();
    let idle_nodes = match groups.is_empty() {
        true => "no node groups",
        false => "every node group has a role of its own",
    };
    let used = [
        ("nodes", shares, idle_nodes),
        (
            "awsNode",
            node.runs() && node.role != RoleBy::NodeRole,
            "aws-node has no role of its own",
        ),
    ];
    let written = |word: &str| {
        written(iam).iter().any(|(own, source)| *own == word && **source != RoleSource::Stack)
    };
    let idle = used.into_iter().filter(|(word, used, _)| !used && written(word));
    idle.map(|(word, _, why)| {
        IAM_03.at(key(PLACE, word), format!("no effect: {why}")).hint("remove it")
    })
    .collect()
}
