//! What others put into the stack's own VPC: what was planned and never deployed moves out of its way.

use eksnet::ledger::Ledger;
use eksnet::line::{self, Compiled, Request};
use eksnet::observed::{LiveSubnet, Network, Observed, Part};

use crate::support::{CLEAN, build, build_over, document, findings_with};

const LATER: &str = "  - { name: batch, size: /20, egress: nat }\n  - { name: control-plane,";

fn grown() -> String {
    CLEAN.replace("  - { name: control-plane,", LATER)
}

/// A VPC with the subnets of a stack, and one of somebody's.
fn observed(deployed: &Compiled, strange: &str) -> Observed {
    let subnet = |id: &str, cidr: &str| LiveSubnet {
        id: id.into(),
        cidr: cidr.into(),
        zone_id: "euw1-az1".into(),
        zone_name: "eu-west-1a".into(),
        free: 10,
    };
    let own = deployed.plan.subnets.iter().map(|own| subnet("subnet-1", &own.cidr.to_string()));
    let subnets = own.chain([subnet("subnet-0123abcd", strange)]).collect();
    let network = Network { subnets, ..Network::default() };
    Observed { network: Part::Read(Some(network)), ..Observed::template(deployed.template.clone()) }
}

fn compiled(text: &str, observed: Observed, ledger: &Ledger) -> Compiled {
    let request = Request { observed, ledger: ledger.clone(), ..Request::new(document(text)) };
    line::compile(request).unwrap()
}

#[test]
fn a_range_that_was_never_deployed_moves_out_of_the_way_of_a_subnet_of_others() {
    let deployed = build(CLEAN);
    let planned = build_over(&grown(), Some(&deployed.plan.ledger));
    let strange = planned.plan.of_tier("batch").next().unwrap().cidr;
    let over = observed(&deployed, &strange.to_string());
    let moved = compiled(&grown(), over.clone(), &planned.plan.ledger);
    assert!(moved.plan.of_tier("batch").all(|own| own.cidr != strange));
    let told = moved.warnings.iter().find(|one| one.rule.id == "EXI-13").unwrap();
    assert!(told.message.contains("subnet-0123abcd"), "{}", told.message);
    let stays =
        |plan: &Compiled| plan.plan.of_tier("nodes").map(|own| own.cidr).collect::<Vec<_>>();
    assert_eq!(stays(&moved), stays(&deployed));
    // Of its own VPC the lock keeps no reading, and the next run has nothing left to say.
    assert_eq!(moved.plan.ledger.occupied, None);
    let again = compiled(&grown(), over, &moved.plan.ledger);
    assert!(again.warnings.iter().all(|one| one.rule.id != "EXI-13"));
    assert!(again.plan.ledger.says_the_same(&moved.plan.ledger));
}

#[test]
fn a_new_tier_avoids_what_others_have() {
    let deployed = build(CLEAN);
    let strange = build_over(&grown(), Some(&deployed.plan.ledger));
    let strange = strange.plan.of_tier("batch").next().unwrap().cidr;
    let observed = observed(&deployed, &strange.to_string());
    let moved = compiled(&grown(), observed, &deployed.plan.ledger);
    assert!(moved.plan.of_tier("batch").all(|own| own.cidr != strange));
}

#[test]
fn keep_free_over_what_was_given_out_is_told() {
    let ledger = build(CLEAN).plan.ledger;
    let held = ledger.subnets.iter().find(|entry| entry.tier == "nodes").unwrap().cidr;
    let text =
        CLEAN.replace("cidr: 10.40.0.0/16", &format!("cidr: 10.40.0.0/16\n  keepFree: [{held}]"));
    let told = findings_with(&text, &|own| *own = ledger.clone());
    let rules: Vec<&str> = told.iter().map(|one| one.rule.id).collect();
    assert_eq!(rules, ["VPC-39"]);
}

mod parts {
    use eksnet::ledger::Deployed;
    use eksnet::line::Compiled;
    use eksnet::observed::Stack;
    use eksnet::preview::{self, Title};
    use eksnet::template::Template;
    use serde_json::Value;

    use crate::support::{CLEAN, build, build_over, root};

    fn cluster(template: &Template) -> &Value {
        &template.resource("Cluster").unwrap()["Properties"]
    }

