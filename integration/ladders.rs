//! Exhausted clusters of several kinds: the ladder's figures are those that the formulas give by hand.

use std::net::Ipv4Addr;

use eksnet::blueprint;
use eksnet::rescue::{self, Rescue, Rung, Step, Wanted};
use eksnet::survey::document;
use ipnet::Ipv4Net;
use serde_json::{Value, json};

use crate::broken_clusters::{is_in, of, rows};

const PODS: usize = 20;

/// m6i.xlarge, 20 pods on each: four interfaces with 15 addresses.
struct Cluster {
    world: Value,
    /// In the subnets of `Nodes` or, with custom networking, of `Pods`.
    of_pods: &'static str,
    prefixes: bool,
}

impl Cluster {
    fn new(stem: &str, of_pods: &'static str, env: Value) -> Self {
        let mut world = of(stem);
        let prefixes = env["ENABLE_PREFIX_DELEGATION"] == "true";
        world.pointer_mut("/kubernetes/awsNode/read/containers/0").unwrap()["env"] = env;
        for addon in rows(&mut world, "/eks/addons") {
            addon["configuration"] = Value::Null;
        }
        for list in [
            "/eks/instances",
            "/kubernetes/nodes",
            "/vpc/interfaces",
            "/kubernetes/pods",
            "/vpc/reservations",
        ] {
            rows(&mut world, list).clear();
        }
        for (at, subnet) in rows(&mut world, "/vpc/subnets")
            .iter_mut()
            .filter(|one| is_in(one, "id", of_pods))
            .enumerate()
        {
            subnet["cidr"] = json!(format!("10.200.{at}.0/24"));
        }
        for group in rows(&mut world, "/eks/nodeGroups") {
            (group["desired"], group["max"]) = (json!(15), json!(15));
        }
        Self { world, of_pods, prefixes }
    }

    fn subnets(&mut self, word: &str) -> Vec<(String, Ipv4Net)> {
        let all = rows(&mut self.world, "/vpc/subnets").iter().filter(|one| is_in(one, "id", word));
        all.map(|one| {
            (
                one["id"].as_str().unwrap().to_string(),
                one["cidr"].as_str().unwrap().parse().unwrap(),
            )
        })
        .collect()
    }

    /// Fifteen nodes, five a zone, each with so many addresses of its own on every one of so many interfaces, or so many prefixes.
    fn filled(mut self, interfaces: usize, prefixes: usize) -> Self {
        let (nodes, pods) = (self.subnets("Nodes"), self.subnets(self.of_pods));
        let custom = self.of_pods != "Nodes";
        for at in 0..15 {
            let (zone, turn, id) = (at % 3, at / 3, format!("i-{at:017x}"));
            rows(&mut self.world, "/eks/instances").push(json!({"id": id, "instanceType": "m6i.xlarge", "subnet": nodes[zone].0, "state": "running"}));
            rows(&mut self.world, "/kubernetes/nodes").push(json!({"name": id, "instance": id}));
            for pod in 0..PODS {
                rows(&mut self.world, "/kubernetes/pods").push(json!({"namespace": "shop", "name": format!("web-{at}-{pod}"), "node": id, "phase": "Running"}));
            }
            let address = |net: Ipv4Net, number: usize| {
                Ipv4Addr::from(u32::from(net.network()) + number as u32)
            };
            let mut add = |subnet: &str, addresses: Vec<Ipv4Addr>, prefixes: Vec<String>| {
                let addresses: Vec<Value> =
                    addresses.iter().map(|one| json!({"private": one})).collect();
                rows(&mut self.world, "/vpc/interfaces")
                    .push(json!({"id": format!("eni-{at}"), "subnet": subnet, "status": "in-use",
                    "attachment": {"instance": id}, "addresses": addresses, "prefixes": prefixes}));
            };
            if custom {
                add(&nodes[zone].0, vec![address(nodes[zone].1, 5 + turn)], Vec::new());
            }
            let (subnet, net) = &pods[zone];
            if prefixes == 0 {
                (0..interfaces).for_each(|own| {
                    add(
                        subnet,
                        (0..15)
                            .map(|slot| address(*net, 5 + (turn * interfaces + own) * 15 + slot))
                            .collect(),
                        Vec::new(),
                    )
                });
            } else {
                let blocks = (0..prefixes)
                    .map(|own| format!("{}/28", address(*net, 16 * (1 + turn * prefixes + own))));
                add(subnet, vec![address(*net, 5 + turn)], blocks.collect());
            }
        }
        let used = if self.prefixes { 5 * (1 + 16 * prefixes) } else { 5 * interfaces * 15 };
        for subnet in rows(&mut self.world, "/vpc/subnets")
            .iter_mut()
            .filter(|one| is_in(one, "id", self.of_pods))
        {
            subnet["available"] = json!(256 - 5 - used);
        }
        self
    }

