//! What eksnet 0.1.0 deployed stays as it is: its locks, templates and ledgers are fixtures.

use std::path::{Path, PathBuf};

use eksnet::ledger::{self, Ledger};
use eksnet::line::{self, Compiled, Request};
use eksnet::lockfile::Lock;
use eksnet::observed::{self, LiveSubnet, Network, Observed, Part, Stack, Unread};
use eksnet::preview::{self, ChangeKind, Preview};
use eksnet::template::Template;

use crate::support::{document, root, run};

struct Fixture {
    name: String,
    folder: PathBuf,
}

fn fixtures() -> Vec<Fixture> {
    let folder = root().join("integration/fixtures/stacks-0.1.0");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<Fixture> = entries
        .map(|folder| Fixture {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            folder,
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(found.len(), 24);
    found
}

impl Fixture {
    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.join(file)).unwrap()
    }

    fn template(&self) -> Template {
        Template::parse(&self.read("template.json")).unwrap()
    }

    fn lock(&self) -> Ledger {
        Ledger::from_text(&self.read("b.lock.yaml"), "b.lock.yaml").unwrap()
    }

    /// This eksnet's line over the lock and the stack.
    fn compiled(&self) -> Compiled {
        let request = Request::new(document(&self.read("b.yaml")));
        let stack = Stack::of(&self.template()).deployed(&request.ledger.name).unwrap();
        let ledger = ledger::reconcile(&self.lock(), true, stack).unwrap().ledger;
        let observed = Observed::template(self.template());
        line::compile(Request { ledger, observed, ..request })
            .unwrap_or_else(|stopped| panic!("{}: {stopped:?}", self.name))
    }

    fn preview(&self) -> Preview {
        let line = self.compiled();
        preview::compare(&line.intent.stack(), &self.template(), &line.template, &line.graph)
    }
}

#[test]
fn its_stacks_are_neither_added_to_nor_replaced_nor_removed_from() {
    for fixture in fixtures() {
        let preview = fixture.preview();
        let moved: Vec<_> = preview
            .changes
            .iter()
            .filter(|change| change.change_kind() != ChangeKind::Modify)
            .map(|change| (&change.id, change.change_kind()))
            .collect();
        assert!(moved.is_empty(), "{}: {moved:?}", fixture.name);
    }
}

#[test]
fn its_locks_and_ledgers_are_read_alike_and_upgraded_without_a_prefix_moved() {
    for fixture in fixtures() {
        let lock = fixture.lock();
        let own = ledger::read(&fixture.template().value["Metadata"]["Eksnet"]["Ledger"]).unwrap();
        assert_eq!(lock, own, "{}", fixture.name);
        let upgraded = fixture.compiled().plan.ledger;
        assert_eq!(upgraded.subnets, lock.subnets, "{}", fixture.name);
        assert!(upgraded.says_the_same(&lock), "{}", fixture.name);
        let again = Ledger::from_text(&upgraded.to_text(), "b.lock.yaml").unwrap();
        assert_eq!(again, upgraded, "{}", fixture.name);
    }
}

/// Logical ids that eksnet would give otherwise now are in the lock: offline, the template is the one that is deployed.
#[test]
fn its_locks_once_upgraded_keep_the_logical_ids_without_the_stack() {
    let mut older = 0;
    for fixture in fixtures() {
        let deployed = fixture.compiled();
        let ids = |template: &Template| -> Vec<String> {
            template.resources().map(|(id, _)| id.clone()).collect()
        };
        let ledger = deployed.plan.ledger.clone();
        older += ledger.kept.logical_ids.len();
        let request = Request::new(document(&fixture.read("b.yaml")));
        let offline = line::compile(Request { ledger: ledger.clone(), ..request }).unwrap();
        assert_eq!(ids(&offline.template), ids(&deployed.template), "{}", fixture.name);
        assert_eq!(
            offline.plan.ledger.kept.logical_ids, ledger.kept.logical_ids,
            "{}",
            fixture.name
        );
    }
    assert!(0 < older);
}

