//! Compiling a blueprint over its own deployed stack gives that stack again.

use eksnet::ledger;
use eksnet::line::{self, Request};
use eksnet::observed::{Observed, Stack};

use crate::support::{blueprints, build, document};

#[test]
fn a_stack_that_is_as_its_blueprint_wants_it_stays_to_the_byte() {
    for (name, path) in blueprints() {
        let text = std::fs::read_to_string(path).unwrap();
        let first = build(&text);
        let request = Request::new(document(&text));
        let deployed = Stack::of(&first.template).deployed(&request.ledger.name).unwrap();
        for found in [true, false] {
            let lock = if found { first.plan.ledger.clone() } else { request.ledger.clone() };
            let ledger = ledger::reconcile(&lock, found, deployed.clone()).unwrap().ledger;
            let observed = Observed::template(first.template.clone());
            let again = line::compile(Request { ledger, observed, ..request.clone() }).unwrap();
            assert_eq!(again.template.to_yaml(), first.template.to_yaml(), "{name}, lock {found}");
        }
    }
}
