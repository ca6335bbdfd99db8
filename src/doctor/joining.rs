//! Nodes start and are not accepted, or aws-node does not run on them.

use std::collections::BTreeSet;

use crate::facts::aws_node::ENI_CONFIG_LABEL;
use crate::observed::Unread;
use crate::observed::survey::{EniConfig, KubeNode, NodeGroupSurvey, PodIdentity, Role, Survey};
use crate::survey::free_addresses;

use super::addresses::rescue;
use super::cast::{
    AWS_NODE, EVENTS, GROUPS, SECURITY, SUBNETS, cluster, is_custom, named, node_subnets, settings,
};
use super::facts::FREE;
use super::states::{absent, not_ready, recreate};
use super::verdict::{Judged, Proof, Sick, entry, known};
use super::words::silent;

const CONFIGS: &str = "k8s:list eniconfigs";
const ROLES: &str = "iam:ListAttachedRolePolicies";
/// AWS's policy for aws-node, IPv4.
const CNI: &str = "AmazonEKS_CNI_Policy";

/// NJ-14
pub fn node_subnet_full(survey: &Survey) -> Judged {
    let groups = known(&survey.eks.node_groups, GROUPS)?;
    let full = node_subnets(survey)?.into_iter().filter(|subnet| subnet.cidr.is_some());
    let sick =
        full.filter(|subnet| free_addresses(&survey.vpc, subnet).available == 0).map(|subnet| {
            let proof = Proof {
                read: SUBNETS,
                resource: subnet.id.clone(),
                field: FREE,
                seen: "0".into(),
                wanted: "an address for every node that starts".into(),
            };
            let one = Sick::proven(
                format!(
                    "no node can start in {}: no address outside of reservations is free",
                    named(subnet)
                ),
                proof,
                "add a node tier in a secondary CIDR (`eksnet rescue` shows the ways)",
            )
            .or(rescue(survey));
            groups.iter().filter(|group| group.subnets.contains(&subnet.id)).fold(one, with_issues)
        });
    Ok(sick.collect())
}

fn with_issues(sick: Sick, group: &NodeGroupSurvey) -> Sick {
    let codes =
        ["InsufficientFreeAddresses", "AsgInstanceLaunchFailures", "Ec2SubnetInvalidConfiguration"];
    let issues = group.issues.iter().filter(|issue| codes.contains(&issue.code.as_str()));
    issues.fold(sick, |sick, issue| {
        sick.and(Proof {
            read: GROUPS,
            resource: group.name.clone(),
            field: "health.issues",
            seen: format!("{}: {}", issue.code, issue.message),
            wanted: "none".into(),
        })
    })
}

/// NJ-15
pub fn role_not_admitted(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    let groups = known(&survey.eks.node_groups, GROUPS)?;
    let by_entry = found.authentication_mode != "CONFIG_MAP";
    let by_map = found.authentication_mode != "API";
    let entries = match by_entry {
        true => known(&survey.eks.access_entries, "eks:ListAccessEntries")?.as_slice(),
        false => &[],
    };
    let admitted =
        |role: &str| entries.iter().any(|one| one.principal == role && one.kind != "STANDARD");
    let mut sick: Vec<Sick> = Vec::new();
    for group in groups.iter().filter(|group| !group.node_role.is_empty()) {
        if admitted(&group.node_role) {
            continue;
        }
        let mapped: &[String] = match by_map {
            true => known(&survey.kubernetes.aws_auth, "k8s:get configmaps kube-system/aws-auth")?
                .as_deref()
                .unwrap_or_default(),
            false => &[],
        };
        if mapped.contains(&group.node_role) {
            continue;
        }
        let proof = Proof {
            read: "eks:ListAccessEntries",
            resource: group.node_role.clone(),
            field: "type",
            seen: "neither an access entry for nodes nor a row of aws-auth".into(),
            wanted: "EC2_LINUX or EC2_WINDOWS".into(),
        };
        let fix = format!(
            "aws eks create-access-entry --cluster-name {} --type EC2_LINUX --principal-arn {}",
            found.name, group.node_role
        );
        sick.push(Sick::proven(
            format!(
                "the cluster does not admit the nodes of {}: nothing maps their role",
                group.name
            ),
            proof,
            fix,
        ));
    }
    Ok(sick)
}

