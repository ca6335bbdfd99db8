//! Logical ids: those of an item are its own, whatever else is in its list, and in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use eksnet::blueprint;
use eksnet::diagnostic::any_error;
use eksnet::line::{self, Request};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A place in the blueprint, and items for it whose names are as near to each other as AWS and Kubernetes let them be.
fn pools() -> Vec<(&'static str, Vec<Value>)> {
    let identity = |account: &str, namespace: &str| {
        let policies = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"];
        json!({ "namespace": namespace, "serviceAccount": account, "policies": policies })
    };
    let range = |range: &str, ports: Value| json!({ "from": range, "ports": ports });
    let to = |range: &str, ports: Value| json!({ "to": range, "ports": ports });
    let route = |to: &str| json!({ "to": to, "via": "tgw-0123456789abcdef0" });
    let (list, group) = ("pl-0123456789abcdef0", "sg-0123456789abcdef0");
    let entry = |principal: &str, policy: &str| {
        let principal = format!("arn:aws:iam::111122223333:{principal}");
        json!({ "principal": principal, "policy": policy })
    };
    let (view, edit) = ("AmazonEKSViewPolicy", "AmazonEKSEditPolicy");
    vec![
        (
            "/podIdentities",
            vec![
                identity("a-b", "shop"),
                identity("a.b", "shop"),
                identity("ab", "shop"),
                identity("a-1", "shop"),
                identity("a1", "shop"),
                identity("a", "b-in-c"),
                identity("a-in-b", "c"),
                identity("a", "1b"),
                identity("a-in1b", "c"),
                identity("a--b", "shop"),
            ],
        ),
        (
            "/tiers/1/routes",
            vec![
                route("10.99.0.0/16"),
                route("10.99.0.0/17"),
                route("109.90.0.0/16"),
                route(list),
                route("pl-0123456789abcdef1"),
            ],
        ),
        (
            "/egress/transitGateway/destinations",
            vec![json!("10.80.0.0/16"), json!("10.8.0.0/16"), json!("10.81.0.0/16")],
        ),
        (
            "/securityGroups/controlPlane/ingress",
            vec![
                range("10.80.0.0/16", json!(443)),
                range("10.80.0.0/16", json!("443-444")),
                range("10.8.0.0/16", json!(443)),
                range(list, json!(443)),
                range(group, json!(443)),
                range("sg-0123456789abcdef1", json!(443)),
            ],
        ),
        (
            "/securityGroups/nodes/ingress",
            vec![
                range("10.80.0.0/16", json!(443)),
                range(list, json!(8443)),
                range(group, json!(443)),
            ],
        ),
        (
            "/securityGroups/nodes/egress",
            vec![to("10.80.0.0/16", json!(443)), to(list, json!(8443)), to(group, json!(5432))],
        ),
        (
            "/cluster/access",
            vec![
                entry("role/ci", view),
                entry("role/team/ci", view),
                entry("user/ci", view),
                entry("role/c.i", view),
                entry("role/ci", edit),
            ],
        ),
        ("/cluster/remoteNetworks/pods", vec![json!("10.82.0.0/24"), json!("10.82.1.0/24")]),
        (
            "/endpoints/include",
            vec![json!("logs"), json!("ecr.api"), json!("ecr.dkr"), json!("kms")],
        ),
        ("/addons", vec![json!("aws-ebs-csi-driver"), json!("aws-efs-csi-driver")]),
        (
            "/fargate",
            vec![
                json!({ "name": "jobs", "tier": "nodes", "selectors": [{ "namespace": "jobs" }] }),
                json!({ "name": "jobs1", "tier": "nodes", "selectors": [{ "namespace": "jobs1" }] }),
            ],
        ),
        (
            "/nodeGroups",
            vec![
                json!({ "name": "general", "tier": "nodes" }),
                json!({ "name": "general1", "tier": "nodes" }),
                json!({ "name": "other", "tier": "nodes", "instanceTypes": ["m7g.large"] }),
            ],
        ),
        ("/vpc/secondaryCidrs", vec![json!("100.64.0.0/16"), json!("100.65.0.0/16")]),
    ]
}

fn base() -> Value {
    json!({
        "apiVersion": "eksnet/v1", "kind": "Blueprint",
        "metadata": { "name": "shop", "region": "eu-west-1" },
        "zones": 2,
        "vpc": { "cidr": "10.40.0.0/16" },
        "tiers": [
            { "name": "public", "size": "/24", "egress": "internet", "serves": ["externalLoadBalancers"] },
            { "name": "nodes", "size": "/20", "egress": "nat", "serves": ["nodes"] },
            { "name": "control-plane", "size": "/28", "egress": "none", "serves": ["controlPlane"] },
        ],
        "egress": { "transitGateway": { "id": "tgw-0123456789abcdef0", "destinations": ["10.82.0.0/16", "10.83.0.0/16"] } },
        "endpoints": {},
        "securityGroups": { "mode": "leastPrivilege", "controlPlane": {}, "nodes": {} },
        "cluster": { "endpointAccess": { "private": true, "public": false }, "remoteNetworks": { "nodes": ["10.83.0.0/24"] } },
        "nodeGroups": [{ "name": "base", "tier": "nodes" }],
        "addons": ["coredns", "kube-proxy", "eks-pod-identity-agent"],
    })
}

