//! What others have in their cluster, and what of it is a stack's own once that stands.

use eksnet::observed::Part;
use eksnet::observed::survey::{
    AccessEntry, AddonSurvey, FargateProfile, NodeGroupSurvey, PodIdentity, Survey, Tags,
};

use crate::existing::{TEXT, compiled, edited, exhausted, found, ids};

pub fn list<T>(part: &mut Part<Vec<T>>) -> &mut Vec<T> {
    if !matches!(part, Part::Read(_)) {
        *part = Part::Read(Vec::new());
    }
    let Part::Read(items) = part else { unreachable!() };
    items
}

fn told(text: &str, survey: &Survey) -> Vec<&'static str> {
    ids(&found(text, survey))
}

pub fn of_stack() -> Tags {
    [("aws:cloudformation:stack-name".to_string(), "eksnet-prod-pods".to_string())].into()
}

/// `TEXT` with everything that a stack may add to a cluster of others.
pub fn all_kinds() -> String {
    let access = "existing: prod, access: [{ principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSViewPolicy }] }";
    edited("existing: prod }", access)
        + "addons: [eks-pod-identity-agent]\n\
           podIdentities: [{ namespace: shop, serviceAccount: api, role: \"arn:aws:iam::111122223333:role/api\" }]\n\
           fargate: [{ name: jobs, tier: pods, selectors: [{ namespace: jobs }] }]\n"
}

/// The survey once they are there, with these tags.
pub fn with_all_kinds(tags: &Tags) -> Survey {
    let mut survey = exhausted();
    let eks = &mut survey.eks;
    let subnets = list(&mut eks.node_groups)[0].subnets.clone();
    list(&mut eks.node_groups).push(NodeGroupSurvey {
        name: "general-2".into(),
        instance_types: vec!["m6i.xlarge".into()],
        subnets,
        min: 1,
        desired: 1,
        max: 6,
        tags: tags.clone(),
        ..NodeGroupSurvey::default()
    });
    list(&mut eks.addons).push(AddonSurvey {
        name: "eks-pod-identity-agent".into(),
        tags: tags.clone(),
        ..AddonSurvey::default()
    });
    list(&mut eks.fargate_profiles).push(FargateProfile {
        name: "jobs".into(),
        tags: tags.clone(),
        ..FargateProfile::default()
    });
    list(&mut eks.access_entries).push(AccessEntry {
        principal: "arn:aws:iam::111122223333:role/ops".into(),
        tags: tags.clone(),
        ..AccessEntry::default()
    });
    list(&mut eks.pod_identities).push(PodIdentity {
        namespace: "shop".into(),
        service_account: "api".into(),
        ..PodIdentity::default()
    });
    survey
}

/// A deployment that was good once is good again.
#[test]
fn what_the_stack_made_in_a_cluster_of_others_is_not_theirs() {
    let text = all_kinds();
    let first = compiled(&text, Some(&exhausted()), None).unwrap();
    let again = compiled(&text, Some(&with_all_kinds(&of_stack())), Some(&first.plan.ledger));
    let again = again.unwrap_or_else(|stopped| panic!("{stopped:?}"));
    assert!(again.plan.ledger.says_the_same(&first.plan.ledger), "{}", again.plan.ledger.to_text());
    let most = |built: &eksnet::line::Compiled| built.capacity.most.as_ref().unwrap().nodes;
    assert_eq!(most(&again), most(&first), "its nodes are counted once");
}

#[test]
fn what_others_made_in_their_cluster_is_not_made_once_more() {
    let of_others = told(&all_kinds(), &with_all_kinds(&Tags::new()));
    assert_eq!(of_others.iter().filter(|id| **id == "EXI-16").count(), 5, "{of_others:?}");
}

/// Its owner updates it, and settings are held against what it is.
#[test]
fn the_add_on_of_a_cluster_of_others_has_the_version_that_it_has() {
    let mut survey = exhausted();
    let built = compiled(TEXT, Some(&survey), None).unwrap();
    let version = |built: &eksnet::line::Compiled| {
        let cluster = built.intent.cluster.as_ref().unwrap();
        cluster.aws_node.version.known().map(str::to_string)
    };
    assert_eq!(version(&built).as_deref(), Some("v1.20.4-eksbuild.1"));
    assert!(!built.plan.ledger.kept.addons.contains_key("vpc-cni"));
    let written = edited("prefixDelegation: false,", "prefixDelegation: false, version: latest,");
    assert_eq!(told(&written, &survey), ["EXI-11"]);
    let newer = edited(
        "prefixDelegation: false,",
        "prefixDelegation: false, env: { IP_COOLDOWN_PERIOD: \"60\" },",
    );
    assert!(compiled(&newer, Some(&survey), None).is_ok());
    list(&mut survey.eks.addons)[0].version = "v1.12.0-eksbuild.1".into();
    assert!(told(&newer, &survey).contains(&"SET-35"));
}

#[test]
fn what_others_have_in_the_vpc_counts_against_its_quotas() {
    let built = compiled(TEXT, Some(&exhausted()), None).unwrap();
    let occupied = built.plan.ledger.occupied.as_ref().unwrap();
    let counted = |template| occupied.counted(template);
    assert_eq!(
        (counted("ec2/subnet"), counted("ec2/vpc-cidr-block"), counted("ec2/vpc")),
        (3, 0, 0)
    );
}
