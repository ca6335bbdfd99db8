//! `eksnet explain commands`: the page of every command, read off what clap knows.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command};
use serde_json::json;

use crate::report::{View, json as document};

use super::super::GROUPS;
use super::help;

/// Every variable of aws-node.
pub const SETTINGS: &str = "settings";
/// Every command.
pub const COMMANDS: &str = "commands";
/// Every key of the blueprint.
pub const KEYS: &str = "keys";

/// Words for whole pages.
pub const WORDS: [&str; 3] = [SETTINGS, KEYS, COMMANDS];

/// One line a command.
pub fn list(view: View) -> String {
    let mut text = String::new();
    each(&mut |name, command| {
        text.push_str(&view.hanging(&format!("{name:<14} "), &about(command), 15));
    });
    text
}

/// As the other lists of `explain`.
pub fn list_json() -> String {
    let mut all = Vec::new();
    each(&mut |name, command| all.push(json!({ "name": name, "about": about(command) })));
    document(&json!({ "schemaVersion": 1, "commands": all }))
}

/// The page: commands in the groups of `--help`.
pub fn markdown() -> String {
    let mut text = format!(
        "# Commands\n\nWhat `eksnet COMMAND --help` shows; `eksnet man --out DIR` writes manual pages. This page is written by `eksnet \
        explain commands -o markdown`.\n\n## Options of every command\n\n{}",
        options(&globals())
    );
    let mut last = "";
    each(&mut |name, command| {
        let first = name.split(' ').next().unwrap_or(name);
        let group = GROUPS.iter().find(|(_, names)| names.contains(&first));
        let group = group.map_or("More", |(title, _)| *title);
        if group != last {
            _ = write!(text, "\n## {group}\n");
            last = group;
        }
        text.push_str(&section(name, command));
    });
    for (_, topic) in help::TOPICS {
        let (title, lines) = topic.split_once('\n').unwrap_or((topic, ""));
        _ = write!(text, "\n## {title}\n\n```text\n{lines}```\n");
    }
    text
}

/// Every command that people see, those of `fleet` behind it.
fn each(visit: &mut dyn FnMut(&str, &Command)) {
    let mut whole =
        help::command(View::default()).mut_arg("output", |arg| arg.help("Output format"));
    whole.build();
    for name in GROUPS.iter().flat_map(|(_, names)| names.iter()).filter(|name| **name != "help") {
        let Some(command) = whole.find_subcommand(name) else { continue };
        visit(name, command);
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            visit(&format!("{name} {}", inner.get_name()), inner);
        }
    }
}

fn globals() -> Vec<Arg> {
    let mut command = help::command(View::default());
    command.build();
    command.get_arguments().filter(|arg| !arg.is_hide_set()).cloned().collect()
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn section(name: &str, command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    let own: Vec<Arg> = command.get_arguments().filter(|arg| is_own(arg)).cloned().collect();
    let mut text = format!(
        "\n### `eksnet {name}`\n\n{}.\n\n```text\n{usage}\n```\n\n{}",
        about(command),
        options(&own)
    );
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if let Some(lines) = examples.strip_prefix("Examples:\n") {
        let lines: Vec<&str> = lines.lines().map(str::trim).collect();
        _ = write!(text, "\n```text\n{}\n```\n", lines.join("\n"));
    }
    text
}

/// What a command has beside the options of every command. The format is told: each command writes others.
fn is_own(arg: &Arg) -> bool {
    let of_all = ["help", "version", "color", "verbose", "quiet"];
    !arg.is_hide_set() && !of_all.iter().any(|name| arg.get_id() == name)
}

fn options(arguments: &[Arg]) -> String {
    if arguments.is_empty() {
        return String::new();
    }
    let rows = arguments.iter().map(|arg| format!("| {} | {} |\n", written(arg), meaning(arg)));
    format!("| option | meaning |\n| --- | --- |\n{}", rows.collect::<String>())
}

/// `-o`, `--output FORMAT`, or `FILE`.
fn written(arg: &Arg) -> String {
    let values = arg.get_value_names().unwrap_or_default().iter();
    let values = values.map(|name| name.to_string().replace('|', "\\|"));
    let values = values.collect::<Vec<_>>().join(" ");
    let takes = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let value = if takes && !values.is_empty() { format!(" {values}") } else { String::new() };
    match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("`-{short}`, `--{long}{value}`"),
        (_, Some(long)) => format!("`--{long}{value}`"),
        _ => format!("`{}`", value.trim()),
    }
}

fn meaning(arg: &Arg) -> String {
    let mut text = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let takes = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let values = arg.get_possible_values();
    let names: Vec<String> = values.iter().map(|value| format!("`{}`", value.get_name())).collect();
    let named = names.iter().all(|name| text.contains(name));
    if takes && !arg.is_hide_possible_values_set() && !named {
        _ = write!(text, ": {}", names.join(", "));
    }
    let defaults: Vec<String> =
        arg.get_default_values().iter().map(|one| one.to_string_lossy().into_owned()).collect();
    let told = !arg.is_hide_default_value_set() && defaults.iter().any(|one| !one.is_empty());
    if takes && told {
        _ = write!(text, ". Default: `{}`", defaults.join(","));
    }
    if let Some(variable) = arg.get_env() {
        _ = write!(text, ". Environment: `{}`", variable.to_string_lossy());
    }
    text.replace('|', "\\|")
}
