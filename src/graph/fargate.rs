//! Fargate profiles and the role that starts their pods.

use serde::Serialize;
use serde_json::json;

use crate::address::AddressPlan;
use crate::facts::eks;
use crate::intent::{Cluster, FargateProfile, Intent, Tags};

use super::role::{RoleTerms, ServiceRole};
use super::value::{GetAtt, Ref, Sub, Tag, list, managed_policies, tags};
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
    let cluster_name = intent.cluster_name();
    let policies = managed_policies(eks::FARGATE_POLICIES);
    let role = ServiceRole {
        service: json!("eks-fargate-pods.amazonaws.com"),
        actions: json!("sts:AssumeRole"),
        policies,
        own_policies: None,
        condition: Some(own_profiles(cluster_name)),
        tags: tags(intent, "fargate", &Tags::new()),
        terms: RoleTerms::of(intent, ROLE),
    };
    graph.add(ROLE, "fargate", &role);
    // EKS creates and deletes one profile of a cluster at a time, and CloudFormation does all at once what does not wait.
    let mut profiles: Vec<(String, &FargateProfile)> =
        cluster.fargate.iter().map(|profile| (id::fargate(&profile.name), profile)).collect();
    profiles.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut previous: Option<String> = None;
    for (id, profile) in profiles {
        let mut facts = facts(intent, plan, profile);
        facts.depends_on.extend(previous.replace(id.clone()));
        graph.add(id, &profile.path, &facts);
    }
}

/// Only profiles of this cluster. EKS user guide, pod execution role: confused deputy.
fn own_profiles(cluster: &str) -> serde_json::Value {
    let arn = format!(
        "arn:${{AWS::Partition}}:eks:${{AWS::Region}}:${{AWS::AccountId}}:fargateprofile/{cluster}/*"
    );
    json!({ "ArnLike": { "aws:SourceArn": Sub(arn) } })
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
