//! The line, whole: document, observed world, ledger and rule sets in; everything of one blueprint and its findings out. Nothing is
//! printed, asked or written here, so commands, tests, benchmarks and programs that embed eksnet compile alike.
//!
//! ```
//! use eksnet::blueprint;
//! use eksnet::line::{self, Request};
//!
//! let text = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: eu-west-1 }\n";
//! let reading = blueprint::read("shop.yaml", text.into());
//! let document = reading.document.expect("the text is a blueprint");
//! let compiled = line::compile(Request::new(document)).expect("the defaults pass their own rules");
//! assert_eq!(compiled.plan.subnets.len(), 9);
//! assert!(compiled.template.to_json().contains("AWS::EC2::VPC"));
//! ```

#![warn(missing_docs)]

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::address::{self, AddressPlan};
use crate::blueprint::model::Zones;
use crate::blueprint::{Blueprint, Document};
use crate::capacity::{self, Capacity};
use crate::check::{self, Profiles};
use crate::diagnostic::{Diagnostic, Failure, any_error};
use crate::graph::{self, Graph};
use crate::intent::{self, Given, Intent};
use crate::ledger::{Kept, Ledger, Occupant, Occupied, acl_rules};
use crate::observed::{Observed, Part, Stack};
use crate::patch;
use crate::render::{self, keys::Known};
use crate::rules::NET_01;
use crate::source::Source;
use crate::template::Template;

/// What the line works on.
#[derive(Clone, Debug)]
pub struct Request {
    /// The blueprint and its text.
    pub document: Document,
    /// What the reader found.
    pub found: Vec<Diagnostic>,
    /// What exists; nothing was read by default.
    pub observed: Observed,
    /// What was given out before.
    pub ledger: Ledger,
    /// How strictly findings are judged, and which optional rules apply.
    pub profiles: Profiles,
}

/// Everything of one blueprint, with its warnings.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The blueprint and its text.
    pub document: Document,
    /// What it was compiled over.
    pub observed: Observed,
    /// The desired state, past its gate.
    pub intent: Intent,
    /// Every subnet's prefix, and the ledger once the plan is accepted.
    pub plan: AddressPlan,
    /// How many nodes and pods fit.
    pub capacity: Capacity,
    /// Every resource of the stack.
    pub graph: Graph,
    /// What would be deployed.
    pub template: Template,
    /// In source order; none is an error.
    pub warnings: Vec<Diagnostic>,
}

/// Why there is no [`Compiled`].
#[derive(Debug)]
pub enum Stopped {
    /// Findings with an error among them, in source order, and the text they are about.
    Findings(Source, Vec<Diagnostic>),
    /// A fault of eksnet's own templates.
    Failure(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Stopped::Failure(failure)
    }
}

impl Request {
    /// Offline, over an empty ledger, without optional rule sets.
    pub fn new(document: Document) -> Self {
        let metadata = &document.blueprint.metadata;
        let ledger = Ledger::empty(&metadata.name, &metadata.region);
        Self {
            document,
            found: Vec::new(),
            observed: Observed::default(),
            ledger,
            profiles: Profiles::default(),
        }
    }
}

/// The line up to its first gate: what a blueprint asks for, before anybody is asked what exists.
pub fn resolve(request: &Request) -> Result<Intent, Stopped> {
    let Request { document, profiles, .. } = request;
    let (intent, findings) = resolved(request);
    let intent = intent.filter(|_| !any_error(&findings));
    intent.ok_or_else(|| {
        let judged = check::judged(document, findings, profiles, false);
        Stopped::Findings(document.source.clone(), judged)
    })
}

/// As much of what a blueprint asks for as can be told, whatever its gates say of it: what other blueprints are held against.
pub fn glimpse(request: &Request) -> Option<Intent> {
    let Request { document, observed, ledger, .. } = request;
    intent::resolve(&document.blueprint, observed, &ledger.kept).0
}

/// What the words alone tell, of a blueprint whose VPC exists and of which nothing is known; `None` of any other.
pub fn words(request: &Request) -> Option<Vec<Diagnostic>> {
    let (intent, findings) = resolved(request);
    intent.filter(|intent| !intent.vpc.is_known())?;
    Some(check::judged(&request.document, findings, &request.profiles, false))
}

