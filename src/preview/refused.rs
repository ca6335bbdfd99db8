//! What AWS refuses of a change: each side is legal, the way from one to the other is not.

use ipnet::Ipv4Net;
use serde_json::Value;

use crate::blueprint::path;
use crate::diagnostic::Diagnostic;
use crate::facts::kinds::{self, Replacement};
use crate::facts::vpc::{self, Class, overlap};
use crate::graph::VPC_CNI;
use crate::patch;
use crate::template::Template;

use super::named::Names;
use super::{Change, ChangeKind, PropertyChange, by_value};
use crate::rules::{
    CLU_10, CLU_26, CPE_02, IAM_04, IPAM_07, Rule, SET_32, SG_06, SVC_05, VER_01, VER_02, VER_06,
    VPC_21, VPC_23,
};

/// (part of a property's name, rule, place in the blueprint, what it is)
const FIXED: &[(&str, &Rule, &str, &str)] = &[
    ("ServiceIpv4Cidr", &SVC_05, "cluster.serviceCidr", "the service CIDR"),
    ("IpFamily", &CLU_10, "cluster.ipFamily", "the address family"),
    ("EncryptionConfig", &CLU_10, "cluster.secretsKey", "the key of the secrets"),
    ("RoleArn", &CLU_10, "cluster", "the role"),
    ("", &CLU_10, "cluster", "what is written below"),
];

pub fn of(changes: &[Change], before: &Template, after: &Template) -> Vec<Diagnostic> {
    let (patched, rest): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| by_patch(change).is_some());
    let mut findings: Vec<Diagnostic> = patched.into_iter().filter_map(replaced).collect();
    let clusters = rest.into_iter().filter(|change| change.kind == "AWS::EKS::Cluster");
    findings.extend(clusters.filter_map(made_anew));
    findings.extend(one_way(before, after));
    findings.extend(authentication(before, after));
    findings.extend(roles(before, after));
    findings.extend(version(before, after));
    findings.extend(changes.iter().filter_map(|change| release(change, before, after)));
    findings.extend(addon(before, after));
    findings.extend(joined(before, after));
    findings.extend(pooled(before, after));
    findings.extend(regrouped(before, after));
    findings
}

/// The property of a patch that replaces what must stay.
fn by_patch(change: &Change) -> Option<&PropertyChange> {
    let is_patch = |because: &&PropertyChange| {
        because.path.starts_with("patches[") && change.forced_by(because)
    };
    let kept = patch::KEPT.contains(&change.kind.as_str());
    change.because.iter().filter(|_| kept).find(is_patch)
}

fn replaced(change: &Change) -> Option<Diagnostic> {
    let because = by_patch(change)?;
    Some(patch::recreates(&change.id, &because.property, &because.path))
}

/// A cluster has a name of its own, and CloudFormation makes no second one beside it.
fn made_anew(change: &Change) -> Option<Diagnostic> {
    let create_only = |because: &&PropertyChange| {
        Replacement::Never < kinds::replacement(&change.kind, &because.property)
    };
    let because = change
        .because
        .iter()
        .filter(|_| change.change_kind() == ChangeKind::Replace)
        .find(create_only)?;
    let (_, rule, place, what) = FIXED.iter().find(|(part, ..)| because.property.contains(part))?;
    let message = format!(
        "{what} of a cluster cannot be changed: it would be recreated under its own name, which EKS refuses"
    );
    let hint = match because.property.contains("EncryptionConfig") {
        true => {
            "put it back; a cluster without a key gets one from EKS, beside the blueprint: `aws eks associate-encryption-config`"
        }
        false => "put it back; a cluster with another one needs another name",
    };
    Some(rule.at(*place, message).label(because.property.clone()).hint(hint))
}

fn cluster(template: &Template) -> Option<&Value> {
    let own = template.resources().find(|(_, resource)| resource["Type"] == "AWS::EKS::Cluster")?;
    Some(&own.1["Properties"])
}

fn one_way(before: &Template, after: &Template) -> Option<Diagnostic> {
    let mode = |cluster: &Value| {
        cluster["ResourcesVpcConfig"]["ControlPlaneEgressMode"] == "CUSTOMER_ROUTED"
    };
    let taken_back = mode(cluster(before)?) && !mode(cluster(after)?);
    taken_back.then(|| {
        CPE_02.at("cluster.controlPlaneEgress",
            "customer-routed egress cannot be turned off: EKS does not support switching back to `awsManaged`",
        )
        .hint("leave `controlPlaneEgress: customerRouted`; another cluster can be created without it")
    })
}

