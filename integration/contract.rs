//! What users rely on, said in their words: nothing of theirs is overwritten, everything is found at once, the stack knows what the lock
//! knows, and what was chosen is said with its reason.

use eksnet::ledger::{Ledger, acl_rules};
use eksnet::line::{self, Compiled, Request};
use eksnet::lockfile::Lock;
use eksnet::observed::survey::{Header, Subnet};
use eksnet::observed::{Part, Survey};
use eksnet::report::page::{self, Plan, Sheet};
use serde_json::Value;

use crate::support::{CLEAN, Run, blueprints, build, document, findings, run};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    folder
}

fn ran(folder: &tempfile::TempDir, words: &str) -> Run {
    run(folder.path(), &words.split(' ').collect::<Vec<_>>(), &[])
}

fn rules(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.rule.id).collect()
}

fn with(lines: &str) -> String {
    format!("{CLEAN}{lines}\n")
}

/// A page, a map, a plan and a survey are never what people wrote.
#[test]
fn a_report_is_never_saved_over_a_blueprint_or_a_lock() {
    let lock = build(CLEAN).plan.ledger.to_text();
    let folder = folder(&[("a.yaml", CLEAN), ("a.lock.yaml", &lock), ("other.yaml", CLEAN)]);
    let read = |file: &str| std::fs::read_to_string(folder.path().join(file)).unwrap();
    for words in [
        "report a.yaml -o svg --out a.yaml",
        "report a.yaml -o svg --out other.yaml",
        "report a.yaml -o json --out a.lock.yaml",
        "diff a.yaml --save a.yaml",
    ] {
        let told = ran(&folder, words);
        assert_eq!(told.code, 1, "{words}");
        assert!(told.err.contains("would be overwritten"), "{words}: {}", told.err);
        assert_eq!(
            (read("a.yaml").as_str(), read("a.lock.yaml")),
            (CLEAN, lock.clone()),
            "{words}"
        );
        assert_eq!(read("other.yaml"), CLEAN, "{words}");
    }
    let told = ran(&folder, "report other.yaml -o svg --out other.lock.yaml");
    assert!(told.code == 1 && told.err.contains("as its lock"), "{}", told.err);
    assert!(!folder.path().join("other.lock.yaml").exists());
    for _ in 0..2 {
        assert_eq!(ran(&folder, "report a.yaml --out a.html").code, 0, "its own page is");
    }
}

#[test]
fn a_report_in_json_says_in_json_where_it_is() {
    let folder = folder(&[("a.yaml", CLEAN)]);
    let told = ran(&folder, "report a.yaml -o json --out a.json");
    assert_eq!(told.json()["file"], "a.json");
    assert!(folder.path().join("a.json").exists());
}

/// Addresses that are free now, of the subnets that the survey has.
#[test]
fn a_report_over_a_survey_shows_what_is_free_now() {
    let mut compiled = build(CLEAN);
    let subnet = compiled.plan.subnets[0].clone();
    let live = Subnet {
        id: "subnet-1".into(),
        cidr: Some(subnet.cidr),
        zone_id: subnet.zone.id.clone(),
        available: 4_711,
        ..Subnet::default()
    };
    let mut survey =
        Survey::new(Header { read: "2026-11-28T08:00:00Z".into(), ..Header::default() });
    survey.vpc.subnets = Part::Read(vec![live]);
    fn page(compiled: &Compiled) -> String {
        page::html(&[Sheet::Plan(Plan { compiled, lock: "lock none", preview: None })])
    }
    assert!(!page(&compiled).contains("free now"));
    compiled.observed.survey = Some(Box::new(survey));
    let shown = page(&compiled);
    assert_eq!(shown.matches("free now").count(), 1);
    assert!(shown.contains("4,711 free now") && shown.contains("read on 2026-11-28"));
    let folder = folder(&[("a.yaml", CLEAN)]);
    assert!(ran(&folder, "report a.yaml --online").err.contains("AWS") || cfg!(feature = "aws"));
}