fn resolved(request: &Request) -> (Option<Intent>, Vec<Diagnostic>) {
    let (intent, mut more) = gated(request, &request.document.blueprint);
    if let Some(meant) = request.document.meant() {
        let (_, others) = gated(request, meant);
        let known: BTreeSet<(&str, &str)> =
            others.iter().map(|other| (other.rule.id, other.path.as_str())).collect();
        // What is not found in what was meant only follows from a word that was refused.
        more.retain(|finding| known.contains(&(finding.rule.id, finding.path.as_str())));
    }
    if let Some(elsewhere) = intent.as_ref().and_then(|intent| elsewhere(request, intent)) {
        let (_, others) = gated(&elsewhere, &elsewhere.document.blueprint);
        let known: BTreeSet<(&str, &str)> =
            others.iter().map(|other| (other.rule.id, other.path.as_str())).collect();
        more.retain(|finding| known.contains(&(finding.rule.id, finding.path.as_str())));
    }
    (intent, [request.found.as_slice(), &more].concat())
}

/// The same as if IPAM had given other ranges than those that stand in: what is found in one of both only, hangs on the address.
fn elsewhere(request: &Request, intent: &Intent) -> Option<Request> {
    let ranges = intent::ranges::elsewhere(&intent.vpc.given);
    if ranges.is_empty() {
        return None;
    }
    let mut elsewhere = request.clone();
    elsewhere.ledger.kept.ranges.extend(ranges);
    Some(elsewhere)
}

fn gated(request: &Request, blueprint: &Blueprint) -> (Option<Intent>, Vec<Diagnostic>) {
    let Request { observed, ledger, profiles, .. } = request;
    let occupied = ledger.occupied.clone().or_else(|| strangers(observed, ledger));
    let observed = Observed { occupied, ..observed.clone() };
    let zones = intent::zones::kept(blueprint, &held_zones(ledger));
    let settled =
        zones.map(|zones| Blueprint { zones: Some(Zones::These(zones)), ..blueprint.clone() });
    let blueprint = settled.as_ref().unwrap_or(blueprint);
    let (intent, mut findings) = intent::resolve(blueprint, &observed, &ledger.kept);
    findings.extend(intent.iter().flat_map(check::intent));
    // Over a stack that was read, the preview says the same of the resource.
    if matches!(observed.stack, Part::Unasked) {
        findings.extend(intent.iter().filter_map(|intent| check::kept(intent, &ledger.kept)));
    }
    let of_others = |cluster: &intent::Cluster| cluster.existing.is_some();
    if intent.as_ref().and_then(|intent| intent.cluster.as_ref()).is_some_and(of_others) {
        findings.retain(|finding| !check::is_of_the_cluster(finding));
        let says = blueprint.aws_node.as_ref().is_some_and(|own| own.warm.is_some());
        // Targets that nobody wrote are its owner's.
        findings.retain(|finding| {
            says || finding.is_error() || !finding.path.starts_with("awsNode.warm")
        });
    }
    let stands_in = findings.iter().any(|one| one.rule.id == NET_01.id && one.path == "vpc.cidr");
    if stands_in || intent.as_ref().is_some_and(|intent| !intent.vpc.is_known()) {
        findings.retain(|finding| !check::is_of_addresses(finding));
    }
    findings.extend(intent.iter().flat_map(|intent| check::profiles::check(intent, profiles)));
    (intent, findings)
}

/// Subnets of the stack's own VPC that the stack did not make: a range that never was deployed moves out of their way.
fn strangers(observed: &Observed, ledger: &Ledger) -> Option<Occupied> {
    let network = observed.network.read()?.as_ref()?;
    let own = Stack::of(&observed.deployed_template()).subnets;
    let own: BTreeSet<Ipv4Net> = own
        .iter()
        .map(|subnet| subnet.cidr)
        .chain(ledger.removed.iter().map(|entry| entry.cidr))
        .collect();
    let live = network.subnets.iter().filter_map(|one| Some((one.cidr.parse().ok()?, &one.id)));
    let strange = live.filter(|(cidr, _)| !own.contains(cidr));
    let ranges: Vec<Occupant> =
        strange.map(|(cidr, id)| Occupant { cidr, holder: id.clone() }).collect();
    (!ranges.is_empty()).then(|| Occupied { ranges, ..Occupied::default() })
}

