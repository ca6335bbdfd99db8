//! VPC endpoints, and nodes whose only way out they are.

use super::rule::{Rule, error, warning};
use crate::blueprint::model::Use;
use crate::blueprint::path::key;
use crate::diagnostic::{Diagnostic, Severity};
use crate::facts::endpoints::{Kind, SERVICES};
use crate::spec::endpoints::{Ground, callers};
use crate::spec::{Cluster, Spec, Tier};

const PRIVATE: &str = "EKS user guide, private clusters";

const fn missing(
    id: &'static str,
    title: &'static str,
    why: &'static str,
    service: (&'static str, &'static str),
) -> Rule {
    error(id, title, why, PRIVATE, service)
}

pub const RULES: &[Rule] = &[
    missing(
        "PE-01",
        "nodes without another way out reach ECR",
        "images come from there",
        ("exclude: [ecr.api]", "endpoints: auto"),
    ),
    missing(
        "PE-02",
        "nodes without another way out reach S3",
        "ECR keeps the layers of images in S3",
        ("exclude: [s3]", "endpoints: auto"),
    ),
    missing(
        "PE-03",
        "nodes without another way out reach EC2",
        "aws-node asks EC2 for interfaces and addresses",
        ("exclude: [ec2]", "endpoints: auto"),
    ),
    missing(
        "PE-04",
        "nodes without another way out reach STS",
        "nodes and roles for service accounts sign in there",
        ("exclude: [sts]", "endpoints: auto"),
    ),
    warning(
        "PE-05",
        "nodes without another way out reach EKS",
        "nodes with an AMI of their own, Karpenter and people inside ask EKS for the cluster; managed nodes are told by EKS",
        PRIVATE,
        ("exclude: [eks]", "endpoints: auto"),
    ),
    missing(
        "PE-06",
        "nodes without another way out reach EKS Auth",
        "Pod Identity gets its credentials there",
        ("exclude: [eks-auth]", "endpoints: auto"),
    ),
    missing(
        "PE-07",
        "nodes without another way out reach Elastic Load Balancing",
        "the AWS Load Balancer Controller makes load balancers there",
        ("exclude: [elasticloadbalancing]", "endpoints: auto"),
    ),
    missing(
        "PE-08",
        "nodes without another way out reach CloudWatch Logs",
        "agents send there",
        ("exclude: [logs]", "endpoints: auto"),
    ),
    warning(
        "PE-09",
        "nodes without another way out reach CloudWatch",
        "agents send their metrics there",
        PRIVATE,
        ("exclude: [monitoring]", "endpoints: auto"),
    ),
    missing(
        "PE-10",
        "nodes without another way out reach Auto Scaling",
        "Cluster Autoscaler asks there",
        ("exclude: [autoscaling]", "endpoints: auto"),
    ),
    missing(
        "PE-14",
        "nodes without another way out reach the services of their add-ons",
        "the add-on would wait for an answer",
        (
            "addons: [aws-efs-csi-driver]\nexclude: [elasticfilesystem]",
            "addons: [aws-efs-csi-driver]\nendpoints: auto",
        ),
    ),
    error(
        "PE-22",
        "endpoints have an interface in every zone with nodes",
        "traffic to a zone without one crosses zones, and stops when that zone fails",
        PRIVATE,
        ("endpoints: { tier: edge }   # in one zone", "endpoints: { tier: nodes }"),
    ),
    error(
        "PE-30",
        "endpoints are for services that have them",
        "EC2 refuses others with InvalidServiceName",
        "EC2 API reference, CreateVpcEndpoint",
        ("include: [ecr]", "include: [ecr.api, ecr.dkr]"),
    ),
    error(
        "EP-09",
        "nodes without a way out reach the API inside the VPC",
        "the public endpoint is on the internet",
        PRIVATE,
        (
            "egress: none\nendpointAccess: { private: false, public: true }",
            "egress: none\nendpointAccess: { private: true, public: false }",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut findings = placement(spec);
    let Some(cluster) = spec.cluster.as_ref().filter(|_| !spec.endpoints.services.is_empty())
    else {
        return findings;
    };
    let names = cluster
        .node_groups
        .iter()
        .map(|group| &group.tier)
        .chain(cluster.fargate.iter().map(|profile| &profile.tier));
    let shut: Vec<&Tier> =
        names.filter_map(|name| spec.tier(name)).filter(|tier| !spec.has_way_out(tier)).collect();
    let Some(first) = shut.first() else { return findings };
    findings.extend(absent(spec, cluster, first));
    if !cluster.endpoint.private {
        findings.push(
            Diagnostic::error(
                "EP-09",
                "cluster.endpointAccess",
                format!("nodes in `{}` have no way out to the public endpoint", first.name),
            )
            .also(key(&first.path, "egress"), "no way out here")
            .hint("write `private: true`"),
        );
    }
    findings
}

/// Services that nodes without a way out need and do not reach.
fn absent(spec: &Spec, cluster: &Cluster, nodes: &Tier) -> Vec<Diagnostic> {
    let callers =
        callers(Ground { tiers: &spec.tiers, cluster: Some(cluster), guards: &spec.guards });
    let needed = SERVICES.iter().filter_map(|service| {
        let caller = service.callers.iter().find(|caller| callers.contains(caller))?;
        Some((service, caller, service.rule?))
    });
    let absent = needed.filter(|(service, ..)| !spec.endpoints.has(service.name));
    let finding = |(service, caller, rule): (
        &crate::facts::endpoints::Service,
        &crate::facts::endpoints::Caller,
        &'static str,
    )| {
        let severity =
            RULES.iter().find(|own| own.id == rule).map_or(Severity::Error, |own| own.severity);
        Diagnostic::of(
            severity,
            rule,
            "endpoints",
            format!(
                "`{}` has no endpoint, and {} {}",
                service.name,
                caller.word(),
                if severity == Severity::Error { "cannot do without it" } else { "would call it" }
            ),
        )
        .also(key(&nodes.path, "egress"), "no other way out here")
        .hint(format!("take `{}` out of `exclude`, or give the tier `egress: nat`", service.name))
    };
    absent.map(finding).collect()
}

/// The interfaces' tier is there, in every zone with nodes or pods.
fn placement(spec: &Spec) -> Vec<Diagnostic> {
    if spec.endpoints.of(Kind::Interface).next().is_none() {
        return Vec::new();
    }
    let Some(tier) = spec.tier(&spec.endpoints.tier) else {
        let known: Vec<_> = spec.tiers.iter().map(|tier| format!("`{}`", tier.name)).collect();
        return vec![
            Diagnostic::error(
                "PE-22",
                "endpoints.tier",
                format!("there is no tier `{}`", spec.endpoints.tier),
            )
            .hint(format!("the tiers are {}", known.join(", "))),
        ];
    };
    let calling =
        spec.tiers.iter().filter(|tier| tier.serves(Use::Nodes) || tier.serves(Use::Pods));
    let bare = calling.flat_map(|tier| &tier.zones).find(|zone| !tier.zones.contains(zone));
    bare.map(|zone| {
        Diagnostic::error(
            "PE-22",
            "endpoints",
            format!("nodes or pods in {} have no interface of the endpoints there: `{}` has no subnet in it", zone.word(), tier.name),
        )
        .hint("name a tier that is in every zone with nodes (`endpoints: { tier: … }`)")
    })
    .into_iter()
    .collect()
}