/// In whatever style the name is written, and of blueprints only.
#[test]
fn a_blueprint_is_started_from_another_in_any_style() {
    let block = CLEAN.replace("  name: shop\n", "  name: shop # ours\n");
    let flow = CLEAN.replace(
        "metadata:\n  name: shop\n  region: eu-west-1\n",
        "metadata: { region: eu-west-1, name: \"shop\" }\n",
    );
    let json = serde_json::to_string(&serde_yaml::from_str::<Value>(CLEAN).unwrap()).unwrap();
    let folder = folder(&[("block.yml", &block), ("flow.yml", &flow), ("json.yml", &json)]);
    for from in ["block", "flow", "json"] {
        let told = ran(&folder, &format!("init {from}net --from {from}.yml --region eu-north-1"));
        assert_eq!(told.code, 0, "{from}: {}", told.err);
        let text = std::fs::read_to_string(folder.path().join(format!("{from}net.yaml"))).unwrap();
        let metadata = document(&text).blueprint.metadata;
        assert_eq!(metadata.name, format!("{from}net"), "{text}");
        assert_eq!(metadata.region, "eu-north-1", "{text}");
    }
    std::fs::write(folder.path().join("notes.yml"), "shopping: list\n").unwrap();
    let told = ran(&folder, "init net --from notes.yml");
    assert_eq!(told.code, 1);
    assert!(!folder.path().join("net.yaml").exists());
}

#[test]
fn init_and_check_accept_the_same_names() {
    let folder = folder(&[]);
    for (name, fits) in
        [("1a".to_string(), true), ("a".repeat(100), true), ("a".repeat(101), false)]
    {
        let told = ran(&folder, &format!("init {name}"));
        assert_eq!(told.code == 0, fits, "{name}: {}", told.err);
        let text = CLEAN.replace("name: shop", &format!("name: {name}"));
        assert_eq!(!rules(&text).contains(&"CLU-09"), fits, "{name}");
    }
}

/// They depend on no blueprint, however many there are.
#[test]
fn rights_of_survey_and_doctor_need_no_blueprint() {
    for files in [&[][..], &[("a.yaml", CLEAN), ("b.yaml", CLEAN)]] {
        let folder = folder(files);
        for what in ["survey", "doctor"] {
            let told = ran(&folder, &format!("iam {what}"));
            assert_eq!(told.code, 0, "{what}: {}", told.err);
            assert!(told.json()["Statement"].is_array(), "{what}");
        }
        assert_eq!(ran(&folder, "iam deploy").code, 64);
    }
}

#[test]
fn a_stream_without_aws_ends_with_an_outcome_too() {
    if cfg!(feature = "aws") {
        return;
    }
    let folder = folder(&[("a.yaml", CLEAN)]);
    for command in ["deploy", "destroy"] {
        let told = ran(&folder, &format!("{command} a.yaml -o json"));
        let last: Value = serde_json::from_str(told.out.lines().last().unwrap()).unwrap();
        assert_eq!((&last["event"], &last["outcome"]), (&"outcome".into(), &"failed".into()));
        assert!(last["next"].is_string() && last["elapsedSeconds"].is_u64(), "{last}");
        assert_eq!(told.code, 1);
    }
}

/// A range or a Region that is refused hides nothing else.
#[test]
fn everything_is_found_behind_a_range_that_is_refused() {
    let wrong = CLEAN
        .replace("zones: 2", "zones: 9")
        .replace("instanceTypes: [m6i.large]", "instanceTypes: [foo.large]")
        .replace("cluster:\n", "cluster:\n  version: \"9.9\"\n");
    let others = rules(&wrong);
    assert!(3 <= others.len(), "{others:?}");
    for (from, to, rule) in [
        ("cidr: 10.40.0.0/16", "cidr: 10.40.0.1/16", "VPC-02"),
        ("cidr: 10.40.0.0/16", "cidr: 10.40.0.0.0", "NET-01"),
        ("cidr: 10.40.0.0/16", "cdir: 1", "BP-01"),
        ("region: eu-west-1", "region: eu-wst-1", "REG-01"),
    ] {
        let found = rules(&wrong.replace(from, to));
        assert!(found.contains(&rule), "{to}: {found:?}");
        assert!(others.iter().all(|other| found.contains(other)), "{to}: {found:?} of {others:?}");
        let alone = rules(&CLEAN.replace(from, to));
        assert_eq!(alone, [rule], "{to}: nothing follows from it");
    }
}

