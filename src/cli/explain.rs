//! `eksnet explain`

use crate::report::explain_word::{self, Shape};

use super::args::Explain;
use super::args::pages::{self, COMMANDS, KEYS, SETTINGS};
use super::output::{self, Stop};
use super::{Common, DONE};

pub fn run(common: &Common, args: &Explain) -> Result<u8, Stop> {
    let shape = common.output.shape(output::view(false));
    let text = match args.what.as_deref() {
        None => explain_word::every_rule(shape),
        Some(SETTINGS) => explain_word::every_setting(shape),
        Some(KEYS) => explain_word::every_key(shape),
        Some(COMMANDS) => match shape {
            Shape::Json => pages::list_json(),
            Shape::Markdown => pages::markdown(),
            Shape::Human(view) => pages::list(view),
        },
        Some(word) => explain_word::one(shape, word).map_err(|near| unknown(word, near))?,
    };
    output::data(&text);
    Ok(DONE)
}

fn unknown(word: &str, near: Option<String>) -> Stop {
    let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    Stop::Usage(format!(
        "`{word}` is not a rule, a check, a setting or a key{near} (`eksnet explain` lists rules, `explain keys` keys, `explain settings` settings)"
    ))
}