    /// A network that stands gets a protected cluster: if anything fails, the rollback can delete it.
    #[test]
    fn a_cluster_is_protected_once_it_is_there() {
        let network = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: eu-west-1 }\nzones: 2\n";
        let before = build(network);
        let with = format!(
            "{network}cluster: {{ deletionProtection: true }}\nnodeGroups: [{{ name: general }}]\n"
        );
        let after = build_over(&with, Some(&before.plan.ledger));
        let parts = preview::parts(&before.template, &after.template);
        assert_eq!(parts.len(), 2);
        assert!(cluster(&parts[0].template)["DeletionProtection"].is_null());
        assert_eq!(cluster(&parts[1].template)["DeletionProtection"], true);
        assert_eq!(parts[1].title, Title::Protection);
        assert_eq!(parts[1].preview.changes.len(), 1);
        let open = with.replace("Protection: true", "Protection: false");
        let after = build_over(&open, Some(&before.plan.ledger));
        assert_eq!(preview::parts(&before.template, &after.template).len(), 1);
    }

    /// EKS gives up a node group whose nodes are not Ready, and they are not before somebody has installed the CNI.
    #[test]
    fn nodes_of_another_cni_come_once_it_can_be_installed() {
        let text = std::fs::read_to_string(root().join("blueprints/other-cni.yaml")).unwrap();
        let after = build(&text);
        let parts = preview::parts(&Template::nothing(), &after.template);
        let [cluster, nodes] = parts.as_slice() else { panic!("{parts:?}") };
        assert!(cluster.preview.change("Cluster").is_some());
        assert!(cluster.preview.change("AddonCoredns").is_none(), "it needs nodes");
        assert!(matches!(nodes.title, Title::NodesOfCni(_)), "{:?}", nodes.title);
        assert!(nodes.preview.change("NodeGroupGeneral").is_some());
        // Once the cluster is there, a group more is one update.
        let more = text.replace(
            "nodeGroups:",
            "nodeGroups:\n  - { name: more, tier: nodes, instanceTypes: [m6i.large] }",
        );
        let more = build_over(&more, Some(&after.plan.ledger));
        assert_eq!(preview::parts(&after.template, &more.template).len(), 1);
        for name in ["three-tiers", "self-managed", "auto-mode"] {
            let text =
                std::fs::read_to_string(root().join(format!("blueprints/{name}.yaml"))).unwrap();
            assert_eq!(
                preview::parts(&Template::nothing(), &build(&text).template).len(),
                1,
                "{name}"
            );
        }
    }

    /// A closed endpoint keeps its list for the day that it is opened, from the stack and from the lock.
    #[test]
    fn a_list_outlives_its_endpoint() {
        let open = CLEAN.replace(
            "{ private: true, public: false }",
            "{ private: true, public: true, publicCidrs: [198.51.100.0/24] }",
        );
        let before = build(&open);
        let stack = Stack::of(&before.template).deployed("shop").unwrap();
        let Deployed::Ledger(ledger) = stack else { panic!() };
        let after = build_over(CLEAN, Some(&ledger));
        let list = |built: &Compiled| {
            cluster(&built.template)["ResourcesVpcConfig"]["PublicAccessCidrs"].clone()
        };
        assert_eq!(list(&after), list(&before));
        let again = build_over(CLEAN, Some(&after.plan.ledger));
        assert_eq!(list(&again), list(&before), "and the deployment after that");
        assert_eq!(list(&build(CLEAN))[0], "0.0.0.0/0", "of a new cluster there is none");
    }

    /// Gateways move to other subnets, and nodes reach the API over the internet only.
    #[test]
    fn former_addresses_keep_the_api_until_the_routes_have_changed() {
        let text = CLEAN.replace(
            "{ private: true, public: false }",
            "{ private: false, public: true, publicCidrs: [198.51.100.0/24, natGateways] }",
        );
        let before = build(&text);
        let moved = text.replace("name: public,", "name: edge,");
        let after = build_over(&moved, Some(&before.plan.ledger));
        let parts = preview::parts(&before.template, &after.template);
        let list = |template: &Template| {
            let own = &cluster(template)["ResourcesVpcConfig"]["PublicAccessCidrs"];
            own.as_array().unwrap().iter().map(Value::to_string).collect::<Vec<_>>()
        };
        let (old, new) = (list(&before.template), list(&after.template));
        assert!(old != new && 1 < parts.len(), "{old:?} {new:?} {}", parts.len());
        let last = &parts[parts.len() - 1];
        for part in &parts[..parts.len() - 1] {
            let kept = list(&part.template);
            assert!(old.iter().all(|one| kept.contains(one)), "{kept:?}");
        }
        assert_eq!(list(&last.template), new);
        assert!(last.preview.changes.iter().all(|one| one.kind != "AWS::EC2::Route"));
    }
}
