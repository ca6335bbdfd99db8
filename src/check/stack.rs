//! The gate on the finished stack: what CloudFormation holds in one template.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::facts::cloudformation::{MOST_OUTPUTS, MOST_RESOURCES, UPLOAD_LIMIT};
use crate::graph::{Collision, Graph};
use crate::rules::{CFN_01, CFN_02, CFN_03, CFN_04};
use crate::template::Template;

use super::texts;

/// Everything wrong with what would be deployed.
pub fn check(graph: &Graph, template: &Template) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = graph.collisions.iter().map(collides).collect();
    let (resources, outputs) = (graph.resources.len(), graph.outputs.len());
    if MOST_RESOURCES < resources {
        let message = format!(
            "the stack has {resources} resources, and CloudFormation accepts {MOST_RESOURCES}"
        );
        findings.push(CFN_01.at(largest(graph), message).hint(FEWER));
    }
    let bytes = template.to_json().len();
    if UPLOAD_LIMIT < bytes {
        let message =
            format!("the template has {bytes} bytes, and CloudFormation accepts {UPLOAD_LIMIT}");
        findings.push(CFN_02.at(largest(graph), message).hint(FEWER));
    }
    if MOST_OUTPUTS < outputs {
        let message =
            format!("the stack has {outputs} outputs, and CloudFormation accepts {MOST_OUTPUTS}");
        findings.push(CFN_03.at("tiers", message).hint("use fewer tiers or endpoints"));
    }
    findings.extend(texts::check(graph, template));
    findings
}

fn collides(collision: &Collision) -> Diagnostic {
    let message = format!("two resources have the logical id `{}`", collision.id);
    CFN_04
        .at(&collision.second, message)
        .also(&collision.first, "the first one")
        .hint("give one of the two another name")
}

const FEWER: &str =
    "use fewer tiers, zones, routes or node groups, or a blueprint of its own for a part of them";

/// The top-level key that most resources come from.
fn largest(graph: &Graph) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for resource in graph.resources.values() {
        let key = resource.path.split(['.', '[']).next().unwrap_or_default();
        *counts.entry(key).or_default() += 1;
    }
    let largest = counts.into_iter().max_by_key(|(_, count)| *count);
    largest.map(|(key, _)| key.to_string()).unwrap_or_default()
}
