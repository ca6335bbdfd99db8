//! The real binary in a pseudo-terminal and in a pipe: what people see while something runs.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use serde_json::{Value, json};

use crate::emulator::{self, Session};
use crate::project::{Project, compare, nothing_left};

const COLUMNS: u16 = 90;
const ROWS: u16 = 30;

/// A command in a terminal of its own.
struct Terminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// Everything that was written, as it came.
    raw: Vec<u8>,
}

impl Terminal {
    fn start(project: &Project, environment: &[(String, String)], arguments: &[&str]) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 })
            .unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_eksnet"));
        command.env_clear();
        command.cwd(project.path());
        command.args(arguments);
        let own = [
            ("PATH", "/usr/bin:/bin"),
            ("HOME", project.path().to_str().unwrap()),
            ("TERM", "xterm-256color"),
        ];
        own.iter().for_each(|(key, value)| command.env(key, value));
        environment.iter().for_each(|(key, value)| command.env(key, value));
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut part) {
                if send.send(part[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        Self {
            child,
            _master: pair.master,
            keyboard,
            output,
            screen: vt100::Parser::new(
                NonZero::new(ROWS).unwrap(),
                NonZero::new(COLUMNS).unwrap(),
                500,
            ),
            raw: Vec::new(),
        }
    }

    /// Takes in what was written, until the screen shows `word` or the command ends; the picture then.
    fn until(&mut self, word: &str) -> String {
        let started = Instant::now();
        loop {
            match self.output.recv_timeout(Duration::from_millis(200)) {
                Ok(part) => {
                    self.screen.process(&part);
                    self.raw.extend(part);
                }
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                    return self.screen.screen().contents();
                }
                Err(_) => assert!(
                    started.elapsed() < Duration::from_secs(120),
                    "never shown: {word}\n{}",
                    self.screen.screen().contents()
                ),
            }
            if !word.is_empty() && self.screen.screen().contents().contains(word) {
                return self.screen.screen().contents();
            }
        }
    }

    fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// What stands on the screen at the end, and the exit code.
    fn end(mut self) -> (String, u32, String) {
        let screen = self.until("");
        let code = self.child.wait().unwrap().exit_code();
        (screen, code, String::from_utf8_lossy(&self.raw).into_owned())
    }
}

fn dev() -> Project {
    Project::new("dev-single-nat")
}

fn slow(session: &Session) {
    session.faults(&json!({ "NatGatewayPublicEuw1Az1": { "on": "create", "delay": 3 }, "Cluster": { "on": "create", "delay": 2 } }));
}

/// Asked, answered, watched as a tree, and summed up; nothing flickers, nothing is left of the tree but its last picture.
#[test]
fn in_a_terminal_a_deployment_is_a_tree_that_ends_in_a_summary() {
    let Some(session) = emulator::start() else {
        return;
    };
    slow(&session);
    let project = dev();
    let mut terminal = Terminal::start(&project, &session.environment(), &["deploy", "shop.yaml"]);
    let asked = terminal.until("deploy this to stack eksnet-dev? [y/N]");
    assert!(asked.contains("38 to add"), "{asked}");
    terminal.types("y\n");
    // A picture may come in parts: each line of it is waited for.
    for part in [
        "subnets euw1-az1",
        "eksnet-dev",
        "of about",
        "vpc",
        "routes",
        "cluster",
        "add-ons",
        "node groups",
    ] {
        let picture = terminal.until(part);
        assert!(picture.contains(part), "{part}: {picture}");
    }
    let (screen, code, raw) = terminal.end();
    assert_eq!(code, 0, "{screen}");
    assert!(
        screen.contains("38 of 38")
            && screen.contains("CREATE_COMPLETE eksnet-dev in ")
            && !screen.contains("  …"),
        "{screen}"
    );
    assert_eq!(screen.matches("✓ node groups").count(), 1, "one picture is left: {screen}");
    // Nothing is wiped before it is drawn: each picture is one write, line over line.
    assert!(!raw.contains("\x1b[2J") && !raw.contains("\x1b[2K"));
    assert_eq!(raw.matches("\x1b[?2026h").count(), raw.matches("\x1b[?2026l").count());
    assert!(raw.matches("\x1b[?2026h").count() >= 3 && raw.contains("\x1b[32m"));
    session.no_faults();
    compare(&project, &session.read_back("eu-west-1", "dev"));
}