/// The zones that the ledger's subnets are in, by the words that name them.
fn held_zones(ledger: &Ledger) -> Vec<&str> {
    let named = ledger.subnets.iter().any(|entry| entry.zone_name.is_some());
    let mut zones: Vec<&str> = match named {
        true => ledger.subnets.iter().filter_map(|entry| entry.zone_name.as_deref()).collect(),
        false => ledger.subnets.iter().map(|entry| entry.zone.as_str()).collect(),
    };
    zones.sort_unstable();
    zones.dedup();
    zones
}

/// Compiles one blueprint.
pub fn compile(request: Request) -> Result<Compiled, Stopped> {
    let (intent, mut findings) = resolved(&request);
    let Request { document, observed, ledger, profiles, .. } = request;
    let judged = |findings, whole| check::judged(&document, findings, &profiles, whole);
    let stopped = |findings| Err(Stopped::Findings(document.source.clone(), findings));
    let Some(intent) = intent else { return stopped(judged(findings, false)) };
    let deployed = observed.deployed_template();
    if any_error(&findings) {
        findings.extend(beside(&intent, (&ledger, &deployed), &findings));
        return stopped(judged(findings, false));
    }
    if let Some(id) = intent.vpc.id().filter(|_| !intent.vpc.is_known()) {
        return Err(Stopped::Failure(unsurveyed(id, intent.region.name)));
    }
    let plan = match address::allocate(&intent, &ledger) {
        Ok(plan) => plan,
        Err(more) => {
            findings.extend(more);
            return stopped(judged(findings, true));
        }
    };
    let capacity = capacity::of(&intent, &plan);
    findings.extend(check::plan(&intent, &plan, &capacity));
    check::profiles::moves(&mut findings, &intent, &profiles);
    if any_error(&findings) {
        findings.extend(finished(&intent, plan, &deployed, &findings));
        return stopped(judged(findings, true));
    }
    let (mut plan, graph, template, more) =
        rendered(&intent, plan, &deployed).map_err(Stopped::Failure)?;
    let patched = patch::fixed(&graph.patched, (&template, &deployed), (&plan, &ledger));
    plan.ledger.kept.patched = patched;
    findings.extend(more);
    let template = render::sizes::kept(template, &deployed, observed.sizes.read());
    findings.extend(check::stack(&graph, &template));
    let warnings = judged(findings, true);
    if any_error(&warnings) {
        return stopped(warnings);
    }
    Ok(Compiled { document, observed, intent, plan, capacity, graph, template, warnings })
}

/// What only the plan and the template show, beside errors of the words that they do not hang on.
fn beside(
    intent: &Intent,
    (ledger, deployed): (&Ledger, &Template),
    findings: &[Diagnostic],
) -> Vec<Diagnostic> {
    if !check::is_planned(intent, findings) {
        return Vec::new();
    }
    let plan = match address::allocate(intent, ledger) {
        Ok(plan) => plan,
        Err(misfits) => return misfits,
    };
    let mut found = check::beside(intent, &plan, &capacity::of(intent, &plan), findings);
    found.extend(finished(intent, plan, deployed, findings));
    found
}

/// What patches and the size of the template would be refused for, beside errors that leave the resources what they are.
fn finished(
    intent: &Intent,
    plan: AddressPlan,
    deployed: &Template,
    findings: &[Diagnostic],
) -> Vec<Diagnostic> {
    // A fault of the templates may follow from the error.
    let Ok((_, graph, template, mut found)) = rendered(intent, plan, deployed) else {
        return Vec::new();
    };
    found.extend(check::stack(&graph, &template));
    found.retain(|finding| !check::may_follow(finding, findings));
    found
}

fn unsurveyed(id: &str, region: &str) -> Failure {
    let command = intent::existing::command(id, Some(region));
    Failure::new(format!("cannot plan inside `{id}`"))
        .because("nothing is known of what is in it: there is no survey, and no lock that has one")
        .hint(format!("make a survey with `{command}`, then add `--survey survey.json`"))
}

type Rendered = (AddressPlan, Graph, Template, Vec<Diagnostic>);

