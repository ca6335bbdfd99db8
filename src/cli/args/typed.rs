//! What was typed, read; or why it was refused, with our word where another tool's was typed.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches};

use crate::report::Format;
use crate::terminal;

use super::super::{DONE, USAGE};
use super::Cli;
use super::help::{OPTIONAL, TOPICS, command, shown, used_by};

/// Words of other tools, and ours.
const FOREIGN: &[(&str, &str)] = &[
    ("plan", "diff"),
    ("preview", "diff"),
    ("apply", "deploy"),
    ("up", "deploy"),
    ("create", "deploy"),
    ("update", "deploy"),
    ("delete", "destroy"),
    ("down", "destroy"),
    ("validate", "check"),
    ("lint", "check"),
    ("synth", "render"),
    ("template", "render"),
    ("show", "layout"),
    ("new", "init"),
    ("drift", "status --exit-code"),
    ("version", "--version"),
];

/// What was typed; the exit code where that is all.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, u8> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let [_, help, topic] = arguments.as_slice()
        && help == "help"
        && let Some(text) = topic.to_str().and_then(topic_of)
    {
        terminal::data(text);
        return Err(DONE);
    }
    let matches = command(terminal::view(false)).try_get_matches_from(arguments);
    matches.map_err(|error| refused(&error)).and_then(|matches| {
        if let Some(words) = unused(&matches) {
            terminal::usage(&words);
            return Err(USAGE);
        }
        let cli = Cli::from_arg_matches(&matches).map_err(|error| refused(&error))?;
        match unwritten(&matches, &cli) {
            Some(words) => {
                terminal::usage(&words);
                Err(USAGE)
            }
            None => Ok(cli),
        }
    })
}

fn topic_of(word: &str) -> Option<&'static str> {
    TOPICS.iter().find(|(name, _)| *name == word).map(|(_, text)| *text)
}

/// The command that was typed: `check`, `fleet diff`.
fn typed(matches: &ArgMatches) -> Option<(String, &ArgMatches)> {
    let (name, own) = matches.subcommand()?;
    Some(match own.subcommand().filter(|_| name == "fleet") {
        Some((inner, own)) => (format!("fleet {inner}"), own),
        None => (name.to_string(), own),
    })
}

/// A format that the command does not write.
fn unwritten(matches: &ArgMatches, cli: &Cli) -> Option<String> {
    let (name, _) = typed(matches)?;
    if Format::of(&name).contains(&cli.common.output) {
        return None;
    }
    let words: Vec<&str> = shown(&name).into_iter().map(|format| format.words().0).collect();
    let format = cli.common.output.words().0;
    Some(format!("`{name}` does not support `--output {format}`: {}", words.join(", ")))
}

/// An option that was given to a command that does not use it.
fn unused(matches: &ArgMatches) -> Option<String> {
    let (name, own) = typed(matches)?;
    let given = |option: &&&str| {
        own.try_contains_id(option).unwrap_or(false)
            && own.value_source(option) == Some(ValueSource::CommandLine)
    };
    let unused = OPTIONAL.iter().filter(|option| !used_by(&name).contains(option)).find(given)?;
    Some(format!("`{name}` does not use `--{}`", unused.replace('_', "-")))
}

/// Shows why the words were refused, and ours where they are another tool's.
fn refused(error: &clap::Error) -> u8 {
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && let Some((_, ours)) = FOREIGN.iter().find(|(theirs, _)| theirs == word)
    {
        terminal::usage(&format!("eksnet has no `{word}`: use `eksnet {ours}`"));
        return USAGE;
    }
    let _ = error.print();
    if error.use_stderr() { USAGE } else { DONE }
}
