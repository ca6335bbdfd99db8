//! Settings of aws-node as values: text only where they leave for the add-on, a manifest or a page.

use std::collections::BTreeMap;
use std::fmt;

use ipnet::Ipv4Net;

use crate::facts::aws_node::{Container, Kind, Setting, find};

/// A value of a setting, by its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Bool(bool),
    Whole(i64),
    Ranges(Vec<Ipv4Net>),
    Text(String),
}

impl Value {
    /// What a text says, whether aws-node takes it or not ([`Kind::check`]).
    pub fn read(kind: Kind, text: &str) -> Self {
        let plain = || Self::Text(text.to_string());
        match kind {
            Kind::Bool => text.parse().map_or_else(|_| plain(), Self::Bool),
            Kind::Whole(..) => text.parse().map_or_else(|_| plain(), Self::Whole),
            Kind::Cidrs => Self::Ranges(
                text.split(',').filter_map(|range| range.trim().parse().ok()).collect(),
            ),
            Kind::Words(_) | Kind::VethPrefix | Kind::File | Kind::Tags | Kind::Text => plain(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(on) => write!(out, "{on}"),
            Self::Whole(number) => write!(out, "{number}"),
            Self::Ranges(ranges) => {
                let ranges: Vec<String> = ranges.iter().map(Ipv4Net::to_string).collect();
                out.write_str(&ranges.join(","))
            }
            Self::Text(text) => out.write_str(text),
        }
    }
}

/// What a blueprint sets of aws-node, by variable.
#[derive(Clone, Debug, Default)]
pub struct Settings(BTreeMap<&'static str, Value>);

impl Settings {
    /// Replaces an earlier value of the same variable.
    pub fn set(&mut self, variable: &'static str, value: Value) {
        self.0.insert(variable, value);
    }

    /// `None`: the blueprint does not set it, and aws-node's default holds.
    pub fn get(&self, variable: &str) -> Option<&Value> {
        self.0.get(variable)
    }

    /// Whether the blueprint sets it, to whatever value, its default included.
    pub fn has(&self, variable: &str) -> bool {
        self.0.contains_key(variable)
    }

    /// Whether it is set, and to true.
    pub fn is_on(&self, variable: &str) -> bool {
        self.get(variable) == Some(&Value::Bool(true))
    }

    /// A number that is not negative.
    pub fn number(&self, variable: &str) -> Option<u64> {
        match self.get(variable)? {
            Value::Whole(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// `None` where it is not set, or is not text.
    pub fn text(&self, variable: &str) -> Option<&str> {
        match self.get(variable)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Empty where it is not set, or holds no ranges.
    pub fn ranges(&self, variable: &str) -> &[Ipv4Net] {
        match self.get(variable) {
            Some(Value::Ranges(ranges)) => ranges,
            _ => &[],
        }
    }

    /// Variables that are set, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// As text, of those that a container reads.
    pub fn of(&self, container: Container) -> impl Iterator<Item = (&'static str, String)> {
        let reads = move |name: &str| find(name).is_some_and(|row: &Setting| row.is_in(container));
        self.0
            .iter()
            .filter(move |(name, _)| reads(name))
            .map(|(name, value)| (*name, value.to_string()))
    }
}
