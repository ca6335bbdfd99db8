//! Fargate profiles and the role that starts their pods.

use serde::Serialize;

use crate::address::AddressPlan;
use crate::facts::eks;
use crate::intent::{Cluster, FargateProfile, Intent, Tags};

use super::role::ServiceRole;
use super::value::{GetAtt, Ref, Tag, list, managed_policies, tags};
use super::{Graph, Kind, egress, id, network};

const ROLE: &str = "FargateRole";

#[derive(Serialize)]
struct Profile {
    cluster: Ref,
    role: GetAtt,
    subnets: Vec<Ref>,
    selectors: Vec<Selector>,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Selector {
    namespace: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<Tag>,
}

impl Kind for Profile {
    const TEMPLATE: &'static str = "eks/fargate-profile";
}

pub fn build(intent: &Intent, cluster: &Cluster, plan: &AddressPlan, graph: &mut Graph) {
    if cluster.fargate.is_empty() {
        return;
    }
    let policies = managed_policies(eks::FARGATE_POLICIES);
    let role = ServiceRole {
        service: "eks-fargate-pods.amazonaws.com",
        actions: serde_json::json!("sts:AssumeRole"),
        policies,
        own_policies: None,
        tags: tags(intent, "fargate", &Tags::new()),
    };
    graph.add(ROLE, "fargate", &role);
    for profile in &cluster.fargate {
        graph.add(id::fargate(&profile.name), &profile.path, &facts(intent, plan, profile));
    }
}

fn facts(intent: &Intent, plan: &AddressPlan, profile: &FargateProfile) -> Profile {
    let subnets = plan.profile_subnets(profile);
    let mut depends_on: Vec<String> = subnets
        .iter()
        .flat_map(|subnet| {
            std::iter::once(id::association(subnet))
                .chain(egress::default_routes_of(intent, subnet))
        })
        .collect();
    depends_on.sort();
    Profile {
        cluster: Ref("Cluster".into()),
        role: GetAtt(ROLE.into(), "Arn"),
        subnets: network::references(subnets),
        selectors: profile
            .selectors
            .iter()
            .map(|one| Selector {
                namespace: one.namespace.clone(),
                labels: list(one.labels.clone()),
            })
            .collect(),
        tags: tags(intent, &profile.name, &Tags::new()),
        depends_on,
    }
}