/// Every word that is an id is held against its form: 8 or 17 hexadecimal digits.
#[test]
fn an_id_of_another_form_is_an_error_at_its_place() {
    let group = |words: &str| ("tier: nodes,", format!("tier: nodes, {words},"));
    let top = |words: &str| ("zones: 2", format!("zones: 2\n{words}"));
    let vpc = |words: &str| ("cidr: 10.40.0.0/16", words.to_string());
    let cluster = |words: &str| ("cluster:\n", format!("cluster:\n  {words}\n"));
    for ((from, to), id) in [
        (top("egress: { transitGateway: { id: tgw-1, destinations: [10.99.0.0/16] } }"), "tgw-1"),
        (
            top(
                "egress: { transitGateway: { id: tgw-01234567, routeTable: tgw-rtb-1, destinations: [10.99.0.0/16] } }",
            ),
            "tgw-rtb-1",
        ),
        (top("egress: { vpnGateway: { id: vgw-1 } }"), "vgw-1"),
        (top("egress: { nat: { single: { elasticIps: [eipalloc-1] } } }"), "eipalloc-1"),
        (vpc("cidr: { ipamPool: ipam-pool-1, netmask: 16 }"), "ipam-pool-1"),
        (vpc("cidr: 10.40.0.0/16\n  ipv6: { ipamPool: ipam-pool-1, netmask: 56 }"), "ipam-pool-1"),
        (
            vpc("cidr: 10.40.0.0/16\n  ipv6: { pool: ipv6pool-ec2-1, cidr: \"2600:1f00::/56\" }"),
            "ipv6pool-ec2-1",
        ),
        (group("ami: { id: ami-1, type: AL2023_x86_64_STANDARD }"), "ami-1"),
        (group("capacity: { reservation: cr-1 }"), "cr-1"),
        (group("securityGroups: [sg-1]"), "sg-1"),
        (cluster("securityGroups: [sg-1]"), "sg-1"),
        (
            (
                "size: /20, egress: nat,",
                "size: /20, egress: nat, routes: [{ to: 10.99.0.0/16, via: pcx-1 }],".into(),
            ),
            "pcx-1",
        ),
        (vpc("id: vpc-1"), "vpc-1"),
    ] {
        let text = CLEAN.replacen(from, &to, 1);
        assert_ne!(text, CLEAN, "{id}");
        let found = crate::support::findings(&text);
        let own = found.iter().filter(|one| one.is_error() && one.message.contains(id));
        let place = own.filter_map(|one| one.at.clone()).next();
        let place = place.unwrap_or_else(|| panic!("{id}: {found:#?}"));
        let line = text[..place.start].matches('\n').count();
        assert!(text.lines().nth(line).unwrap().contains(id), "{id}");
    }
}

/// Programs get every finding; people the first hundred.
#[test]
fn json_and_sarif_have_every_finding() {
    let routes: Vec<String> =
        (0..150).map(|at| format!("{{ to: 10.99.{at}.0/24, via: office }}")).collect();
    let text = CLEAN.replace(
        "serves: [controlPlane] }",
        &format!("serves: [controlPlane], routes: [{}] }}", routes.join(", ")),
    );
    let folder = folder(&[("a.yaml", &text)]);
    let found = ran(&folder, "check a.yaml -o json").json();
    assert_eq!(found["findings"].as_array().unwrap().len(), 150);
    let sarif = ran(&folder, "check a.yaml -o sarif").json();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 150);
    assert!(ran(&folder, "check a.yaml").out.contains("and 50 more findings"));
}

#[test]
fn layout_and_render_say_what_was_chosen_and_why() {
    let folder = folder(&[("a.yaml", CLEAN)]);
    let layout = ran(&folder, "layout a.yaml").err;
    let render = ran(&folder, "render a.yaml");
    for words in ["cluster.serviceCidr 172.20.0.0/16", "private, and outside of the VPC"] {
        assert!(layout.contains(words), "{layout}");
        assert!(render.err.contains(words), "{}", render.err);
    }
    assert!(!render.out.contains("private, and outside"), "data is the template alone");
}

/// Whoever has lost the lock has the stack.
#[test]
fn the_stack_holds_what_the_lock_holds() {
    for (name, path) in blueprints() {
        let compiled = build(&std::fs::read_to_string(path).unwrap());
        let lock = Ledger::from_text(&compiled.plan.ledger.to_text(), "x").unwrap();
        let own = &compiled.template.value["Metadata"]["Eksnet"]["Ledger"];
        let mut own = eksnet::ledger::read(own).unwrap();
        // Each rule stands in the template with its number.
        assert!(own.kept.acl_rules.is_empty(), "{name}: told twice");
        own.kept.acl_rules = acl_rules::of(&compiled.template);
        assert_eq!(own, lock.settled(), "{name}");
    }
}

fn locked(text: &str) -> Ledger {
    build(text).plan.ledger
}

#[test]
fn a_cluster_keeps_the_service_range_of_its_lock() {
    let over = |text: &str, ledger: &Ledger| {
        let request = Request { ledger: ledger.clone(), ..Request::new(document(text)) };
        match line::compile(request) {
            Ok(_) => Vec::new(),
            Err(line::Stopped::Findings(_, found)) => {
                found.iter().map(|one| one.rule.id).collect::<Vec<_>>()
            }
            Err(line::Stopped::Failure(failure)) => panic!("{}", failure.chain()),
        }
    };
    let written =
        |range: &str| CLEAN.replace("cluster:\n", &format!("cluster:\n  serviceCidr: {range}\n"));
    let ledger = locked(CLEAN);
    assert_eq!(over(CLEAN, &ledger), [] as [&str; 0]);
    assert_eq!(over(&written("172.20.0.0/16"), &ledger), [] as [&str; 0]);
    assert_eq!(over(&written("192.168.0.0/20"), &ledger), ["SVC-05"]);
}

