//! `eksnet man`, which packages call.

use clap_mangen::Man as Page;

use crate::diagnostic::Failure;
use crate::report::View;
use crate::source;

use super::{Man, help};

/// What the generator calls the text after the options: on all our pages, the examples.
const GENERATED: &str = ".SH EXTRA\nExamples:\n";
const EXAMPLES: &str = ".SH EXAMPLES\n.nf\n";

/// A page for eksnet and one for each command, named as `man` looks for them.
pub fn write(args: &Man) -> Result<(), Failure> {
    let failed = || {
        let attempt = format!("cannot write manual pages into {}", args.out.display());
        Failure::new(attempt)
    };
    std::fs::create_dir_all(&args.out).map_err(|error| failed().because(error))?;
    let mut command = help::command(View::default());
    command.build();
    let mut left = vec![command];
    while let Some(command) = left.pop() {
        let page = Page::new(command.clone());
        let mut text = Vec::new();
        page.render(&mut text).map_err(|error| failed().because(error))?;
        let text = String::from_utf8_lossy(&text).replace(GENERATED, EXAMPLES);
        let file = args.out.join(page.get_filename());
        source::write_whole(&file, &(text + &topics()))?;
        left.extend(command.get_subcommands().filter(|one| one.get_name() != "help").cloned());
    }
    Ok(())
}

/// Exit codes and environment, as sections.
fn topics() -> String {
    let section = |(name, text): &(&str, &str)| {
        let lines = text.split_once('\n').map_or(*text, |(_, lines)| lines);
        let title = if *name == help::EXIT_CODES_TOPIC { "EXIT STATUS" } else { "ENVIRONMENT" };
        format!(".SH {title}\n.nf\n{}.fi\n", lines.replace('-', "\\-"))
    };
    ".fi\n".to_string() + &help::TOPICS.iter().map(section).collect::<String>()
}
