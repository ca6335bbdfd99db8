//! eksnet compiles one YAML blueprint into the network of an Amazon EKS cluster, previews it and deploys it.
//!
//! One line, from text to an outcome. Each stage is a module; it takes the value of the stage before and returns a new one.
//!
//! ```text
//!                        rules (rows)   facts (rows)                                            below everybody
//!  text ─read─▶ Blueprint ─┐
//!                          ├─resolve─▶ Intent ──┬──allocate─▶ AddressPlan ──┬──build─▶ Graph ─render─▶ Template
//!  ports ─observe─▶ Observed      ▲   check::intent       ▲            check::plan                      · manifests
//!    or a template, a test       Kept ◀──── Ledger ───────┘      Capacity ──┘
//!
//!  line::compile(Request) ─▶ Compiled        all of the above; commands, tests and benchmarks call it
//!
//!  Template of the stack ─┐                           ports, clock
//!                         ├─compare─▶ Preview ─────────────┬─deploy─▶ Event… ─▶ Outcome
//!  Template rendered ─────┘    what AWS refuses of a change│
//!
//!  report: any of these ─▶ text · json · markdown · annotations · sarif        cli prints it
//! ```
//!
//! | stage | from | to | entry |
//! | --- | --- | --- | --- |
//! | [`blueprint`] | text | [`Blueprint`](blueprint::Blueprint), with the place of every word | [`blueprint::read`] |
//! | [`observed`] | ports, a template, a test | [`Observed`](observed::Observed), what exists, part by part | [`aws::observe`] |
//! | [`ledger`] | lock and stack | [`Ledger`](ledger::Ledger), with the choices that are [`Kept`](ledger::Kept) | [`ledger::reconcile`] |
//! | [`survey`] | a survey document | free addresses, blocks, ways out, owners, what is taken | [`survey::found`] |
//! | [`intent`] | blueprint, observed, kept | [`Intent`](intent::Intent), nothing unset | [`intent::resolve`] |
//! | [`demand`] | intent | what a node and its pods ask for | [`demand`] |
//! | [`address`] | intent, ledger | [`AddressPlan`](address::AddressPlan), which moves nothing that exists | [`address::allocate`] |
//! | [`capacity`] | intent, plan | [`Capacity`](capacity::Capacity), how many nodes and pods fit | [`capacity::of`] |
//! | [`graph`] | intent, plan | [`Graph`](graph::Graph), every resource with its logical id | [`graph::build`] |
//! | [`check`] | intent, plan, account | [`Diagnostic`](diagnostic::Diagnostic)s, each a [`Rule`](rules::Rule) at a place | [`check::intent`], [`check::plan`] |
//! | [`render`] | graph, ledger | [`Template`](template::Template), and files for Kubernetes, nodes and eksctl | [`render::template`] |
//! | [`patch`] | template, the author's patches | the template with properties that no word sets | [`patch::apply`] |
//! | [`mod@line`] | [`Request`](line::Request) | [`Compiled`](line::Compiled): all of one blueprint | [`line::compile`] |
//! | [`opened`] | a blueprint's file and its lock | [`Line`](opened::Line): what was compiled, over what the lock keeps | [`opened::open`] |
//! | [`starter`] | an example | a blueprint to start from, under another name, in another Region | [`starter::text`] |
//! | [`rescue`] | a survey | the ways to more addresses, in order of cost | [`rescue::of`] |
//! | [`aws`] | | the ports, in our own types, and the clients behind them | [`aws::port`] |
//! | [`preview`] | two templates | [`Preview`](preview::Preview), in CloudFormation's own words | [`preview::compare`] |
//! | [`deploy`] | ports, [`Clock`](deploy::Clock), [`Job`](deploy::Job) | [`Event`](deploy::Event)s and an [`Outcome`](deploy::Outcome) | [`deploy::prepare`], [`deploy::follow`], [`deploy::destroy`] |
//! | [`fleet`] | many blueprints | [`FleetPlan`](fleet::layout::FleetPlan), findings between them, groups of equal changes | [`fleet::relate`], [`fleet::layout`] |
//! | [`doctor`] | survey | [`Diagnosis`](doctor::Diagnosis), causes with their proof | [`doctor::judge`] |
//! | `session` | a blueprint that was opened, ports | everything worth knowing, in order, and how it ended | `session::Session` |
//! | [`report`] | any of these | text | one file per format |
//! | [`terminal`] | text, questions | what whoever typed the command sees and answers | [`terminal::data`], [`terminal::note`] |
//! | [`cli`] | what was typed | exit code | [`cli::run`] |
//!
//! Below the stages are [`rules`] and [`facts`], which are rows, [`diagnostic`] (what is wrong), [`source`] (the text that findings point
//! into) and [`template`] (a CloudFormation document as a value).
//!
//! To follow a line of a blueprint to its resource: `blueprint/model/` (the word) → `intent/` (its meaning) → `graph/` (the struct
//! it becomes) → `templates/` (the resource). Why it is built so: `docs/decisions/`.
//!
//! Invariants, each held by a test in `integration/invariants.rs` or, where they are named, by clippy or in a test file of their own:
//!
//! - A module uses only modules above it in the list below; files side by side in a folder form no circle.
//! - Only `aws` names an AWS SDK or a Kubernetes client, and only with the feature `aws`.
//! - Only `terminal`, `cli` and `main` know a terminal, the clock, the environment or how to print (clippy: `.clippy.toml`); `deploy` knows time through the
//!   clock it is given. Below them there is no hash-map order, and nowhere unsafe code.
//! - An `Intent` is made once, by `intent::resolve`, and no later stage changes it; the whole line is `line::compile`, and no command
//!   calls its stages one by one.
//! - The templates are the kinds that the example blueprints produce; a template's variables are its struct's fields; no template decides.
//! - Every rule has an id, a reason, the pages that it comes from with the day they were read, and a test that breaks one thing in a clean
//!   blueprint and expects that one finding (`integration/rules.rs`). An error names what refuses it or what breaks; what may be meant is a
//!   warning. Every rule that a text cites exists.
//! - What `check` passes, `layout`, `render` and `diff` accept (`integration/near_valid.rs`).
//! - No source file reaches 500 lines at width 100, no function 60; 90 % of functions stay within 30.
//! - The same blueprint, ledger and `Observed` give the same bytes.
//! - Adding, removing, renaming or reordering tiers and zones moves no subnet that stays (`integration/addresses.rs`).
//! - What 0.1.0 deployed is neither added to nor replaced nor removed from (`integration/earlier.rs`).
//! - Pod subnets are never given to the cluster as its own nor get load-balancer tags; control-plane subnets get these only where `serves` says so.
//! - No text of a blueprint, file name, stack or cluster reaches a terminal, page, comment, annotation or shell unescaped
//!   (`integration/hostile.rs`, `integration/action.rs`).

pub mod rules;
pub mod diagnostic;
pub mod source;
pub mod facts;
pub mod template;
pub mod ledger;
pub mod blueprint;
pub mod observed;
pub mod survey;
pub mod intent;
pub mod demand;
pub mod address;
pub mod capacity;
pub mod graph;
pub mod check;
pub mod render;
pub mod patch;
pub mod line;
pub mod lockfile;
pub mod opened;
pub mod starter;
pub mod rescue;
pub mod aws;
pub mod preview;
pub mod deploy;
pub mod fleet;
pub mod doctor;
#[cfg(feature = "aws")]
pub mod session;
pub mod report;
pub mod terminal;
pub mod cli;
