//! Nodes that could not be emptied: which pods stay on them, and the PodDisruptionBudgets that keep them there.

use serde_json::Value;

use crate::aws::Connected;
use crate::aws::port::{Answer, Kubernetes};
use crate::facts::kubernetes::{BUDGET, POD};
use crate::line::Compiled;
use crate::observed::survey::Tags;
use crate::survey::select::selects_raw;

use super::{Cause, Outcome, aws_node};

/// EKS's code, and its words.
const REASONS: [&str; 2] = ["PodEvictionFailure", "Reached max retries while trying to evict"];
/// So many pods are named.
const MOST: usize = 5;

/// The outcome, with what the cluster's API knows of an eviction that failed.
pub async fn told(world: &impl Connected, compiled: &Compiled, mut outcome: Outcome) -> Outcome {
    let (Outcome::RolledBack { cause: Some(cause), .. }
    | Outcome::Stuck { cause: Some(cause), .. }) = &mut outcome
    else {
        return outcome;
    };
    if REASONS.iter().any(|reason| cause.reason.contains(reason)) {
        cause.seen = match read(world, compiled).await {
            Ok(Some((pods, budgets))) => kept(cause, &pods, &budgets),
            Ok(None) => Vec::new(),
            Err(refusal) => vec![format!("which pods stay was not read: {refusal}")],
        };
    }
    outcome
}

type Found = Option<(Vec<Value>, Vec<Value>)>;

async fn read(world: &impl Connected, compiled: &Compiled) -> Answer<Found> {
    let Some(api) = aws_node::open(world, &compiled.intent).await? else { return Ok(None) };
    let (pods, budgets) = tokio::join!(api.list(&POD), api.list(&BUDGET));
    Ok(Some((pods?, budgets?)))
}

/// Pods whose budget allows no disruption: those on the nodes that EKS names, else all of them.
fn kept(cause: &Cause, pods: &[Value], budgets: &[Value]) -> Vec<String> {
    let shut: Vec<&Value> = budgets
        .iter()
        .filter(|budget| budget["status"]["disruptionsAllowed"].as_i64() == Some(0))
        .collect();
    let held: Vec<(&Value, &Value)> = pods
        .iter()
        .filter_map(|pod| Some((pod, *shut.iter().find(|budget| counts(budget, pod))?)))
        .collect();
    let on_named: Vec<_> =
        held.iter().copied().filter(|(pod, _)| is_named(&cause.reason, node(pod))).collect();
    let held = if on_named.is_empty() { held } else { on_named };
    let line = |(pod, budget): &(&Value, &Value)| {
        format!(
            "pod {} on {} stays: PodDisruptionBudget {} allows no disruption",
            name(pod),
            node(pod),
            name(budget)
        )
    };
    let more = held.len().saturating_sub(MOST);
    let rest = (0 < more).then(|| format!("and {more} pods more"));
    held.iter().take(MOST).map(line).chain(rest).collect()
}

/// Whether a budget counts a pod. One without a selector counts none.
fn counts(budget: &Value, pod: &Value) -> bool {
    let selector = &budget["spec"]["selector"];
    let labels = pod["metadata"]["labels"].as_object().into_iter().flatten();
    let labels: Tags = labels
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string())))
        .collect();
    budget["metadata"]["namespace"] == pod["metadata"]["namespace"]
        && selector.is_object()
        && selects_raw(selector, &labels)
}

/// Whether EKS names a node, by its whole name or its first part.
fn is_named(reason: &str, node: &str) -> bool {
    let first = node.split('.').next().unwrap_or_default();
    let words =
        reason.split(|letter: char| !letter.is_ascii_alphanumeric() && !"-.".contains(letter));
    words
        .map(|word| word.trim_matches('.'))
        .any(|word| !word.is_empty() && (word == node || word == first))
}

fn node(pod: &Value) -> &str {
    pod["spec"]["nodeName"].as_str().unwrap_or_default()
}

fn name(object: &Value) -> String {
    let word = |key: &str| object["metadata"][key].as_str().unwrap_or_default().to_string();
    format!("{}/{}", word("namespace"), word("name"))
}
