//! What a preview says is in the words of the blueprint: tiers, groups and zones, not logical ids; and what zones lose is said.

use eksnet::preview::{ChangeKind, Preview};

use super::named::{pair, says};

const NODES: &str = "vpc: { cidr: 10.40.0.0/16 }\ntiers:\n  - { name: public, size: /24, egress: internet }\n  - { name: apps, size: /20, egress: nat, serves: [nodes] }\n  - { name: cp, size: /28, egress: none, serves: [controlPlane] }\ncluster: { version: \"1.34\" }\nnodeGroups: [{ name: general, tier: apps }]\n";

fn said(preview: &Preview, rule: &str) -> String {
    let found = preview.findings.iter().find(|one| one.rule.id == rule);
    found.unwrap_or_else(|| panic!("{rule}: {:?}", preview.findings)).message.clone()
}

/// No finding has the logical id of something that has a name.
fn names_are_names(preview: &Preview) {
    for finding in &preview.findings {
        let text = format!("{} {}", finding.message, finding.hint.as_deref().unwrap_or_default());
        let told = |id: &&String| {
            let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
            preview.names.get(*id).is_some_and(|name| !name.contains(id.as_str()))
                && words.into_iter().any(|word| word == id.as_str())
        };
        let told: Vec<&String> = preview.names.keys().filter(told).collect();
        assert!(told.is_empty(), "{told:?} in {text}");
    }
}

#[test]
fn what_is_refused_of_a_change_names_tiers_and_groups() {
    let public = NODES
        .replace("name: apps, size: /20, egress: nat", "name: apps, size: /20, egress: internet");
    let (cut, ..) = pair(NODES, &public);
    let message = said(&cut, "UPD-04");
    assert!(message.contains("node group general") && message.contains("tier apps"), "{message}");
    let finding = cut.findings.iter().find(|one| one.rule.id == "UPD-04").unwrap();
    assert_eq!(finding.path, "tiers[1].egress");
    let single = NODES.replace("cluster:", "awsNode: { prefixDelegation: false }\ncluster:");
    let message = said(&pair(NODES, &single).0, "PD-03");
    assert!(message.contains("node group general"), "{message}");
    let gone = format!("{NODES}awsNode: {{ customNetworking: {{ tier: pods }} }}\n").replace(
        "  - { name: cp",
        "  - { name: pods, size: /20, egress: nat, serves: [pods] }\n  - { name: cp",
    );
    let (left, ..) = pair(&gone, NODES);
    let message = said(&left, "CN-06");
    assert!(message.contains("tier pods") && message.contains("node group general"), "{message}");
    for preview in [cut, left, pair(NODES, &single).0] {
        names_are_names(&preview);
    }
}

#[test]
fn a_part_says_what_it_is_for() {
    let ranges = |at: usize| -> String {
        let all: Vec<String> = (at..at + 20)
            .map(|number| format!("{{ from: 198.51.{number}.0/24, ports: 8080 }}"))
            .collect();
        format!(
            "vpc: {{ cidr: 10.20.0.0/16 }}\nnetworkAcls: perTier\ntiers:\n  - {{ name: a, size: /24, egress: none, networkAcl: {{ ingress: [{}] }} }}\n",
            all.join(", ")
        )
    };
    let (preview, ..) = pair(&ranges(0), &ranges(100));
    let headings: Vec<String> = preview.parts.iter().map(|part| part.heading()).collect();
    assert!(
        headings.len() == 2 && headings.iter().all(|one| !one.contains(" more")),
        "{headings:?}"
    );
    assert!(headings.iter().all(|one| one.contains("network ACL entries")), "{headings:?}");
}