#[test]
fn a_failure_stands_above_the_tree_and_its_cause_below() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = dev();
    session.faults(&json!({ "ElasticIpPublicEuw1Az1": { "on": "create", "fail": "The maximum number of addresses has been reached." } }));
    let (screen, code, _) =
        Terminal::start(&project, &session.environment(), &["deploy", "shop.yaml", "--yes"]).end();
    assert_eq!(code, 1);
    for part in [
        "CREATE_FAILED  ElasticIpPublicEuw1Az1",
        "✗ routes",
        "first cause: ElasticIpPublicEuw1Az1",
        "Elastic IPs is used up",
        "next: correct the cause",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
}

/// Ctrl-C at the question is a no; while something runs it leaves the stack to itself.
#[test]
fn control_c_is_an_answer_at_any_moment() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = dev();
    let mut asked = Terminal::start(&project, &session.environment(), &["deploy", "shop.yaml"]);
    asked.until("[y/N]");
    asked.types("\x03");
    let (screen, code, _) = asked.end();
    assert!(code == 1 && screen.contains("nothing was changed"), "{code}: {screen}");
    nothing_left(&session.read_back("eu-west-1", "dev"));
    slow(&session);
    let mut running =
        Terminal::start(&project, &session.environment(), &["deploy", "shop.yaml", "--yes"]);
    running.until("subnets euw1-az1");
    running.types("\x03");
    let (screen, code, _) = running.end();
    assert!(
        code == 1
            && screen.contains("the stack operation continues without being watched")
            && screen.contains("`eksnet deploy shop.yaml` again"),
        "{screen}"
    );
    session.no_faults();
    assert_eq!(project.deploy(&session).code, 0);
    compare(&project, &session.read_back("eu-west-1", "dev"));
}

/// Without colours the tree is the same; in a pipeline, or on a terminal that cannot move its cursor, there are plain lines.
#[test]
fn colours_and_movements_are_taken_away_where_nobody_wants_them() {
    let Some(session) = emulator::start() else {
        return;
    };
    let run = |key: &str, value: &str| {
        let project = Project::new("network-only");
        let mut environment = session.environment();
        environment.push((key.to_string(), value.to_string()));
        let (screen, code, raw) =
            Terminal::start(&project, &environment, &["deploy", "shop.yaml", "--yes"]).end();
        assert_eq!(code, 0, "{key}: {screen}");
        assert_eq!(
            project.run(&session.environment(), &["destroy", "shop.yaml", "--confirm", "lab"]).code,
            0
        );
        raw
    };
    let colour = |raw: &str| raw.contains("\x1b[3") || raw.contains("\x1b[1m");
    let plain = run("NO_COLOR", "1");
    assert!(!colour(&plain) && plain.contains("\x1b[?2026h"), "{plain}");
    for (key, value) in [("CI", "true"), ("TERM", "dumb")] {
        let lines = run(key, value);
        assert!(!lines.contains("\x1b[?2026h") && !lines.contains("A\r"), "{key}: {lines}");
        assert!(
            lines.contains("CREATE_IN_PROGRESS") && lines.contains("SubnetPublicApne1Az1"),
            "{key}: {lines}"
        );
    }
}

/// In a pipe: data on standard output, progress as lines on standard error; with `-o json` one event a line, the last one the outcome.
#[test]
fn in_a_pipe_there_are_lines_and_events() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = dev();
    let run = project.run(&session.environment(), &["deploy", "shop.yaml", "--yes", "-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let events: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    for kind in ["changeSet", "preview", "forecast", "resource", "outcome"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    let forecast = events.iter().find(|event| event["event"] == "forecast").unwrap();
    assert!(
        forecast["expectedSeconds"].as_u64().unwrap() > 600
            && forecast["criticalPath"].as_array().unwrap().len() > 3,
        "{forecast}"
    );
    let last = events.last().unwrap();
    assert_eq!((&last["outcome"], &last["stack"]), (&json!("done"), &json!("eksnet-dev")));
    assert!(last["criticalPath"].is_array(), "{last}");
    assert!(!run.out.contains('\x1b') && !run.err.contains('\x1b'));
    let gone = project.run(&session.environment(), &["destroy", "shop.yaml", "--confirm", "dev"]);
    assert!(
        gone.out.starts_with("DELETE_COMPLETE eksnet-dev in ")
            && gone.err.contains("DELETE_IN_PROGRESS  Cluster"),
        "{}{}",
        gone.out,
        gone.err
    );
}