/// NJ-19
pub fn aws_node_not_ready(survey: &Survey) -> Judged {
    let Some(set) = known(&survey.kubernetes.aws_node, AWS_NODE)? else {
        let fix = recreate(survey, "vpc-cni");
        let cause = "aws-node does not exist: new nodes get no CNI plugin";
        let gone = absent(survey, (AWS_NODE, "kube-system/aws-node", "vpc-cni"))?;
        return Ok(gone.map(|proof| Sick::proven(cause, proof, fix)).into_iter().collect());
    };
    let Some(proof) = not_ready(AWS_NODE, set) else { return Ok(Vec::new()) };
    let cause = format!("aws-node is ready on {} of {} nodes", set.ready, set.desired);
    Ok(vec![
        Sick::proven(
            cause,
            proof,
            "kubectl -n kube-system logs ds/aws-node -c aws-node, on a node that is not ready",
        )
        .after(silent(survey)),
    ])
}

/// Who assumes the role of a Pod Identity association.
const POD_IDENTITY: &str = "pods.eks.amazonaws.com";

/// NJ-20
pub fn aws_node_without_rights(survey: &Survey) -> Judged {
    let events = known(&survey.kubernetes.events, EVENTS)?;
    let refused = events.iter().filter(|event| event.reason == "MissingIAMPermissions");
    let by_event = refused.map(|event| {
        let proof = Proof {
            read: EVENTS,
            resource: event.about.clone(),
            field: "reason, message",
            seen: format!("{}: {}", event.reason, event.message),
            wanted: "no such event".into(),
        };
        Sick::proven(
            "aws-node is not allowed to call EC2",
            proof,
            "attach AmazonEKS_CNI_Policy (IPv6: its own policy) to the role of aws-node",
        )
        .after(&["NJ-29"])
    });
    let mut sick: Vec<Sick> = by_event.take(1).collect();
    let associations = known(&survey.eks.pod_identities, "eks:ListPodIdentityAssociations")?;
    let of_cni = associations
        .iter()
        .find(|one| one.namespace == "kube-system" && one.service_account == "aws-node");
    let addons = known(&survey.eks.addons, "eks:ListAddons")?;
    let agent = addons.iter().any(|addon| addon.name == "eks-pod-identity-agent");
    let auto = cluster(survey)?.is_some_and(|one| one.auto_mode.is_some());
    if let Some(association) = of_cni.filter(|_| !agent && !auto) {
        let proof = Proof {
            read: "eks:ListAddons",
            resource: association.id.clone(),
            field: "eks-pod-identity-agent",
            seen: "not installed".into(),
            wanted: "installed: aws-node has its role by Pod Identity".into(),
        };
        sick.push(
            Sick::proven(
                "aws-node gets no role: the Pod Identity agent is not installed",
                proof,
                "add `eks-pod-identity-agent` to `addons`",
            )
            .or(format!(
                "aws eks create-addon --cluster-name {} --addon-name eks-pod-identity-agent",
                survey.header.cluster.as_deref().unwrap_or("…")
            )),
        );
    }
    if sick.is_empty() {
        sick.extend(role_without_policy(survey)?);
    }
    Ok(sick)
}

