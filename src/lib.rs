//! eksnet compiles one YAML blueprint into the network of an Amazon EKS cluster, previews it and deploys it.
//!
//! One line, from YAML to an outcome. Each stage is a module; it takes the value of the stage before and returns a new one.
//!
//! ```text
//!  text ─read─▶ Blueprint ─resolve─▶ Intent ─┬─allocate─▶ AddressPlan ─┬─build─▶ Graph ─template─▶ Template ─compare─▶ Preview ─deploy─▶ Event… ─▶ Outcome
//!                            ▲     check::intent        ▲   check::plan                                 ▲ Template of the stack   ▲ Stacks (port)
//!                          facts                    Ledger                                                            report: any of these ─▶ text · json
//! ```
//!
//! What a node and its pods ask for (`demand`) is known before any address is given out; what fits (`capacity`) once all are.
//!
//! To follow a line of a blueprint to its resource: `blueprint/model/` (the word) → `intent/` (its meaning) → `graph/` (the struct
//! it becomes) → `templates/` (the resource).
//!
//! Invariants, each held by a test in `integration/invariants.rs`:
//!
//! - A module uses only modules above it in the list below.
//! - Only `aws` names an AWS SDK or a Kubernetes client, and only with the feature `aws`; only `cli` and `main` know a terminal, a clock or the environment;
//!   `deploy` knows time through the clock it is given.
//! - The templates are the kinds that the example blueprints produce; a template's variables are its struct's fields; no template decides.
//! - Every rule has an id, a reason, the pages that it comes from with the day they were read, and a test that breaks one thing in a clean
//!   blueprint and expects that one finding. An error names what refuses it or what breaks; what may be meant is a warning.
//! - No source file reaches 500 lines at width 100, no function 60; 90 % of functions stay within 30.
//! - No text of a blueprint, file name, stack or cluster reaches a terminal, page, comment, annotation or shell unescaped
//!   (`integration/hostile.rs`, `integration/action.rs`).
//! - The same blueprint and ledger give the same bytes.
//! - Adding, removing, renaming or reordering tiers and zones moves no subnet that stays.
//! - Pod subnets are never given to the cluster as its own, and neither they nor control-plane subnets get load-balancer tags.

pub mod rules;
pub mod diagnostic;
pub mod source;
pub mod facts;
pub mod template;
pub mod ledger;
pub mod blueprint;
pub mod observed;
pub mod intent;
pub mod demand;
pub mod address;
pub mod capacity;
pub mod graph;
pub mod check;
pub mod render;
pub mod line;
pub mod lockfile;
pub mod aws;
pub mod preview;
pub mod deploy;
pub mod report;
pub mod cli;