/// What `--write-lock` would change of the choices, `--locked` refuses.
#[test]
fn a_locked_command_refuses_another_kubernetes_version() {
    let version =
        |one: &str| CLEAN.replace("cluster:\n", &format!("cluster:\n  version: \"{one}\"\n"));
    let folder = folder(&[("a.yaml", &version("1.34"))]);
    assert_eq!(ran(&folder, "layout a.yaml --write-lock").code, 0);
    assert_eq!(ran(&folder, "layout a.yaml --locked").code, 0);
    std::fs::write(folder.path().join("a.yaml"), version("1.35")).unwrap();
    let told = ran(&folder, "layout a.yaml --locked");
    assert_eq!(told.code, 1, "{}", told.out);
    assert!(told.err.contains("would change"), "{}", told.err);
    assert!(!ran(&folder, "layout a.yaml").out.contains("unchanged"));
    assert_eq!(ran(&folder, "layout a.yaml --write-lock").code, 0);
    assert_eq!(ran(&folder, "layout a.yaml --locked").code, 0);
    let file = folder.path().join("a.yaml");
    let lock = Lock::beside(&file.to_string_lossy(), "shop", "eu-west-1").unwrap();
    let plan = build(&version("1.35")).plan;
    assert!(lock.due(&plan).is_none() && lock.hold(&plan).is_ok());
}

/// Names that differ in their separators alone; the first keeps the plain id, wherever it stands.
#[test]
fn service_accounts_alike_in_letters_have_ids_of_their_own() {
    let account = |name: &str| {
        format!(
            "{{ namespace: a, serviceAccount: {name}, policies: [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"] }}"
        )
    };
    let ids = |names: [&str; 2]| {
        let list = names.map(account).join(", ");
        let built = build(&with(&format!(
            "addons: [coredns, kube-proxy, eks-pod-identity-agent]\npodIdentities: [{list}]"
        )));
        let of = |(id, one): (&String, &Value)| {
            let own = &one["Properties"];
            (own["ServiceAccount"] != Value::Null && id.starts_with("PodIdentityB"))
                .then(|| (own["ServiceAccount"].as_str().unwrap().to_string(), id.clone()))
        };
        built.template.resources().filter_map(of).collect::<std::collections::BTreeMap<_, _>>()
    };
    let found = ids(["b.c", "b-c"]);
    assert_eq!(found, ids(["b-c", "b.c"]), "no position matters");
    assert_eq!(found["b-c"], "PodIdentityBCInA");
    assert!(found["b.c"].starts_with("PodIdentityBCInA") && found["b.c"] != found["b-c"]);
}

/// `metadata.tags` are on everything that takes tags; EKS refuses an update of an access entry of nodes, and a tag is one.
#[test]
fn tags_are_on_every_taggable_resource() {
    const UNTAGGED: [&str; 2] = ["AWS::EKS::AccessEntry", "AWS::KMS::Alias"];
    let entries = build(CLEAN).template;
    for (id, one) in entries.resources().filter(|(_, one)| one["Type"] == UNTAGGED[0]) {
        let of_nodes = one["Properties"]["Type"].is_string();
        assert_eq!(of_nodes, one["Properties"]["Tags"].is_null(), "{id}");
    }
    for (name, path) in blueprints() {
        let text = std::fs::read_to_string(path).unwrap();
        let built = build(&text);
        let tagged: std::collections::BTreeSet<&str> = built
            .template
            .resources()
            .filter(|(_, one)| !one["Properties"]["Tags"].is_null())
            .filter_map(|(_, one)| one["Type"].as_str())
            .collect();
        for (id, one) in built.template.resources() {
            let kind = one["Type"].as_str().unwrap();
            let expected = tagged.contains(kind) || kind == "AWS::Events::Rule";
            let has = !one["Properties"]["Tags"].is_null();
            assert!(has || !expected || UNTAGGED.contains(&kind), "{name}: {id}");
        }
    }
}