/// The role of aws-node has policies of AWS alone, and not the one of aws-node.
fn role_without_policy(survey: &Survey) -> Result<Option<Sick>, Unread> {
    let owner = |one: &&PodIdentity| {
        one.namespace == "kube-system" && one.service_account == "aws-node" && !one.role.is_empty()
    };
    let identities = known(&survey.eks.pod_identities, "eks:ListPodIdentityAssociations")?;
    let addons = known(&survey.eks.addons, "eks:ListAddons")?;
    let addon = addons.iter().find(|one| one.name == "vpc-cni");
    let by_identity = identities.iter().find(owner).map(|one| &one.role);
    let Some(arn) = by_identity.or(addon.and_then(|one| one.service_account_role.as_ref())) else {
        let associated = identities.iter().any(|one| one.service_account == "aws-node");
        return if associated { Ok(None) } else { role_of_nodes(survey) };
    };
    let role = entry(&survey.account.roles, arn, ROLES)?;
    let issuer = cluster(survey)?.and_then(|found| found.oidc_issuer.as_deref());
    let trusted = match by_identity {
        Some(_) => Some(POD_IDENTITY.to_string()),
        None => issuer.map(|url| url.trim_start_matches("https://").to_string()),
    };
    if let Some(trusted) = trusted.filter(|one| !is_trusted(role, one)) {
        return Ok(Some(not_trusted((arn, role), &trusted)));
    }
    Ok((!may_call(role)).then(|| without_policy((arn, role), "the role of aws-node")))
}

/// Without a role of its own aws-node has that of the nodes. Where it is ready it has its rights from somewhere.
fn role_of_nodes(survey: &Survey) -> Result<Option<Sick>, Unread> {
    let ipv4 = cluster(survey)?.is_some_and(|found| found.ip_family != "ipv6");
    let set = known(&survey.kubernetes.aws_node, AWS_NODE)?.as_ref();
    if !ipv4 || set.is_none_or(|set| set.desired <= set.ready) {
        return Ok(None);
    }
    for group in known(&survey.eks.node_groups, GROUPS)? {
        let arn = &group.node_role;
        let role = entry(&survey.account.roles, arn, ROLES)?;
        if !may_call(role) {
            return Ok(Some(without_policy((arn, role), "aws-node has the nodes' role, which")));
        }
    }
    Ok(None)
}

/// Whether a role has aws-node's policy, or one whose content was not read.
fn may_call(role: &Role) -> bool {
    let of_aws = |arn: &String| arn.contains(":iam::aws:policy/");
    !role.inline.is_empty() || role.policies.iter().any(|own| !of_aws(own) || own.ends_with(CNI))
}

fn without_policy((arn, role): (&String, &Role), whose: &str) -> Sick {
    let proof = Proof {
        read: ROLES,
        resource: arn.clone(),
        field: "AttachedPolicies",
        seen: match role.policies.as_slice() {
            [] => "none".into(),
            all => all.join(", "),
        },
        wanted: format!("{CNI}, or a policy of your own for IPv6"),
    };
    let fix = format!(
        "aws iam attach-role-policy --role-name {} --policy-arn arn:aws:iam::aws:policy/{CNI}",
        role.name
    );
    Sick::proven(format!("{whose} allows it no call of EC2"), proof, fix)
}

/// Whether a role's policy names who assumes it; one that was not read names nobody.
fn is_trusted(role: &Role, principal: &str) -> bool {
    role.trusts.is_empty() || role.trusts.iter().any(|one| one == "*" || one.ends_with(principal))
}

fn not_trusted((arn, role): (&String, &Role), trusted: &str) -> Sick {
    let proof = Proof {
        read: "iam:GetRole",
        resource: arn.clone(),
        field: "AssumeRolePolicyDocument, Principal",
        seen: role.trusts.join(", "),
        wanted: trusted.to_string(),
    };
    let fix = format!(
        "aws iam update-assume-role-policy --role-name {} --policy-document … (with the principal {trusted})",
        role.name
    );
    Sick::proven("aws-node gets no role: its role does not trust the cluster", proof, fix)
}

/// The label of nodes that names their ENIConfig.
fn label(survey: &Survey) -> Result<Option<String>, Unread> {
    let env = settings(survey)?;
    if !is_custom(env) {
        return Ok(None);
    }
    let named = env.and_then(|env| env.get("ENI_CONFIG_LABEL_DEF")).cloned();
    Ok(named.filter(|label| !label.is_empty()).or(Some("k8s.amazonaws.com/eniConfig".to_string())))
}

fn value<'n>(node: &'n KubeNode, label: &str) -> Option<&'n str> {
    let zone = || node.zone_name.as_deref().filter(|_| label == ENI_CONFIG_LABEL);
    node.labels.get(label).map(String::as_str).or_else(zone)
}

