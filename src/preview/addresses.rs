//! A first deployment whose addresses IPAM decides: the VPC alone, then the rest.

use crate::diagnostic::Failure;
use crate::graph::Graph;
use crate::line::Compiled;
use crate::template::Template;

use super::compare::one_update;
use super::edit::compare;
use super::{Part, Preview, Title};

/// What a blueprint changes of `before`. Where IPAM still decides a range, the parts of the first deployment are the VPC and the rest,
/// which is planned in the stand-in.
pub fn of(compiled: &Compiled, before: &Template) -> Result<Preview, Failure> {
    let (template, graph) = (&compiled.template, &compiled.graph);
    let whole = compare(&compiled.intent.stack(), before, template, graph);
    let Some(first) = compiled.addresses_first()?.filter(|_| before.resource("Vpc").is_none())
    else {
        return Ok(whole);
    };
    let step = |before: &Template, after: &Template, graph: &Graph| {
        one_update(&whole.stack, before, after, graph)
    };
    let vpc = step(before, &first, graph);
    let rest = step(&first, template, graph);
    let vpc = Part { title: Title::Addresses, template: first, preview: vpc };
    let rest = Part { title: Title::Rest, template: template.clone(), preview: rest };
    Ok(Preview { parts: vec![vpc, rest], ..whole })
}
