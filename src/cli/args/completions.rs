//! `eksnet completions`: options, and the words that an argument accepts.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command};
use clap_complete::Shell;

use crate::blueprint;
use crate::facts::{aws_node, instances};
use crate::report::{View, explain_key};
use crate::rules;
use crate::starter;

use super::{Completions, help, pages};

/// The script of a shell.
pub fn script(args: &Completions) -> String {
    let mut script = Vec::new();
    let mut command = offering();
    clap_complete::generate(args.shell, &mut command, "eksnet", &mut script);
    let more = if args.shell == Shell::Fish { in_fish(&command) } else { String::new() };
    String::from_utf8_lossy(&script).into_owned() + &more
}

/// Words of arguments, which the generator leaves out for fish.
fn in_fish(command: &Command) -> String {
    let line = |own: &Command, arg: &Arg| {
        let values = arg.get_possible_values();
        let words: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
        let name = own.get_name();
        let line = format!(
            "complete -c eksnet -n \"__fish_eksnet_using_subcommand {name}\" -f -a \"{}\"\n",
            words.join(" ")
        );
        (!words.is_empty()).then_some(line)
    };
    let of =
        |own: &Command| own.get_positionals().filter_map(|arg| line(own, arg)).collect::<String>();
    command.get_subcommands().map(of).collect()
}

/// The command line for a shell: what it refuses is not decided here, so more may be typed than is offered.
fn offering() -> Command {
    // clap keeps words for the life of the process; this one ends with the script.
    let word = |word: String| -> &'static str { word.leak() };
    let words = |words: Vec<String>| {
        let parser = PossibleValuesParser::new(words.into_iter().map(word));
        move |arg: Arg| arg.value_parser(parser)
    };
    help::command(View::default())
        .mut_subcommand("init", |own| own.mut_arg("from", words(starter::examples())))
        .mut_subcommand("explain", |own| own.mut_arg("what", words(explained())))
        .mut_subcommand("instances", |own| own.mut_arg("types", words(instance_types())))
}

/// Pages, rules, checks of `doctor`, settings and keys.
fn explained() -> Vec<String> {
    let keys = explain_key::all(&blueprint::schema());
    let ids = rules::all().map(|rule| rule.id).chain(crate::doctor::checks().map(|check| check.id));
    let settings = aws_node::SETTINGS.iter().map(|row| row.variable);
    let named = pages::WORDS.into_iter().chain(ids).chain(settings).map(str::to_string);
    // A shell reads brackets as a pattern; `explain` finds a key without them.
    named.chain(keys.into_iter().map(|key| key.path.replace("[]", ""))).collect()
}

/// Families, then types: `m6i` shows all of one.
fn instance_types() -> Vec<String> {
    let names = instances::names();
    let mut families: Vec<&str> = names.iter().filter_map(|name| name.split('.').next()).collect();
    families.sort_unstable();
    families.dedup();
    families.into_iter().chain(names).map(str::to_string).collect()
}