    /// One address of others in every block that is left.
    fn scattered(mut self) -> Self {
        for (at, (subnet, net)) in self.subnets(self.of_pods).into_iter().enumerate() {
            let addresses: Vec<Value> = (0..16).map(|block| json!({"private": Ipv4Addr::from(u32::from(net.network()) + block * 16 + 14)})).collect();
            let own = rows(&mut self.world, "/vpc/subnets")
                .iter_mut()
                .find(|one| one["id"] == json!(subnet));
            let own = own.unwrap();
            own["available"] = json!(own["available"].as_u64().unwrap() - 16);
            rows(&mut self.world, "/vpc/interfaces").push(json!({"id": format!("eni-db{at}"), "subnet": subnet, "status": "in-use", "addresses": addresses}));
        }
        self
    }

    fn rescued(&self, nodes: u64) -> Rescue {
        let survey = document::parse(&self.world.to_string()).unwrap();
        rescue::of(&survey, Wanted { nodes: Some(nodes), ..Wanted::default() })
    }
}

fn rung(found: &Rescue, number: usize) -> &Step {
    &found.rungs[number - 1]
}

const ROOM: u64 = 3 * ((1 << 14) - 5);

/// 3 interfaces of 15: 45 addresses a node; with WARM_IP_TARGET 2 it is 22 and their two interfaces' own.
#[test]
fn single_addresses_in_the_nodes_subnets() {
    let found = Cluster::new("three-tiers", "Nodes", json!({})).filled(3, 0).rescued(20);
    assert_eq!(found.demand.addresses_missing, Some(5 * 45));
    assert_eq!(rung(&found, 2).gain, Some(15 * 45 - 15 * 24));
    assert_eq!((rung(&found, 4).gain, rung(&found, 5).gain), (Some(0), Some(15 * 45 - 15 + ROOM)));
    assert!(rung(&found, 5).how.contains("m6i.xlarge holds 44 pods"), "{}", rung(&found, 5).how);
    assert!(found.surge.is_empty(), "26 addresses are free, and a node takes 15");
}

/// The node's own address is elsewhere, and pods have three interfaces.
#[test]
fn custom_networking_that_is_on() {
    let env = json!({"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone"});
    let mut cluster = Cluster::new("secondary-pods", "Pods", env).filled(3, 0);
    let found = cluster.rescued(20);
    assert_eq!(found.demand.addresses_missing, Some(5 * 46));
    assert_eq!(rung(&found, 2).gain, Some(15 * 46 - 15 * 25));
    assert_eq!(rung(&found, 4).gain, Some(0), "blocks of the nodes' subnets are none of pods");
    assert_eq!(rung(&found, 5).gain, Some(15 * 45 + ROOM));
    assert!(
        !rung(&found, 5).how.contains("without its first interface"),
        "{}",
        rung(&found, 5).how
    );
    assert!(
        rung(&found, 6).blocked.iter().any(|why| why.contains("pods stay")),
        "{:?}",
        rung(&found, 6).blocked
    );
    assert!(found.surge.is_empty(), "{:?}", found.surge);
    for subnet in
        rows(&mut cluster.world, "/vpc/subnets").iter_mut().filter(|one| is_in(one, "id", "Pods"))
    {
        subnet["available"] = json!(10);
    }
    let found = cluster.rescued(20);
    assert_eq!(
        (found.surge.len(), found.surge[0].free, found.surge[0].boot),
        (1, 10, 16),
        "{:?}",
        found.surge
    );
}