/// A replacement would take an address away for good: what held it stays.
#[test]
fn addresses_outlive_a_replacement_and_go_with_the_stack() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        for (id, one) in built.template.resources() {
            let holds = match one["Type"].as_str().unwrap() {
                "AWS::EC2::VPC" | "AWS::EC2::EIP" => true,
                "AWS::EC2::VPCCidrBlock" => id.contains("Ipv6"),
                _ => continue,
            };
            let policies = (&one["DeletionPolicy"], &one["UpdateReplacePolicy"]);
            let guarded = policies == (&"Delete".into(), &"Retain".into());
            assert_eq!(guarded, holds, "{name}: {id}");
        }
    }
}

/// A count is as many zones as there are: those that exist.
#[test]
fn a_count_of_zones_moves_no_subnet() {
    let named = |zones: &str| CLEAN.replace("zones: 2", &format!("zones: {zones}"));
    let ledger = locked(&named("[euw1-az2, euw1-az3]"));
    let over = |zones: &str| {
        let mut ids: Vec<String> = crate::support::build_over(&named(zones), Some(&ledger))
            .plan
            .subnets
            .iter()
            .map(|subnet| subnet.zone.id.clone())
            .collect();
        ids.sort();
        ids.dedup();
        ids
    };
    assert_eq!(over("2"), ["euw1-az2", "euw1-az3"]);
    assert_eq!(over("3"), ["euw1-az1", "euw1-az2", "euw1-az3"]);
    let network = format!("{}zones: 2\n", &CLEAN[..CLEAN.find("zones:").unwrap()]);
    let lock = locked(&network.replace("zones: 2", "zones: [euw1-az2, euw1-az3]"));
    let same = crate::support::build_over(&network, Some(&lock)).plan.ledger;
    assert_eq!(same.subnets, lock.subnets);
}

#[test]
fn a_role_of_its_own_is_kept() {
    let own = CLEAN.replace("instanceTypes: [m6i.large]", "instanceTypes: [m6i.large], role: own");
    let ledger = locked(&own);
    assert_eq!(ledger.kept.node_groups["general"].role.as_deref(), Some("NodeRoleGeneral"));
    let folder = folder(&[("a.yaml", CLEAN), ("a.lock.yaml", &ledger.to_text())]);
    assert_eq!(ran(&folder, "layout a.yaml --locked").code, 1);
    std::fs::write(folder.path().join("a.yaml"), own).unwrap();
    assert_eq!(ran(&folder, "layout a.yaml --locked").code, 0);
}

#[test]
fn every_key_and_setting_is_explained_by_its_own_path() {
    let folder = folder(&[]);
    for line in ran(&folder, "explain keys").out.lines().filter(|line| line.contains('6')) {
        assert_eq!(ran(&folder, &format!("explain {line}")).code, 0, "{line}");
    }
    let told = ran(&folder, "explain awsNode.env.POD_MTU");
    assert!(told.code == 0 && told.out.contains("POD_MTU"), "{}", told.err);
}

#[test]
fn a_file_that_is_no_lock_is_named_so() {
    let folder = folder(&[("a.yaml", CLEAN), ("a.lock.yaml", "hello\n")]);
    let told = ran(&folder, "check a.yaml");
    assert!(told.err.contains("not a lock as eksnet writes it"), "{}", told.err);
}

/// The preview's figures and the pipeline's words.
#[test]
fn an_ipv6_block_is_no_secondary_range_and_allow_needs_a_gate() {
    let text = CLEAN.replace(
        "  cidr: 10.40.0.0/16\n",
        "  cidr: 10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]\n  ipv6: amazon\n",
    );
    let folder = folder(&[("a.yaml", &text)]);
    let diff = |more: &str| ran(&folder, &format!("diff a.yaml --against nothing{more}"));
    let counts = diff(" -o json").json()["network"]["secondaryCidrs"].clone();
    assert_eq!(counts, serde_json::json!({ "before": 0, "after": 1 }));
    assert_eq!(diff(" --exit-code --allow AWS::EKS::Nodegroup").code, 2);
    assert_eq!(diff(" --allow AWS::EKS::Nodegroup").code, 64);
}

/// Whether pods are given the tier, or it is made for them.
#[test]
fn pod_tiers_are_never_the_clusters() {
    let pods = |serves: &str, more: &str| {
        let tier =
            format!("tiers:\n  - {{ name: pods, size: /22, egress: nat, serves: {serves} }}\n");
        rules(&with(more).replace("tiers:\n", &tier)).contains(&"CLU-28")
    };
    let custom = "awsNode: { customNetworking: { tier: pods } }";
    assert!(pods("[pods, controlPlane]", custom));
    assert!(pods("[pods, controlPlane]", ""));
    assert!(pods("[pods, nodes, controlPlane]", custom));
    assert!(!pods("[pods]", custom) && !pods("[pods, nodes, controlPlane]", ""));
}