/// CloudFormation calls an update complete even where it could not delete a subnet: its prefix is not given out before it is gone.
#[test]
fn a_subnet_that_was_left_behind_keeps_its_prefix() {
    let fixture = &fixtures()[20];
    let folder = copied(fixture);
    let mut lock = fixture.compiled().plan.ledger;
    let old = ledger::Entry {
        tier: "old".into(),
        cidr: "10.40.64.0/24".parse().unwrap(),
        ..lock.subnets[0].clone()
    };
    lock.removed.push(old.clone());
    std::fs::write(folder.path().join("b.lock.yaml"), lock.to_text()).unwrap();
    let file = folder.path().join("b.yaml");
    let lock = Lock::beside(&file.to_string_lossy(), &lock.name, &lock.region).unwrap();
    let removed = |network: Part<Option<Network>>| {
        let observed = Observed { network, ..Observed::template(fixture.template()) };
        lock.over(&observed).unwrap().ledger.removed
    };
    let subnet = LiveSubnet {
        id: "subnet-1".into(),
        cidr: old.cidr.to_string(),
        zone_id: old.zone.clone(),
        zone_name: "eu-west-1a".into(),
        free: 1,
    };
    let network = Network { subnets: vec![subnet], ..Network::default() };
    assert_eq!(removed(Part::Read(Some(network))), std::slice::from_ref(&old));
    assert_eq!(removed(Part::Read(Some(Network::default()))), []);
    let refused = Unread { action: observed::SUBNETS.into(), why: "AccessDenied".into() };
    let network = Network { unread: vec![refused.clone()], ..Network::default() };
    assert_eq!(removed(Part::Read(Some(network))), std::slice::from_ref(&old));
    assert_eq!(removed(Part::Unread(refused)), [old]);
    assert_eq!(removed(Part::Unasked), []);
}

#[test]
fn a_lock_touched_by_hand_is_refused_as_it_was() {
    for fixture in fixtures() {
        let text = fixture.read("b.lock.yaml").replacen("since: 1", "since: 2", 1);
        let refused = Ledger::from_text(&text, "b.lock.yaml").unwrap_err().chain();
        assert!(refused.contains("edited"), "{}: {refused}", fixture.name);
    }
}

fn copied(fixture: &Fixture) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["b.yaml", "b.lock.yaml", "template.json"] {
        std::fs::write(folder.path().join(file), fixture.read(file)).unwrap();
    }
    folder
}

#[test]
fn locked_commands_accept_its_locks_and_one_that_writes_upgrades_them() {
    let fixture = &fixtures()[20];
    let folder = copied(fixture);
    assert_eq!(run(folder.path(), &["layout", "--locked", "b.yaml"], &[]).code, 0);
    assert!(read(folder.path(), "b.lock.yaml").contains("schemaVersion: 1"));
    assert_eq!(run(folder.path(), &["layout", "--write-lock", "b.yaml"], &[]).code, 0);
    let upgraded = read(folder.path(), "b.lock.yaml");
    assert!(upgraded.contains("schemaVersion: 2") && upgraded.contains("\nkept:\n"), "{upgraded}");
    assert_eq!(run(folder.path(), &["layout", "--locked", "b.yaml"], &[]).code, 0);
    let before = upgraded;
    assert_eq!(run(folder.path(), &["layout", "--write-lock", "b.yaml"], &[]).code, 0);
    assert_eq!(read(folder.path(), "b.lock.yaml"), before);
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// The stack's ledger is what stands between a lost lock and a network that is made a second time.
#[test]
fn a_ledger_that_cannot_be_read_is_a_failure_and_none_is_read_from_the_subnets() {
    for fixture in fixtures() {
        let edited = |edit: &dyn Fn(&mut serde_json::Value)| {
            let mut template = fixture.template();
            edit(&mut template.value["Metadata"]["Eksnet"]);
            Stack::of(&template).deployed(&fixture.lock().name)
        };
        for version in [serde_json::json!(3), serde_json::json!("1"), serde_json::json!(null)] {
            let version = |eksnet: &mut serde_json::Value| {
                eksnet["Ledger"]["schemaVersion"] = version.clone();
            };
            assert!(edited(&version).is_err(), "{}", fixture.name);
        }
        assert!(edited(&|eksnet| eksnet["Ledger"]["later"] = true.into()).is_err());
        let ledger::Deployed::Ledger(read) =
            edited(&|eksnet| *eksnet = serde_json::json!({})).unwrap()
        else {
            panic!("{}: no ledger", fixture.name)
        };
        let places = |ledger: &Ledger| -> Vec<_> {
            let mut places: Vec<_> = ledger
                .subnets
                .iter()
                .map(|entry| (entry.tier.clone(), entry.cidr.to_string()))
                .collect();
            places.sort();
            places
        };
        assert_eq!(places(&read), places(&fixture.lock()), "{}", fixture.name);
    }
}

#[test]
fn a_lost_lock_and_a_ledger_of_a_later_eksnet_plan_nothing() {
    let fixture = &fixtures()[20];
    let folder = copied(fixture);
    std::fs::remove_file(folder.path().join("b.lock.yaml")).unwrap();
    let later =
        fixture.read("template.json").replacen("\"schemaVersion\":1", "\"schemaVersion\":7", 1);
    std::fs::write(folder.path().join("template.json"), later).unwrap();
    let told = run(folder.path(), &["diff", "--against", "template.json", "b.yaml"], &[]);
    assert_eq!(told.code, 1, "{}", told.err);
    assert!(told.err.contains("schema version 7"), "{}", told.err);
    assert!(!folder.path().join("b.lock.yaml").exists());
}