/// Two prefixes for 20 pods and one ready; no whole block for another node, though addresses are free.
#[test]
fn prefixes_in_a_fragmented_subnet() {
    let env = json!({"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"});
    let whole = Cluster::new("three-tiers", "Nodes", env.clone()).filled(0, 2).rescued(20);
    assert_eq!(whole.demand.addresses_missing, Some(5 * (3 * 16 + 1)));
    assert!(whole.surge.is_empty(), "{:?}", whole.surge);
    let found = Cluster::new("three-tiers", "Nodes", env).filled(0, 2).scattered().rescued(20);
    assert_eq!((found.surge.len(), found.surge[0].free), (1, 0), "{:?}", found.surge);
    assert!(
        found
            .subnets
            .iter()
            .filter(|one| 0 < one.nodes.unwrap())
            .all(|one| 0 < one.free && one.free_blocks == Some(0))
    );
    assert!(rung(&found, 4).blocked.iter().any(|why| why.contains("on already")));
}

/// The rung in a file of its own, or in the blueprint that `init` wrote: what `check` says of it with the survey, and the text.
fn written(cluster: &Cluster, into_own: bool) -> (Vec<&'static str>, String) {
    let survey = crate::guessed::with_ids(&cluster.world);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.yaml");
    let own = into_own.then(|| {
        let text = rescue::starter::text(&survey, None, None).unwrap();
        std::fs::write(&path, &text).unwrap();
        blueprint::read(path.to_str().unwrap(), text.into_bytes()).document.unwrap()
    });
    rescue::written::write(&survey, Rung::CustomNetworking, own.as_ref(), &path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    (crate::existing::ids(&crate::existing::found(&text, &survey)), text)
}

/// What others hold in the nodes' subnets is no news of the rung; that nodes do not fit there is.
#[test]
fn a_move_out_of_a_full_subnet_is_written_with_its_reason() {
    let mut seen = std::collections::BTreeSet::new();
    for free in (6..=60u64).chain([240]) {
        let mut cluster = Cluster::new("three-tiers", "Nodes", json!({}));
        let groups = rows(&mut cluster.world, "/eks/nodeGroups").iter_mut();
        groups.for_each(|one| (one["desired"], one["max"]) = (json!(3), json!(30)));
        let nodes = rows(&mut cluster.world, "/vpc/subnets").iter_mut();
        let nodes = nodes.filter(|one| is_in(one, "id", "Nodes"));
        nodes.for_each(|one| one["available"] = json!(free));
        let survey = crate::guessed::with_ids(&cluster.world);
        let range = rescue::range(&survey);
        let rung = Some(Rung::CustomNetworking);
        let bare = rescue::starter::text(&survey, rung, range.as_deref()).unwrap();
        let bare = crate::existing::ids(&crate::existing::found(&bare, &survey));
        let wanted: Vec<&str> = bare.iter().copied().filter(|id| *id != "SIZ-02").collect();
        for into_own in [false, true] {
            let (found, text) = written(&cluster, into_own);
            assert_eq!(found, wanted, "{free}: {text}");
            let reasons = text.lines().filter(|line| line.contains("eksnet:allow")).count();
            assert_eq!(reasons, bare.len() - wanted.len(), "{free}: {text}");
        }
        seen.insert(bare);
    }
    assert_eq!(seen, [vec![], vec!["CAP-01"], vec!["SIZ-02"]].into());
    // Fifteen nodes fill the subnet themselves: what they hold is counted as theirs.
    let mut cluster = Cluster::new("three-tiers", "Nodes", json!({})).filled(3, 0);
    let nodes = rows(&mut cluster.world, "/vpc/subnets").iter_mut();
    nodes.filter(|one| is_in(one, "id", "Nodes")).for_each(|one| one["available"] = json!(0));
    for into_own in [false, true] {
        let (found, text) = written(&cluster, into_own);
        assert!(found.is_empty() && !text.contains("eksnet:allow"), "{found:?} {text}");
    }
    // Subnets that hold nothing of others and are too small all the same.
    let kept = (600..760).step_by(10).filter(|max| {
        let mut cluster = Cluster::new("three-tiers", "Nodes", json!({}));
        let groups = rows(&mut cluster.world, "/eks/nodeGroups").iter_mut();
        groups.for_each(|one| one["max"] = json!(max));
        let nodes = rows(&mut cluster.world, "/vpc/subnets").iter_mut();
        let nodes = nodes.filter(|one| is_in(one, "id", "Nodes"));
        nodes.for_each(|one| one["available"] = json!(251));
        let (found, text) = written(&cluster, false);
        assert!(!text.contains("eksnet:allow"), "{max}: {text}");
        found.contains(&"SIZ-02")
    });
    assert_ne!(kept.count(), 0);
}