/// EKS knows the way from the ConfigMap to access entries only.
fn authentication(before: &Template, after: &Template) -> Option<Diagnostic> {
    let mode = |template| cluster(template)?["AccessConfig"]["AuthenticationMode"].as_str();
    let back = mode(before)? == "API" && mode(after)? != "API";
    back.then(|| {
        CLU_26
            .at(
                "cluster.authenticationMode",
                "the cluster has access entries alone, and EKS does not return to the ConfigMap",
            )
            .hint("remove it, or leave `authenticationMode: api`")
    })
}

/// Roles go by their ARNs, and a boundary is not the author's to lift.
fn roles(before: &Template, after: &Template) -> Option<Diagnostic> {
    let of = |template: &Template| -> Vec<(String, Value)> {
        let own = template.resources().filter(|(_, one)| one["Type"] == "AWS::IAM::Role");
        own.map(|(id, one)| (id.clone(), one["Properties"].clone())).collect()
    };
    let old = of(before);
    let rows = [
        ("PermissionsBoundary", "iam.permissionsBoundary", "boundary"),
        ("Path", "iam.path", "path"),
        ("RoleName", "iam.roles", "name"),
    ];
    of(after).into_iter().find_map(|(id, new)| {
        let (_, old) = old.iter().find(|(other, _)| *other == id)?;
        let (property, place, what) =
            rows.into_iter().find(|(property, ..)| old[*property] != new[*property])?;
        let message = format!("the {what} of {} changes, and the role exists", Names { after, before }.one(&id));
        Some(IAM_04.at(place, message).label(property).hint(
            "put it back; `iam` is decided before the first deployment, and a new cluster can have another",
        ))
    })
}

/// `1.34` → 34
fn minor(version: &Value) -> Option<i64> {
    version.as_str()?.strip_prefix("1.")?.parse().ok()
}

fn version(before: &Template, after: &Template) -> Option<Diagnostic> {
    let (old, new) = (minor(&cluster(before)?["Version"])?, minor(&cluster(after)?["Version"])?);
    let steps = new - old;
    if (0..=1).contains(&steps) {
        return None;
    }
    if steps == -1 {
        let message = format!("Kubernetes is downgraded from 1.{old} to 1.{new}");
        return Some(VER_02.at("cluster.version", message).hint(format!(
            "EKS accepts this within seven days of the upgrade to 1.{old}, never for a cluster that was created with it, and only while no node runs 1.{old}: `deploy` asks EKS first, and downgrades the nodes before it"
        )));
    }
    if steps < 0 {
        let message =
            format!("from Kubernetes 1.{old} to 1.{new}: EKS downgrades by one minor version only");
        return Some(VER_01.at("cluster.version", message).hint(format!(
            "set \"1.{}\" within seven days of the upgrade to 1.{old}, else \"1.{old}\"",
            old - 1
        )));
    }
    let finding = VER_01.at(
        "cluster.version",
        format!("from Kubernetes 1.{old} to 1.{new}: EKS upgrades one minor version at a time"),
    );
    Some(finding.hint(format!("deploy \"1.{}\" first, nodes included", old + 1)))
}

/// Nodes of the Kubernetes version that they have, from an earlier AMI.
fn release(change: &Change, before: &Template, after: &Template) -> Option<Diagnostic> {
    let group = change.kind == "AWS::EKS::Nodegroup" && change.change_kind() == ChangeKind::Modify;
    let sides = before.resource(&change.id).zip(after.resource(&change.id)).filter(|_| group);
    let [old, new] = sides.map(|(old, new)| [&old["Properties"], &new["Properties"]])?;
    let lower = old["Version"] == new["Version"] && by_value::goes_back(old, new);
    lower.then(|| {
        let [from, to] = [old, new].map(|own| own["ReleaseVersion"].as_str().unwrap_or_default());
        let name = Names { after, before }.one(&change.id);
        let message = format!(
            "{name} is downgraded from the AMI release {from} to {to}, which EKS may refuse"
        );
        VER_06.at(path::key(&change.path, "ami"), message).hint(
            "add a node group with the earlier release, and remove this one in the next deployment",
        )
    })
}

/// Minor version of an add-on's version, such as `v1.21.1-eksbuild.1`.
fn addon_minor(template: &Template) -> Option<i64> {
    let addon = template.resource(VPC_CNI)?;
    addon["Properties"]["AddonVersion"].as_str()?.split('.').nth(1)?.parse().ok()
}

