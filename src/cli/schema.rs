//! `eksnet schema`

use super::DONE;
use super::args::{Schema, SchemaOf};
use super::output::{self, Stop};

pub fn run(args: &Schema) -> Result<u8, Stop> {
    output::data(&crate::report::json(&match args.of {
        SchemaOf::Blueprint => crate::blueprint::schema_for_editors(),
        SchemaOf::Fleet => crate::fleet::schema(),
        SchemaOf::Survey => crate::observed::survey::schema(),
        SchemaOf::Doctor => crate::report::doctor::schema(),
        SchemaOf::Diff => crate::report::preview_json::schema(),
    }));
    Ok(DONE)
}
