//! `init --from` over every survey that the tests have, and over awkward ones: the blueprint that comes out is one that `check` accepts.

use eksnet::diagnostic::Diagnostic;
use eksnet::line::Stopped;
use eksnet::observed::survey::Survey;
use eksnet::rescue::starter;
use eksnet::survey::{document, redact};
use serde_json::{Value, json};

use crate::broken_clusters::{of, rows};
use crate::existing::{compiled, ids};
use crate::support::blueprints;
use crate::{doctor, standing, surveyed};

const KINDS: [&str; 12] =
    ["subnet", "rtb", "nat", "igw", "sg", "vpce", "acl", "eigw", "vpc", "tgw", "eni", "i"];

/// The same world with ids as AWS gives them.
pub fn with_ids(world: &Value) -> Survey {
    fn walk(value: &mut Value) {
        match value {
            Value::String(text) => *text = real(text),
            Value::Array(items) => items.iter_mut().for_each(walk),
            Value::Object(map) => map.values_mut().for_each(walk),
            _ => {}
        }
    }
    let mut world = world.clone();
    walk(&mut world);
    if let Some(cluster) = world.pointer_mut("/eks/cluster/read").filter(|own| own.is_object()) {
        cluster["endpoint"] =
            json!("https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com");
        cluster["authority"] = json!("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t");
    }
    document::parse(&world.to_string()).unwrap()
}

/// `subnet-NodesEuw1Az1` → `subnet-0…`, as long as AWS's.
fn real(text: &str) -> String {
    let is_id = |(kind, name): &(&str, &str)| {
        KINDS.contains(kind)
            && text != "vpc-cni"
            && !name.is_empty()
            && name.chars().all(|one| one.is_ascii_alphanumeric())
    };
    match text.split_once('-').filter(is_id) {
        Some((kind, name)) => {
            let sum = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
                (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
            format!("{kind}-0{sum:016x}")
        }
        None => text.to_string(),
    }
}

/// Errors of the blueprint that is written for a survey, and its text; why there is none.
fn errors(survey: &Survey) -> Result<(Vec<Diagnostic>, String), String> {
    let text = starter::text(survey, None, None).map_err(|failure| failure.chain())?;
    let found = match compiled(&text, Some(survey), None) {
        Ok(built) => built.warnings,
        Err(Stopped::Findings(_, findings)) => findings,
        Err(Stopped::Failure(failure)) => panic!("{}\n{text}", failure.chain()),
    };
    Ok((found.into_iter().filter(Diagnostic::is_error).collect(), text))
}

/// Each that does not compile, in words.
fn refused(worlds: impl IntoIterator<Item = (String, Survey)>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, plain) in worlds {
        for (how, survey) in [("", &plain), (", redacted", &redact::redacted(&plain))] {
            let (errors, text) = match errors(survey) {
                Ok(found) => found,
                Err(why) => {
                    wrong.push(format!("{name}{how}: no blueprint: {why}"));
                    continue;
                }
            };
            if !errors.is_empty() {
                let said: Vec<&str> = errors.iter().map(|one| one.message.as_str()).collect();
                wrong.push(format!("{name}{how}: {:?} {said:?}\n{text}", ids(&errors)));
            }
        }
    }
    wrong
}

