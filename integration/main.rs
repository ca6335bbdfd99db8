//! One test binary: the house's invariants, every blueprint in every format, every rule broken once, addresses as properties,
//! deployments against doubles and against an emulated AWS, and the binary itself.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::disallowed_macros,
    reason = "tests watch clocks, start programs and say what they skip; what they assert has an order"
)]

mod action;
mod additive;
mod addresses;
mod again;
#[cfg(feature = "aws")]
mod among_others;
mod around;
mod auto;
#[cfg(feature = "aws")]
mod awkward;
mod beside;
mod blueprints;
mod bounds;
mod broken_clusters;
mod bundles;
mod capacity;
mod crowd;
mod crowded;
mod changes;
mod commands;
mod contract;
mod corpus;
#[cfg(feature = "aws")]
mod counted;
#[cfg(feature = "aws")]
mod deployed;
mod designs;
mod docs;
mod doctor;
mod doubles;
mod earlier;
mod edits;
mod existing;
#[cfg(feature = "aws")]
mod emulator;
mod fleet;
#[cfg(feature = "aws")]
mod fleet_accounts;
mod fleet_online;
mod fleet_rollout;
#[cfg(feature = "aws")]
mod in_parts;
mod guessed;
mod healthy;
mod held;
mod hostile;
mod security;
#[cfg(feature = "aws")]
mod sessions;
mod in_the_way;
mod invariants;
mod judgement;
mod ladders;
mod legal;
mod legal_corpus;
mod ipam;
#[cfg(feature = "aws")]
mod ipam_deployed;
mod ipamd;
mod modes;
mod legal_networks;
mod logical_ids;
mod near_valid;
mod networks;
mod newcomer;
mod node_groups;
mod odd;
mod one_reader;
mod order;
mod pace;
mod page;
mod patches;
#[cfg(feature = "aws")]
mod kubernetes;
#[cfg(feature = "aws")]
mod pipelines;
mod pooled;
mod pools;
#[cfg(feature = "aws")]
mod project;
mod preflight;
mod previews;
mod python;
mod reach;
mod reader;
mod rights;
mod redacted;
mod relations;
mod reviewers;
mod rules;
mod scripted;
mod stage;
mod standing;
#[cfg(feature = "aws")]
mod sick_worlds;
mod support;
mod surveyed;
#[cfg(feature = "aws")]
mod self_managed;
#[cfg(feature = "aws")]
mod survival;
#[cfg(feature = "aws")]
mod teardown;
#[cfg(feature = "aws")]
mod terminal;
mod unread;
mod vocabulary;
mod widths;
mod words;