/// Lists of zones, subnets and addresses that get shorter.
#[test]
fn what_loses_a_zone_is_said() {
    let regional = |zones: u8| {
        let own = |zone: u8| format!("euw1-az{zone}: [eipalloc-0000000000000000{zone}]");
        let addresses: Vec<String> = (1..=zones).map(own).collect();
        format!(
            "zones: {zones}\nvpc: {{ cidr: 10.40.0.0/16 }}\negress: {{ nat: {{ regional: {{ addresses: {{ {} }} }} }} }}\ntiers: [{{ name: a, size: /24, egress: nat }}]\n",
            addresses.join(", ")
        )
    };
    let (all, two) = (regional(3), regional(2));
    let (less, ..) = pair(&all, &two);
    assert!(says(&less, "no address in the removed zones"), "{:?}", less.impact);
    let (more, ..) = pair(&two, &all);
    assert!(!says(&more, "no address in the removed zones"), "{:?}", more.impact);
    let profile = format!(
        "{NODES}fargate: [{{ name: jobs, tier: apps, selectors: [{{ namespace: jobs }}] }}]\n"
    );
    let zones = |text: &str, zones: u8| format!("zones: {zones}\n{text}");
    let (less, ..) = pair(&zones(&profile, 3), &zones(&profile, 2));
    assert!(says(&less, "its pods are in fewer zones"), "{:?}", less.impact);
    assert!(says(&less, "its nodes are in fewer zones"), "{:?}", less.impact);
    let (more, ..) = pair(&zones(&profile, 2), &zones(&profile, 3));
    assert!(!says(&more, "fewer zones"), "{:?}", more.impact);
    let pods = format!("{NODES}awsNode: {{ customNetworking: {{ tier: pods }} }}\n").replace(
        "  - { name: cp",
        "  - { name: pods, size: /20, egress: nat, serves: [pods] }\n  - { name: cp",
    );
    let (less, ..) = pair(&zones(&pods, 3), &zones(&pods, 2));
    assert!(says(&less, "no ENIConfig"), "{:?}", less.impact);
    let served =
        NODES.replace("egress: internet }", "egress: internet, serves: [externalLoadBalancers] }");
    let (less, ..) = pair(&served, NODES);
    assert!(says(&less, "no longer find the subnet"), "{:?}", less.impact);
    assert!(!says(&pair(NODES, &served).0, "no longer find the subnet"));
}

/// `render` keeps what the stack chose: whoever sends its template replaces no cluster (G6).
#[test]
fn min_selfrender_is_what_deploy_sends() {
    let text = |own: &str| format!("{NODES}awsNode: {{ {own} }}\n");
    let (preview, old, new) = pair(&text("role: irsa"), &text("management: selfManaged"));
    let boots = |built: &super::Built| {
        built.template.resource("Cluster").unwrap()["Properties"]["BootstrapSelfManagedAddons"]
            .clone()
    };
    assert_eq!(boots(&old), boots(&new));
    assert!(
        preview
            .changes
            .iter()
            .all(|one| one.id != "Cluster" || one.change_kind() != ChangeKind::Replace)
    );
    let mut lock = old.plan.ledger.clone();
    lock.generation += 1;
    let offline =
        super::standing::offline(&super::named::whole(&text("management: selfManaged")), &lock);
    assert_eq!(boots(&offline), boots(&old), "from the lock alone");
}

/// A move of NAT gateways counts the addresses of both sides (N2).
#[test]
fn min_natregional_counts_addresses_of_both_sides() {
    let text = |nat: &str| {
        format!(
            "vpc: {{ cidr: 10.20.0.0/16 }}\negress: {{ nat: {nat} }}\ntiers:\n  - {{ name: a, size: /24, egress: internet }}\n  - {{ name: b, size: /24, egress: nat }}\n"
        )
    };
    for (before, after) in [("perZone", "regional"), ("regional", "perZone"), ("single", "perZone")]
    {
        let (preview, ..) = pair(&text(before), &text(after));
        assert!(super::errors(&preview).is_empty(), "{before} → {after}: {:?}", preview.findings);
        assert!(
            says(&preview, "open connections through it break")
                || says(&preview, "traffic shifts to the new route"),
            "{before} → {after}: {:?}",
            preview.impact
        );
        names_are_names(&preview);
    }
}

/// Of section 4: what is modified in place says what it cuts off.
#[test]
fn another_vpn_gateway_is_said_to_cut_off() {
    let text = |id: &str| {
        format!(
            "vpc: {{ cidr: 10.20.0.0/16 }}\negress: {{ vpnGateway: {{ id: vgw-0000000000000000{id} }} }}\ntiers: [{{ name: a, size: /24, egress: none }}]\n"
        )
    };
    let (preview, ..) = pair(&text("a"), &text("b"));
    assert!(says(&preview, "behind the VPN gateway are cut off"), "{:?}", preview.impact);
}