/// What exists keeps the logical id that it has, and the ledger keeps those that eksnet would give otherwise. Patches name final ids.
fn rendered(
    intent: &Intent,
    mut plan: AddressPlan,
    deployed: &Template,
) -> Result<Rendered, Failure> {
    plan.ledger.kept.aws_node = render::aws_node_values::kept(intent, &plan);
    if !deployed.is_empty() {
        plan.ledger.kept.acl_rules = acl_rules::of(deployed);
    }
    let mut graph = graph::build(intent, &plan);
    for group in intent.cluster.iter().flat_map(|cluster| &cluster.node_groups) {
        let own = group.has_own_role().then(|| graph::role_of(group));
        if let Some(kept) = plan.ledger.kept.node_groups.get_mut(&group.name) {
            kept.role = own;
        }
    }
    let mut template = render::template(&graph, &plan.ledger, &intent.name)?;
    let known = Known { deployed, written: &plan.ledger.kept.logical_ids };
    if let Some((named, logical_ids)) = known.keep(&graph, &template) {
        plan.ledger.kept.logical_ids = logical_ids;
        template = render::template(&named, &plan.ledger, &intent.name)?;
        graph = named;
    }
    plan.ledger.kept.acl_rules = acl_rules::of(&template);
    let patch::Outcome { template, patched, findings } =
        patch::apply(&intent.patches, template, &graph);
    graph.patched = patched;
    Ok((plan, graph, render::sets::in_order(template, deployed), findings))
}

impl Compiled {
    /// `shop.yaml:18`, the blueprint's line of a place in it.
    pub fn place(&self, path: &str) -> Option<String> {
        self.spot(path).map(|(file, line)| format!("{file}:{line}"))
    }

    /// What is deployed first where the VPC takes a range from IPAM: the VPC with its ranges, and nothing that hangs on their addresses.
    /// `None` where every range is known, or is allocated before anything is deployed.
    pub fn addresses_first(&self) -> Result<Option<Template>, Failure> {
        if !self.intent.vpc.open().any(Given::comes_with_the_vpc) {
            return Ok(None);
        }
        let graph = self.graph.of_templates(&["ec2/vpc", "ec2/vpc-cidr-block", "ec2/vpc-ipv6"]);
        // Everything else is chosen once the addresses are known.
        let ranges = self.plan.ledger.kept.ranges.clone();
        let kept = Kept { ranges, ..Kept::default() };
        let ledger = Ledger { kept, ..Ledger::empty(&self.intent.name, self.intent.region.name) };
        let template = render::template(&graph, &ledger, &self.intent.name)?;
        Ok(Some(patch::apply(&self.intent.patches, template, &graph).template))
    }

    /// Ranges that IPAM has not given yet, with what stands in for them and what waits for them, in words.
    pub fn open(&self) -> Vec<String> {
        let words = |given: &intent::Given| {
            format!(
                "IPAM assigns {}, and {} stands in for it: sizes and capacity hold, addresses do not; {} are judged once it is known",
                given.path,
                given.cidr,
                intent::ranges::JUDGED_LATER
            )
        };
        let mut open: Vec<String> = self.intent.vpc.open().map(words).collect();
        let waiting = &self.intent.vpc.waiting;
        open.extend((!waiting.is_empty()).then(|| {
            format!("{} hold once the range is known, and are not planned yet", waiting.join(", "))
        }));
        open
    }

    /// (file, line) of a place in the blueprint.
    pub fn spot(&self, path: &str) -> Option<(String, usize)> {
        (!path.is_empty()).then(|| (self.document.source.name.clone(), self.document.line(path)))
    }

    /// Patches that would recreate what a lock says is there; over a stack that was read, the preview says it.
    pub fn patched_anew(&self, lock: &Ledger) -> Vec<Diagnostic> {
        patch::unknown(&self.graph.patched, &self.template, (&self.plan, lock))
    }

    /// The blueprint's line that made a resource.
    pub fn maker(&self, id: &str) -> Option<String> {
        self.graph.resources.get(id).and_then(|resource| self.place(&resource.path))
    }

    /// What zones that came after the cluster are left out of, in words.
    pub fn latecomers(&self) -> Vec<String> {
        let clusters = self.intent.cluster.iter();
        clusters.flat_map(|cluster| self.plan.latecomers(&self.intent, cluster)).collect()
    }
}
