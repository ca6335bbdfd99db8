//! Many blueprints with one address plan: what is wrong between them, which range each of them has, what a change to all of them is,
//! and in which order they are deployed.

pub mod child;
pub mod compare;
pub mod cores;
pub mod export;
mod git;
pub mod ground;
pub mod group;
pub mod judged;
pub mod layout;
pub mod ledger;
pub mod locks;
pub mod member;
pub mod model;
pub mod online;
mod pattern;
pub mod plans;
mod relate;
pub mod rollout;
pub mod roster;
pub mod stack_sets;
pub mod sweep;
pub mod target;
pub mod waves;
pub mod whole;

pub use ground::Ground;
pub use member::Member;
pub use model::schema;
pub use relate::{Related, relate};
pub use roster::Roster;