fn addon(before: &Template, after: &Template) -> Option<Diagnostic> {
    let (old, new) = (addon_minor(before)?, addon_minor(after)?);
    (1 < (new - old).abs()).then(|| {
        let step = old + (new - old).signum();
        SET_32.at("awsNode.version", format!("vpc-cni is upgraded from 1.{old} to 1.{new} in one step; AWS advises one minor version at a time"))
            .hint(format!("deploy a 1.{step} first"))
    })
}

/// CIDRs that may join a new VPC in order, and not one that stands.
fn joined(before: &Template, after: &Template) -> Vec<Diagnostic> {
    let (old, new) = (vpc_cidrs(before), vpc_cidrs(after));
    let fresh: Vec<&Ipv4Net> =
        new.iter().filter(|cidr| !old.contains(cidr) && !old.is_empty()).collect();
    let (low, lowest) = (vpc::net(vpc::LOW_TEN.0), vpc::net(vpc::LOW_TEN.1));
    let mut findings = Vec::new();
    for cidr in fresh {
        if let Some(other) =
            old.iter().find(|other| overlap(low, **other) && overlap(lowest, *cidr))
        {
            let finding = VPC_21
                .at("vpc.secondaryCidrs", format!("`{cidr}` cannot join a VPC that has `{other}`"));
            findings.push(finding.hint("use a block from 10.2.0.0 on, or from 100.64.0.0/10"));
        }
        let private = !matches!(vpc::class(*cidr), Class::CarrierGrade | Class::Public);
        if let Some(other) = old.iter().find(|other| {
            private && matches!(vpc::class(**other), Class::CarrierGrade | Class::Public)
        }) {
            let finding = VPC_23.at(
                "vpc.secondaryCidrs",
                format!(
                    "`{cidr}` is added after `{other}`, and AWS may accept no private range then"
                ),
            );
            findings.push(
                finding.hint(
                    "use a part of 100.64.0.0/10; a private range has to be associated first",
                ),
            );
        }
    }
    findings
}

/// A range comes from where it came from: CloudFormation would recreate the VPC, or its further range, under everything in it.
fn pooled(before: &Template, after: &Template) -> Vec<Diagnostic> {
    let asked = |range: &Value| {
        ["Ipv4IpamPoolId", "Ipv4NetmaskLength"].map(|name| range["Properties"][name].clone())
    };
    let ranges = after.resources().filter(|(_, resource)| {
        resource["Type"] == "AWS::EC2::VPCCidrBlock" || resource["Type"] == "AWS::EC2::VPC"
    });
    let moved = ranges.filter(|(id, range)| {
        before
            .resource(id)
            .is_some_and(|old| old["Type"] == range["Type"] && asked(old) != asked(range))
    });
    let finding = |(id, range): (&String, &Value)| {
        let is_vpc = range["Type"] == "AWS::EC2::VPC";
        let place = if is_vpc { "vpc.cidr" } else { "vpc.secondaryCidrs" };
        let message = format!(
            "{} would be asked for in another way than it was, and recreated",
            Names { after, before }.one(id)
        );
        IPAM_07.at(place, message).label("Ipv4IpamPoolId").hint(
            "use the lock that was written when it was deployed, or keep pool and netmask as the stack has them",
        )
    };
    moved.map(finding).collect()
}

fn vpc_cidrs(template: &Template) -> Vec<Ipv4Net> {
    let blocks = template.resources().filter(|(_, resource)| {
        resource["Type"] == "AWS::EC2::VPCCidrBlock" || resource["Type"] == "AWS::EC2::VPC"
    });
    blocks
        .filter_map(|(_, block)| block["Properties"]["CidrBlock"].as_str()?.parse().ok())
        .collect()
}

/// Nodes that wear EKS's group and nodes that wear their own do not hear each other.
fn regrouped(before: &Template, after: &Template) -> Option<Diagnostic> {
    let own = |template: &Template| template.resource("NodeSecurityGroup").is_some();
    let nodes = |template: &Template| {
        template.resources().any(|(_, resource)| resource["Type"] == "AWS::EKS::Nodegroup")
    };
    let open = |template: &Template| template.resource("FargateFromNode").is_some();
    let cut =
        own(before) != own(after) && nodes(before) && nodes(after) && !open(before) && !open(after);
    cut.then(|| {
        let message =
            "while nodes are replaced, those with the cluster security group and those with their own cannot reach each other: cluster DNS fails intermittently";
        SG_06.at("securityGroups.mode", message).hint("deploy `mode: joining` first, and the final mode once all nodes are new")
    })
}