/// A blueprint with these items of each pool, by their numbers.
fn written(chosen: &[Vec<usize>]) -> String {
    let mut text = base();
    for ((place, items), numbers) in pools().into_iter().zip(chosen) {
        let list: Vec<Value> = numbers.iter().map(|number| items[*number].clone()).collect();
        let (parent, key) = place.rsplit_once('/').unwrap();
        if !list.is_empty() {
            let own = &mut text.pointer_mut(parent).unwrap()[key];
            let always = own.as_array().cloned().unwrap_or_default();
            *own = always.into_iter().chain(list).collect();
        }
    }
    text.to_string()
}

/// What each logical id stands for, as far as an item says it; `None` where the blueprint is refused.
fn things(text: &str) -> Option<BTreeMap<String, String>> {
    let reading = blueprint::read("test.yaml", text.as_bytes().to_vec());
    let document = reading.document.filter(|_| !any_error(&reading.findings))?;
    let built = line::compile(Request::new(document)).ok()?;
    let resources = built.template.value["Resources"].as_object().unwrap();
    let own = [
        "ServiceAccount",
        "Namespace",
        "PrincipalArn",
        "AddonName",
        "CidrBlock",
        "CidrIp",
        "DestinationCidrBlock",
        "DestinationPrefixListId",
        "SourcePrefixListId",
        "FromPort",
        "ToPort",
        "SourceSecurityGroupId",
        "RouteTableId",
        "ManagedPolicyArns",
        "ServiceName",
        "FargateProfileName",
        "NodegroupName",
    ];
    let thing = |resource: &Value| {
        // A role's name is AWS's to choose; its tag says whose it is.
        let tags = if resource["Type"] == "AWS::IAM::Role" {
            &resource["Properties"]["Tags"]
        } else {
            &Value::Null
        };
        let values = own.map(|name| format!("{}", resource["Properties"][name]));
        format!("{} {} {tags}", resource["Type"], values.join(" "))
    };
    Some(resources.iter().map(|(id, resource)| (id.clone(), thing(resource))).collect())
}

/// Ids that stand for another thing than before, and things that have another id.
fn moved(all: &BTreeMap<String, String>, less: &BTreeMap<String, String>) -> Vec<String> {
    let ids = |of: &BTreeMap<String, String>, thing: &String| -> BTreeSet<String> {
        of.iter().filter(|(_, other)| *other == thing).map(|(id, _)| id.clone()).collect()
    };
    let differs = |(id, thing): &(&String, &String)| {
        let had = ids(all, thing);
        all.get(*id).is_some_and(|other| other != *thing) || !(had.is_empty() || had.contains(*id))
    };
    less.iter().filter(differs).map(|(id, thing)| format!("{id}: {thing}")).collect()
}

fn choice() -> impl Strategy<Value = Vec<Vec<usize>>> {
    let lists: Vec<_> = pools()
        .iter()
        .map(|(_, items)| {
            let all: Vec<usize> = (0..items.len()).collect();
            let count = items.len();
            proptest::sample::subsequence(all, 0..=count).prop_shuffle()
        })
        .collect();
    lists
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each item is taken away in turn, and the rest is turned round: nothing that stays gets another id, and no id another thing.
    #[test]
    fn an_item_that_comes_goes_or_moves_changes_no_id_of_another(chosen in choice()) {
        let text = written(&chosen);
        let all = things(&text);
        let all = all.unwrap_or_else(|| panic!("refused: {text}"));
        for (list, items) in chosen.iter().enumerate() {
            for (at, item) in items.iter().enumerate() {
                let mut fewer = chosen.clone();
                fewer[list].remove(at);
                fewer[list].reverse();
                let less = things(&written(&fewer)).unwrap_or_default();
                let moved = moved(&all, &less);
                prop_assert!(moved.is_empty(), "{moved:#?}\nwithout {} of {}\n{text}", item, pools()[list].0);
            }
        }
    }
}

/// The worst of all: every name that is like another, each taken away in turn.
#[test]
fn identities_whose_names_are_alike_keep_their_ids() {
    let mut chosen = vec![Vec::new(); pools().len()];
    let names = 0..pools()[0].1.len();
    chosen[0] = names.clone().collect();
    let all = things(&written(&chosen)).unwrap();
    let identities: BTreeSet<&String> =
        all.keys().filter(|id| id.starts_with("PodIdentity")).collect();
    assert_eq!(identities.len(), names.len());
    assert_eq!(all.keys().filter(|id| id.starts_with("PodRole")).count(), names.len());
    for gone in names {
        let mut fewer = chosen.clone();
        fewer[0].remove(gone);
        let moved = moved(&all, &things(&written(&fewer)).unwrap());
        assert!(moved.is_empty(), "{moved:#?}\nwithout {gone}");
    }
}
