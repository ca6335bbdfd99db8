//! Compiling a blueprint over its own deployed stack gives that stack again.

use eksnet::ledger::{self, Deployed};
use eksnet::line::{self, Request};
use eksnet::observed::{Observed, Stack};
use eksnet::template::Template;

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

/// A lock that was written before anything stood gives the template that stands afterwards, so a plan that was begun is taken up.
#[test]
fn what_is_first_deployed_is_the_same_before_and_after() {
    for (name, path) in blueprints() {
        let text = std::fs::read_to_string(path).unwrap();
        let lock = build(&text).plan.ledger;
        let over = |observed: Observed, deployed: Deployed| {
            let ledger = ledger::reconcile(&lock, true, deployed).unwrap().ledger;
            let request = Request::new(document(&text));
            line::compile(Request { ledger, observed, ..request }).unwrap()
        };
        let before = over(Observed::template(Template::nothing()), Deployed::Absent);
        let stands = Stack::of(&before.template).deployed(&lock.name).unwrap();
        let after = over(Observed::template(before.template.clone()), stands);
        assert_eq!(before.plan.ledger.to_text(), lock.to_text(), "{name}");
        assert_eq!(after.template.to_yaml(), before.template.to_yaml(), "{name}");
        let (one, other) = (&after.plan.ledger, &lock);
        assert!(one.says_the_same(other) && one.generation == other.generation, "{name}");
    }
}
