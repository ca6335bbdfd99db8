//! The binary over a saved survey: what a lock remembers, what a pipeline stops at, and what a page shows of what exists.

use std::path::Path;

use eksnet::observed::survey::{AutoMode, Instance, Survey};
use eksnet::survey::document;

use crate::existing::{TEXT, exhausted, found, ids};
use crate::held::list;
use crate::support::{Run, run};

fn put(folder: &Path, name: &str, survey: &Survey) {
    std::fs::write(folder.join(name), document::write(survey)).unwrap();
}

fn ran(folder: &Path, words: &str) -> Run {
    let words: Vec<&str> = words.split_whitespace().collect();
    run(folder, &words, &[])
}

fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("b.yaml"), text).unwrap();
    put(folder.path(), "s.json", &exhausted());
    folder
}

/// The VPC with one more subnet of others.
pub fn grown() -> Survey {
    let mut survey = exhausted();
    let mut more = list(&mut survey.vpc.subnets)[0].clone();
    more.id = "subnet-0ccccccccccccccc1".into();
    more.cidr = Some("10.0.128.0/20".parse().unwrap());
    more.tags.clear();
    list(&mut survey.vpc.subnets).push(more);
    survey
}

#[test]
fn locked_fails_where_the_survey_has_news() {
    let folder = folder(TEXT);
    let path = folder.path();
    let first = ran(path, "layout b.yaml --survey s.json --write-lock");
    assert_eq!(first.code, 0, "{}", first.err);
    let same = ran(path, "layout b.yaml --survey s.json --locked");
    assert_eq!(same.code, 0, "{}", same.err);
    put(path, "news.json", &grown());
    let news = ran(path, "layout b.yaml --survey news.json --locked");
    assert_eq!(news.code, 1, "{}{}", news.out, news.err);
    // Without a survey the lock's memory serves.
    assert_eq!(ran(path, "layout b.yaml --locked").code, 0);
}

#[test]
fn a_pipeline_stops_where_nodes_of_a_cluster_of_others_must_be_replaced() {
    let words = "diff b.yaml --against nothing --survey s.json --fail-on nodes";
    let custom = folder(TEXT);
    let stopped = ran(custom.path(), words);
    assert_eq!(stopped.code, 1, "{}{}", stopped.out, stopped.err);
    let text = TEXT
        .replace("prefixDelegation: false, customNetworking: { tier: pods }", "warm: { ips: 2 }")
        .replace("serves: [pods]", "serves: []");
    let warm = folder(&text);
    let passed = ran(warm.path(), words);
    assert_eq!(passed.code, 0, "{}{}", passed.out, passed.err);
}

/// Groups with their owner, and who belongs to none, each with the way to replace it.
#[test]
fn nodes_of_others_that_keep_former_settings_are_named() {
    let mut survey = exhausted();
    let node = |id: &str, tags: &[(&str, &str)]| Instance {
        id: id.into(),
        instance_type: "m6i.xlarge".into(),
        subnet: "subnet-00000000000000000".into(),
        tags: tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        ..Instance::default()
    };
    *list(&mut survey.eks.instances) = vec![
        node("i-1", &[("eks:nodegroup-name", "general")]),
        node("i-2", &[("eks:nodegroup-name", "general")]),
        node("i-3", &[("karpenter.sh/nodepool", "spot")]),
        node("i-4", &[("aws:autoscaling:groupName", "legacy")]),
        node("i-5", &[]),
    ];
    let words = "diff b.yaml --against nothing --survey s.json";
    let custom = folder(TEXT);
    put(custom.path(), "s.json", &survey);
    let told = ran(custom.path(), words).out.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "node group general (2 nodes, created by Terraform)",
        "kubectl drain -l eks.amazonaws.com/nodegroup=general",
        "kubectl delete nodeclaims -l karpenter.sh/nodepool=spot",
        "aws autoscaling start-instance-refresh --auto-scaling-group-name legacy",
        "1 node of no group in prod: i-5",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let text = TEXT
        .replace("prefixDelegation: false, customNetworking: { tier: pods }", "warm: { ips: 2 }")
        .replace("serves: [pods]", "serves: []");
    let warm = folder(&text);
    put(warm.path(), "s.json", &survey);
    let told = ran(warm.path(), words).out;
    assert!(!told.contains("former settings"), "running nodes read warm targets: {told}");
}

/// Only a lock that is written remembers what a survey told.
#[test]
fn the_command_that_comes_next_knows_what_this_one_knew() {
    let folder = folder(TEXT);
    let path = folder.path();
    let fresh = ran(path, "layout b.yaml --survey s.json");
    assert!(fresh.err.contains("eksnet diff b.yaml --survey s.json"), "{}", fresh.err);
    let checked = ran(path, "check b.yaml --survey s.json");
    assert!(checked.err.contains("eksnet layout b.yaml --survey s.json"), "{}", checked.err);
}

#[test]
fn a_page_says_which_subnets_exist_and_what_is_held_in_them() {
    let folder = folder(TEXT);
    let wrote = ran(folder.path(), "report b.yaml --survey s.json --out b.html");
    assert_eq!(wrote.code, 0, "{}", wrote.err);
    let page = std::fs::read_to_string(folder.path().join("b.html")).unwrap();
    for words in [
        "exists: <code class=\"id\">subnet-00000000000000000</code>",
        "not free: 91 addresses are held",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let all = ran(folder.path(), "layout b.yaml --survey s.json --all");
    assert!(all.out.contains("not free: 91"), "{}", all.out);
}

/// Beside node groups Auto Mode is half of the truth; alone it is all of it.
#[test]
fn nodes_of_auto_mode_read_no_eni_config() {
    let mut survey = exhausted();
    let eksnet::observed::Part::Read(Some(cluster)) = &mut survey.eks.cluster else { panic!() };
    cluster.auto_mode = Some(AutoMode::default());
    let told = ids(&found(TEXT, &survey));
    assert!(told.contains(&"AUTO-08") && !told.contains(&"EXI-22"), "{told:?}");
    list(&mut survey.eks.node_groups).clear();
    let text =
        TEXT.lines().filter(|line| !line.starts_with("nodeGroups")).collect::<Vec<_>>().join("\n");
    let told = ids(&found(&text, &survey));
    assert!(told.contains(&"EXI-22") && !told.contains(&"AUTO-08"), "{told:?}");
}