#[test]
fn every_example_that_runs_has_a_blueprint_that_names_it() {
    let worlds = blueprints().into_iter().map(|(stem, _)| {
        let survey = with_ids(&of(&stem));
        (stem, survey)
    });
    let wrong = refused(worlds);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is sick is named too: a blueprint is wanted most where nodes do not join.
#[test]
fn every_sick_world_has_a_blueprint_that_names_it() {
    let mut number = 0;
    let worlds = doctor::worlds().into_iter().map(|(id, edits)| {
        number += 1;
        (format!("{id}, world {number}"), with_ids(&doctor::made(&edits)))
    });
    let wrong = refused(worlds);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_world_that_a_rescue_meets_has_a_blueprint_that_names_it() {
    let more = [("grown".to_string(), surveyed::grown())];
    let wrong = refused(standing::worlds().into_iter().chain(more));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

type Edit = fn(&mut Value);

fn cluster(world: &mut Value) -> &mut Value {
    world.pointer_mut("/eks/cluster/read").unwrap()
}

fn without_groups(world: &mut Value) {
    rows(world, "/eks/nodeGroups").clear();
    rows(world, "/eks/instances").clear();
    rows(world, "/kubernetes/nodes").clear();
}

fn without_cluster(world: &mut Value) {
    (world["eks"], world["kubernetes"]) = (json!({}), json!({}));
    world["header"]["cluster"] = Value::Null;
    world["header"].as_object_mut().unwrap().remove("cluster");
}

fn all_subnets(world: &mut Value, key: &str, value: &Value) {
    rows(world, "/vpc/subnets").iter_mut().for_each(|one| one[key] = value.clone());
}

fn silent(world: &mut Value, part: &str) {
    let refusal = json!({"unread": {"action": "x:Read", "why": "AccessDenied"}});
    *world.pointer_mut(part).unwrap() = refusal;
}

#[rustfmt::skip]
const AWKWARD: &[(&str, Edit)] = &[
    ("public endpoint alone", |world| {
        cluster(world)["endpointPrivate"] = json!(false);
        cluster(world)["publicCidrs"] = json!(["203.0.113.7/32"]);
    }),
    ("private endpoint alone", |world| cluster(world)["endpointPublic"] = json!(false)),
    ("Fargate alone", |world| {
        without_groups(world);
        world["kubernetes"]["awsNode"] = json!({"read": null});
        rows(world, "/eks/addons").retain(|one| one["name"] != "vpc-cni");
    }),
    ("no room anywhere", |world| all_subnets(world, "available", &json!(0))),
    ("a shared VPC", |world| {
        world["header"]["account"] = json!("111122223333");
        world["vpc"]["vpc"]["read"]["owner"] = json!("999988887777");
        all_subnets(world, "owner", &json!("999988887777"));
    }),
    ("a subnet of IPv6 alone", |world| {
        let mut own = rows(world, "/vpc/subnets")[0].clone();
        (own["id"], own["cidr"], own["ipv6"]) = (json!("subnet-six"), Value::Null, json!(["2001:db8:0:1::/64"]));
        own.as_object_mut().unwrap().remove("cidr");
        rows(world, "/vpc/subnets").push(own);
    }),
    ("nodes in subnets of IPv6 alone", |world| {
        for (at, one) in rows(world, "/vpc/subnets").iter_mut().enumerate() {
            one.as_object_mut().unwrap().remove("cidr");
            one["ipv6"] = json!([format!("2001:db8:0:{at:x}::/64")]);
        }
        cluster(world)["ipFamily"] = json!("ipv6");
    }),
    ("several ranges, one that failed", |world| {
        let cidrs = json!([{"cidr": "10.0.0.0/16", "state": "associated"}, {"cidr": "100.64.0.0/16", "state": "associated"},
            {"cidr": "10.7.0.0/24", "state": "associated"}, {"cidr": "10.8.0.0/16", "state": "failing"}, {"cidr": "10.9.0.0/16", "state": "disassociated"}]);
        world["vpc"]["vpc"]["read"]["cidrs"] = cidrs;
    }),
    ("no cluster", without_cluster),
    ("no cluster and no subnet", |world| {
        without_cluster(world);
        rows(world, "/vpc/subnets").clear();
        rows(world, "/vpc/routeTables").clear();
    }),
    ("Auto Mode alone", |world| {
        without_groups(world);
        cluster(world)["autoMode"] = json!({"nodePools": ["general-purpose", "system"]});
        world["kubernetes"]["awsNode"] = json!({"read": null});
        rows(world, "/eks/addons").clear();
    }),
    ("Auto Mode beside node groups", |world| cluster(world)["autoMode"] = json!({"nodePools": ["system"]})),
    ("hybrid nodes", |world| {
        cluster(world)["remoteNetworks"] = json!({"nodes": ["192.168.0.0/16"], "pods": ["192.169.0.0/16"]});
    }),
    ("hybrid nodes in CGNAT ranges", |world| {
        cluster(world)["remoteNetworks"] = json!({"nodes": ["100.64.0.0/16"], "pods": ["100.65.0.0/16"]});
    }),
    ("nodes of Karpenter alone", |world| {
        rows(world, "/eks/nodeGroups").clear();
        rows(world, "/eks/instances").iter_mut().for_each(|one| one["tags"] = json!({"karpenter.sh/nodepool": "default"}));
    }),
    ("a node group in public subnets", |world| {
        rows(world, "/eks/nodeGroups")[0]["subnets"] = json!(["subnet-public0", "subnet-public1"]);
    }),
    ("a node group in public and private subnets", |world| {
        rows(world, "/eks/nodeGroups")[0]["subnets"] = json!(["subnet-public0", "subnet-nodes1"]);
    }),
    ("one subnet for everything", |world| {
        rows(world, "/eks/nodeGroups")[0]["subnets"] = json!(["subnet-cluster0", "subnet-cluster1"]);
        rows(world, "/eks/instances").iter_mut().for_each(|one| one["subnet"] = json!("subnet-cluster0"));
        rows(world, "/kubernetes/eniConfigs").iter_mut().for_each(|one| one["subnet"] = json!("subnet-cluster0"));
    }),
    ("ENIConfigs of other names", |world| {
        for (at, one) in rows(world, "/kubernetes/eniConfigs").iter_mut().enumerate() {
            one["name"] = json!(format!("pods-{at}"));
        }
    }),
    ("ENIConfigs of subnets that are gone", |world| {
        rows(world, "/kubernetes/eniConfigs").iter_mut().for_each(|one| one["subnet"] = json!("subnet-gone"));
    }),
    ("custom networking without an ENIConfig", |world| rows(world, "/kubernetes/eniConfigs").clear()),
    ("Kubernetes not read", |world| {
        let keys: Vec<String> = world["kubernetes"].as_object().unwrap().keys().cloned().collect();
        keys.iter().for_each(|part| silent(world, &format!("/kubernetes/{part}")));
    }),
    ("EKS not read but its cluster", |world| {
        for part in ["nodeGroups", "fargateProfiles", "addons", "accessEntries", "podIdentities", "instances", "instanceTypes"] {
            silent(world, &format!("/eks/{part}"));
        }
    }),
    ("endpoints, groups and interfaces not read", |world| {
        for part in ["endpoints", "securityGroups", "interfaces", "reservations", "natGateways", "networkAcls"] {
            silent(world, &format!("/vpc/{part}"));
        }
    }),
    ("a Local Zone", |world| {
        let mut own = rows(world, "/vpc/subnets")[0].clone();
        (own["id"], own["cidr"]) = (json!("subnet-local"), json!("10.0.99.0/24"));
        (own["zoneId"], own["zoneName"]) = (json!("euw1-lon1-az1"), json!("eu-west-1-lon-1a"));
        rows(world, "/vpc/subnets").push(own);
    }),
    ("nodes in a Local Zone", |world| {
        let mut own = rows(world, "/vpc/subnets")[1].clone();
        (own["id"], own["cidr"]) = (json!("subnet-nodesthere"), json!("10.0.98.0/24"));
        (own["zoneId"], own["zoneName"]) = (json!("euw1-lon1-az1"), json!("eu-west-1-lon-1a"));
        rows(world, "/vpc/subnets").push(own);
        rows(world, "/eks/nodeGroups")[0]["subnets"].as_array_mut().unwrap().push(json!("subnet-nodesthere"));
    }),
    ("one zone", |world| {
        rows(world, "/vpc/subnets").retain(|one| one["zoneName"] == "eu-west-1a");
        rows(world, "/eks/nodeGroups")[0]["subnets"] = json!(["subnet-nodes0"]);
        cluster(world)["subnets"] = json!(["subnet-cluster0"]);
    }),
    ("a main table for all", |world| {
        let routes = rows(world, "/vpc/routeTables")[1]["routes"].clone();
        *rows(world, "/vpc/routeTables") = vec![json!({"id": "rtb-main", "main": true, "routes": routes})];
    }),
    ("a main table without a route", |world| {
        *rows(world, "/vpc/routeTables") = vec![json!({"id": "rtb-main", "main": true, "routes": [{"destination": "10.0.0.0/16", "target": "local"}]})];
    }),
    ("no route table at all", |world| rows(world, "/vpc/routeTables").clear()),
    ("a service range inside the VPC", |world| cluster(world)["serviceCidr"] = json!("10.0.128.0/20")),
    ("an old cluster with aws-auth", |world| {
        (cluster(world)["version"], cluster(world)["authenticationMode"]) = (json!("1.24"), json!("CONFIG_MAP"));
    }),
    ("a cluster that is being made", |world| {
        cluster(world)["status"] = json!("CREATING");
        cluster(world)["clusterSecurityGroup"] = Value::Null;
        cluster(world).as_object_mut().unwrap().remove("clusterSecurityGroup");
    }),
    ("a cluster with a name of capitals", |world| {
        (cluster(world)["name"], world["header"]["cluster"]) = (json!("Prod_EU-1"), json!("Prod_EU-1"));
    }),
    ("instance types that are not known", |world| {
        rows(world, "/eks/nodeGroups")[0]["instanceTypes"] = json!(["z9z.24xlarge"]);
        rows(world, "/eks/instances").iter_mut().for_each(|one| one["instanceType"] = json!("z9z.24xlarge"));
    }),
    ("Windows nodes", |world| rows(world, "/eks/nodeGroups")[0]["amiType"] = json!("WINDOWS_CORE_2022_x86_64")),
    ("security groups for pods", |world| {
        world.pointer_mut("/kubernetes/awsNode/read/containers/0/env").unwrap()["ENABLE_POD_ENI"] = json!("true");
    }),
    ("variables that nobody knows", |world| {
        world.pointer_mut("/kubernetes/awsNode/read/containers/0/env").unwrap()["AWS_VPC_K8S_CNI_OF_TOMORROW"] = json!("yes: [");
    }),
    ("a /16 that is one subnet", |world| {
        all_subnets(world, "cidr", &json!("10.0.0.0/16"));
        rows(world, "/vpc/subnets").truncate(1);
    }),
    ("forty subnets a zone", |world| {
        let own = rows(world, "/vpc/subnets")[1].clone();
        for at in 0..40 {
            let mut more = own.clone();
            (more["id"], more["cidr"]) = (json!(format!("subnet-more{at}")), json!(format!("10.0.{}.0/24", 100 + at)));
            rows(world, "/eks/nodeGroups")[0]["subnets"].as_array_mut().unwrap().push(more["id"].clone());
            rows(world, "/vpc/subnets").push(more);
        }
    }),
];

#[test]
fn every_awkward_world_has_a_blueprint_that_names_it() {
    let worlds = AWKWARD.iter().map(|(name, edit)| {
        let mut world = doctor::healthy();
        edit(&mut world);
        (name.to_string(), with_ids(&world))
    });
    let wrong = refused(worlds);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Two at once, as they come.
#[test]
fn every_two_awkward_things_together_have_a_blueprint_too() {
    let mut wrong = Vec::new();
    for (at, (first, one)) in AWKWARD.iter().enumerate() {
        for (second, other) in &AWKWARD[at + 1..] {
            let tried = std::panic::catch_unwind(|| {
                let mut world = doctor::healthy();
                one(&mut world);
                other(&mut world);
                with_ids(&world)
            });
            // Some leave nothing for the other to change.
            let Ok(survey) = tried else { continue };
            let (errors, text) = match errors(&survey) {
                Ok(found) => found,
                // What is not there and what nobody shares has no name.
                Err(why) if why.contains("shares no IPv4 subnet") => continue,
                Err(why) => {
                    wrong.push(format!("{first} and {second}: no blueprint: {why}"));
                    continue;
                }
            };
            if !errors.is_empty() {
                let said: Vec<&str> = errors.iter().map(|one| one.message.as_str()).collect();
                wrong.push(format!("{first} and {second}: {:?} {said:?}\n{text}", ids(&errors)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong.join("\n"));
}