/// NJ-21
pub fn eni_config_missing(survey: &Survey) -> Judged {
    let Some(label) = label(survey)? else { return Ok(Vec::new()) };
    let configs = known(&survey.kubernetes.eni_configs, CONFIGS)?;
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let mut named: BTreeSet<&str> = nodes.iter().filter_map(|node| value(node, &label)).collect();
    if label == ENI_CONFIG_LABEL {
        named.extend(zones_to_come(survey)?);
    }
    let missing =
        named.into_iter().filter(|name| !configs.iter().any(|config| config.name == *name));
    let sick = missing.map(|name| {
        let proof = Proof {
            read: CONFIGS,
            resource: name.to_string(),
            field: "metadata.name",
            seen: configs.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", "),
            wanted: format!("{name}, as label {label} of nodes says"),
        };
        Sick::proven(
            format!("nodes ask for the ENIConfig `{name}`, which does not exist"),
            proof,
            format!("create the ENIConfig `{name}` (`eksnet render` writes it)"),
        )
    });
    Ok(sick.collect())
}

/// Zones where a node group may start nodes.
fn zones_to_come(survey: &Survey) -> Result<impl Iterator<Item = &str>, Unread> {
    let groups = known(&survey.eks.node_groups, GROUPS)?.iter();
    let linux = groups.filter(|group| 0 < group.max && !group.ami_type.starts_with("WINDOWS"));
    let ids = linux.flat_map(|group| &group.subnets);
    known(&survey.vpc.subnets, SUBNETS)?;
    Ok(ids.filter_map(|id| survey.vpc.subnet(id)).map(|subnet| subnet.zone_name.as_str()))
}

/// NJ-22
pub fn eni_config_elsewhere(survey: &Survey) -> Judged {
    let Some(label) = label(survey)? else { return Ok(Vec::new()) };
    let configs = known(&survey.kubernetes.eni_configs, CONFIGS)?;
    known(&survey.vpc.subnets, SUBNETS)?;
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let zone = |config: &EniConfig| {
        let mut of = nodes.iter().filter(|node| value(node, &label) == Some(&config.name));
        of.find_map(|node| node.zone_name.as_deref())
    };
    let mut sick = Vec::new();
    for config in configs {
        sick.extend(unknown_group(survey, config)?);
        let subnet = survey.vpc.subnet(&config.subnet);
        let seen = match (subnet, zone(config)) {
            (None, _) => "not a subnet of the VPC".to_string(),
            (Some(subnet), Some(zone)) if subnet.zone_name != zone => subnet.zone_name.clone(),
            _ => continue,
        };
        let proof = Proof {
            read: SUBNETS,
            resource: format!("{} of ENIConfig {}", config.subnet, config.name),
            field: "AvailabilityZone",
            seen,
            wanted: zone(config).unwrap_or("a subnet of this VPC").to_string(),
        };
        sick.push(Sick::proven(
            format!("the ENIConfig `{}` names a subnet that its nodes cannot use", config.name),
            proof,
            "name a pod subnet of the nodes' zone in it",
        ));
    }
    Ok(sick)
}

/// A group of an ENIConfig that the VPC does not have: EC2 creates no interface with it.
fn unknown_group(survey: &Survey, config: &EniConfig) -> Result<Option<Sick>, Unread> {
    if config.security_groups.is_empty() {
        return Ok(None);
    }
    let groups = known(&survey.vpc.security_groups, SECURITY)?;
    let gone = config.security_groups.iter().find(|id| !groups.iter().any(|one| one.id == **id));
    Ok(gone.map(|id| {
        let proof = Proof {
            read: CONFIGS,
            resource: config.name.clone(),
            field: "spec.securityGroups",
            seen: format!("{id}, which {} does not have", survey.header.vpc),
            wanted: "groups of the VPC".into(),
        };
        let cause = format!(
            "the ENIConfig `{}` names the security group {id}, which does not exist",
            config.name
        );
        Sick::proven(cause, proof, "name groups of the VPC in it, such as the cluster's own")
    }))
}
