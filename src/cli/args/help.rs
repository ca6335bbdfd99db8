//! What `--help` shows: commands by what people want to do, options only where a command uses them, and our word where another tool's
//! was typed.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, CommandFactory, ValueEnum};

use crate::report::{Format, View};

use super::super::GROUPS;
use super::Cli;

/// Options that not every command uses.
pub const OPTIONAL: [&str; 6] =
    ["region", "profile", "endpoint_url", "strict", "ruleset", "allow_move"];

/// Which of them a command uses; one that is not named here uses all.
pub fn used_by(command: &str) -> &'static [&'static str] {
    match command {
        "iam" => &["region"],
        "render" => &["region", "strict", "ruleset", "allow_move"],
        "init" => &["region", "profile", "endpoint_url"],
        "destroy" | "status" | "instances" | "survey" | "rescue" | "doctor" => {
            &["region", "profile", "endpoint_url"]
        }
        "explain" | "schema" | "completions" | "man" | "help" => &[],
        "fleet check" | "fleet diff" => &["profile", "endpoint_url", "strict", "ruleset"],
        "fleet deploy" | "fleet status" => &["profile", "endpoint_url"],
        fleet if fleet.starts_with("fleet") => &[],
        _ => &OPTIONAL,
    }
}

const EXIT_CODES: &str = "Exit codes
  0   done, or no change
  1   failure, or findings that are errors
  2   with --exit-code: changes (diff), drift (status)
  3   with diff --exit-code: changes that replace or remove
  4   done, but something was left behind or is pending
  64  wrong usage
";

const ENVIRONMENT: &str = "Environment
  AWS_PROFILE, AWS_REGION,  as for every AWS tool
  AWS_ENDPOINT_URL
  EKSNET_TEMPLATE_BUCKET    S3 bucket for templates over
                            51,200 bytes
  COLUMNS                   width of what is written
  NO_COLOR, CLICOLOR_FORCE  color never, color always
";

/// What `eksnet help TOPIC` shows, its title first.
pub const TOPICS: &[(&str, &str)] = &[(EXIT_CODES_TOPIC, EXIT_CODES), ("environment", ENVIRONMENT)];
pub const EXIT_CODES_TOPIC: &str = "exit-codes";

/// The whole command line with its help.
pub fn command(view: View) -> Command {
    let mut command = Cli::command();
    let global: Vec<Arg> =
        command.get_arguments().filter(|arg| arg.is_global_set()).cloned().collect();
    let names: Vec<String> =
        command.get_subcommands().map(|one| one.get_name().to_string()).collect();
    for name in &names {
        command = command.mut_subcommand(name, |own| trimmed(own, name, &global));
    }
    command = command.mut_subcommand("fleet", |fleet| {
        let names: Vec<String> =
            fleet.get_subcommands().map(|one| one.get_name().to_string()).collect();
        names.iter().fold(fleet, |fleet, name| {
            let whole = format!("fleet {name}");
            fleet.mut_subcommand(name, |own| trimmed(own, &whole, &global))
        })
    });
    let template = format!(
        "{{about}}\n\nUsage: eksnet <COMMAND> [OPTIONS]\n\n{}Options\n{{options}}\n\n{CLOSING}",
        listed(&command, view)
    );
    let hidden = |command: Command, name: &&str| command.mut_arg(*name, |arg| arg.hide(true));
    let command = OPTIONAL.iter().fold(command, hidden).help_template(template);
    command.mut_arg("output", |arg| arg.hide_possible_values(true)).arg_required_else_help(true)
}

const CLOSING: &str = "New here?  eksnet init shop && eksnet layout shop.yaml\n\
    Topics     eksnet help exit-codes, eksnet help environment";

/// The commands by group; what no group names comes last.
fn listed(command: &Command, view: View) -> String {
    let line = |name: &str, about: &str| view.hanging(&format!("  {name:<12} "), about, 15);
    let about = |name: &str| {
        if name == "help" {
            return Some(line(name, HELP));
        }
        let own = command.find_subcommand(name);
        Some(line(name, &own?.get_about()?.to_string()))
    };
    let named = |name: &&str| GROUPS.iter().any(|(_, names)| names.contains(name));
    let shown = command.get_subcommands().filter(|one| !one.is_hide_set());
    let rest: Vec<&str> = shown.map(Command::get_name).filter(|name| !named(name)).collect();
    let groups =
        GROUPS.iter().map(|(title, names)| (*title, names.to_vec())).chain([("More", rest)]);
    groups
        .map(|(title, names)| (title, names.into_iter().filter_map(about).collect::<String>()))
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(title, lines)| format!("{title}\n{lines}\n"))
        .collect()
}

const HELP: &str = "Show help for a command or a topic";

/// A command with the options that it uses, and the formats that it writes. What it has itself, it does not take over from above.
fn trimmed(command: Command, name: &str, global: &[Arg]) -> Command {
    let used = |arg: &Arg| used_by(name).iter().any(|one| arg.get_id() == one);
    let optional = global.iter().filter(|arg| OPTIONAL.iter().any(|one| arg.get_id() == one));
    let add = |command: Command, arg: &Arg| command.arg(arg.clone().hide(!used(arg)));
    let command = optional.fold(command, add);
    let output = global.iter().find(|arg| arg.get_id() == "output");
    let Some(output) = output else { return command };
    let words: Vec<&str> = shown(name).into_iter().map(|format| format.words().0).collect();
    let is_page = Format::of(name).contains(&Format::Html);
    let first = if is_page { " (default)" } else { "" };
    let help =
        format!("Output format: {}", words.join(", ").replacen(", ", &format!("{first}, "), 1));
    let values = Format::of(name).iter().filter_map(|format| {
        let hidden = !shown(name).contains(&format);
        format.to_possible_value().map(|value| value.hide(hidden))
    });
    // Completions and errors name what this command writes.
    let parser = PossibleValuesParser::new(values)
        .try_map(|word| <Format as ValueEnum>::from_str(&word, true));
    let output = output.clone().help(help).value_parser(parser).hide_possible_values(true);
    command.arg(output.hide_default_value(is_page))
}

/// The formats of a command for people; a page is what they read where there is one.
pub fn shown(command: &str) -> Vec<&'static Format> {
    let all = Format::of(command);
    let is_page = all.contains(&Format::Html);
    all.iter().filter(|format| !is_page || **format != Format::Human).collect()
}
