//! What a command does with AWS, from the blueprint's file to the last word, against doubles: what is told, called and written.

use std::cell::RefCell;
use std::path::PathBuf;

use eksnet::deploy::status::Wanted as Drift;
use eksnet::deploy::{Event, Options, Reply};
use eksnet::line::Stopped;
use eksnet::opened::{self, Asked, Opened};
use eksnet::session::{Agreed, Consent, End, Ended, Locking, Session, Told, Wanted};

use crate::doubles::{Paused, Script, ready};
use crate::stage::{Answers, added, at, block_on, creation, options};

const NETWORK: &str = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: eu-west-1 }\nzones: 2\n";

/// Which zones the account has is nobody's business here.
fn unread_zones(script: Script<'_>) -> Script<'_> {
    script.refusing("zones", "UnauthorizedOperation", "no")
}

/// A folder with a blueprint, an account, and what is told.
struct Play<'p> {
    folder: tempfile::TempDir,
    script: Script<'p>,
    answers: Answers,
    told: RefCell<Vec<String>>,
}

impl<'p> Play<'p> {
    fn new(text: &str, script: Script<'p>, replies: &[Reply]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("shop.yaml"), text).unwrap();
        let (answers, told) = (Answers::with(replies), RefCell::default());
        Self { folder, script, answers, told }
    }

    fn file(&self) -> String {
        self.folder.path().join("shop.yaml").display().to_string()
    }

    fn lock(&self) -> PathBuf {
        self.folder.path().join("shop.lock.yaml")
    }

    fn opened(&self) -> Opened {
        opened::open(&self.file(), &Asked::default())
            .unwrap_or_else(|_| panic!("it is a blueprint"))
    }

    fn run<T>(&self, work: impl AsyncFnOnce(&Session<'_, Script<'p>, Paused, Answers>) -> T) -> T {
        let tell = |told: Told<'_>| {
            let word = match told {
                Told::Event(Event::Deployed { .. }) => "deployed".to_string(),
                Told::Event(_) | Told::Over => return,
                Told::Note(note) => eksnet::report::session::human(&note),
                Told::Compiled(_) => "compiled".to_string(),
                Told::Warnings(..) => return,
                Told::Preview(..) => "preview".to_string(),
                Told::Ended(Ended::NoChange) => "no change".to_string(),
                Told::Ended(Ended::Outcome { outcome, .. }) => {
                    eksnet::report::progress::word(outcome).to_string()
                }
            };
            self.told.borrow_mut().push(word);
        };
        let session = Session {
            world: &self.script,
            clock: self.script.clock,
            decide: &self.answers,
            tell: &tell,
            now: &|| "2026-11-29T00:00:00Z".to_string(),
            asked: Asked::default(),
        };
        block_on(work(&session))
    }

    fn deploy(&self, locking: Locking) -> Result<End, Stopped> {
        let (file, options) = (self.file(), options());
        let wanted = Wanted { file: &file, options: &options, locking, consent: Consent::Asked };
        let opened = self.opened();
        self.run(async |session| session.deploy(opened, &wanted).await)
    }

    fn position(&self, word: &str) -> usize {
        let told = self.told.borrow();
        told.iter().position(|one| one.contains(word)).unwrap_or_else(|| panic!("{word}: {told:?}"))
    }
}

fn failure(stopped: Stopped) -> String {
    match stopped {
        Stopped::Failure(failure) => failure.chain(),
        Stopped::Findings(_, findings) => {
            findings.iter().map(|one| one.rule.to_string()).collect::<Vec<_>>().join(" ")
        }
    }
}

#[test]
fn a_first_deployment_writes_the_lock_before_it_shows_and_says_how_it_ended() {
    let clock = Paused::default();
    let script = unread_zones(Script::new(&clock, creation()).answering(ready(vec![added()])));
    let play = Play::new(NETWORK, script, &[Reply::Yes]);
    let end = play.deploy(Locking::Written).unwrap_or_else(|why| panic!("{}", failure(why)));
    assert_eq!(end, End::Done);
    assert_eq!(play.script.count("execute"), 1);
    let order =
        ["compiled", "written", "preview", "deployed", "done"].map(|one| play.position(one));
    assert!(order.is_sorted(), "{:?}", play.told);
    assert!(play.lock().exists());
}

#[test]
fn a_lock_that_would_change_stops_before_a_change_set() {
    let clock = Paused::default();
    let play = Play::new(NETWORK, unread_zones(Script::new(&clock, creation())), &[]);
    let why = failure(play.deploy(Locking::Held).err().unwrap());
    assert!(why.contains("lock") && why.contains("is missing"), "{why}");
    assert_eq!(play.script.count("create_change_set"), 0);
    assert!(!play.lock().exists());
}

#[test]
fn a_blueprint_that_is_wrong_is_told_before_anything_is_made() {
    let clock = Paused::default();
    let text = format!("{NETWORK}vpc: {{ cidr: 10.0.0.0/8 }}\n");
    let play = Play::new(&text, Script::new(&clock, creation()), &[]);
    let why = failure(play.deploy(Locking::Written).err().unwrap());
    assert!(why.contains("VPC-"), "{why}");
    assert_eq!(play.script.count("create_change_set"), 0);
    assert!(!play.lock().exists());
}

#[test]
fn a_no_leaves_the_lock_and_no_change_set() {
    let clock = Paused::default();
    let script = unread_zones(Script::new(&clock, creation()).answering(ready(vec![added()])));
    let play = Play::new(NETWORK, script, &[Reply::No]);
    assert_eq!(play.deploy(Locking::Written).ok(), Some(End::Failed));
    assert_eq!(play.script.count("execute"), 0);
    play.position("nothing was changed");
}

#[test]
fn what_does_not_exist_has_no_status_and_is_not_deleted() {
    let clock = Paused::default();
    let play = Play::new(NETWORK, Script::new(&clock, vec![at(900, "CREATE_COMPLETE", &[])]), &[]);
    let opened = play.opened();
    let read = play.run(async |session| session.status(opened, Drift::Left).await);
    assert!(failure(read.err().unwrap()).contains("does not exist"));
    let (opened, agreed) = (play.opened(), Agreed::default());
    let end = play.run(async |session| session.destroy(&opened, &agreed).await);
    assert_eq!(end.ok(), Some(End::Unchanged));
    play.position("no change");
    assert_eq!(play.script.count("delete"), 0);
}

#[test]
fn an_update_that_is_not_under_way_cannot_be_canceled() {
    let clock = Paused::default();
    let play = Play::new(NETWORK, Script::new(&clock, vec![at(0, "UPDATE_COMPLETE", &[])]), &[]);
    let options: Options = options();
    let end = play.run(async |session| session.cancel("eksnet-shop", &options).await);
    assert!(failure(end.err().unwrap()).contains("no update is under way"));
}
