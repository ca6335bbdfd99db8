//! What the fleet knows of a member: the ranges, names and versions that others care for, each with its place.

use std::collections::BTreeSet;

use ipnet::{IpNet, Ipv4Net};

use crate::blueprint::Document;
use crate::check;
use crate::diagnostic::{Diagnostic, Elsewhere, Span};
use crate::intent::ranges::PRIMARY;
use crate::intent::transit::Destination;
use crate::intent::{Giver, Intent};
use crate::rules::Rule;

/// A place in a file, for findings about that file and about others.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Such as `vpc.cidr`.
    pub path: String,
    /// In the file's text.
    pub at: Span,
    /// The same for other files.
    pub line: Elsewhere,
}

impl Spot {
    /// A place of a document.
    pub fn of<W>(document: &Document<W>, path: &str) -> Self {
        let at = document.span(path);
        let line = document.source.elsewhere(at.clone());
        Self { path: path.to_string(), at, line }
    }

    /// What breaks a rule here.
    pub fn breaks(&self, rule: &'static Rule, message: impl Into<String>) -> Diagnostic {
        rule.at(self.path.as_str(), message).at(self.at.clone())
    }
}

/// A range, and where it is written.
#[derive(Clone, Debug)]
pub struct Range {
    /// Without host bits.
    pub cidr: Ipv4Net,
    /// Where it is written, or would be.
    pub spot: Spot,
}

/// One blueprint among others.
#[derive(Clone, Debug)]
pub struct Member {
    /// The file as it is shown.
    pub file: String,
    /// `metadata.name`.
    pub name: String,
    /// Where the name is.
    pub name_spot: Spot,
    /// `metadata.region`.
    pub region: String,
    /// Of the VPC, the primary one first. Empty where a member of a class has no range yet.
    pub ranges: Vec<Range>,
    /// The class that it asks for in place of a CIDR.
    pub class: Option<String>,
    /// The pool that gives its primary range, as long as the range is not known.
    pub pool: Option<String>,
    /// Where its primary range is written or asked for.
    pub range_spot: Spot,
    /// Of a cluster with IPv4.
    pub service: Option<Range>,
    /// Ranges that it sends to other networks, and those that it announces there.
    pub routed: Vec<Ipv4Net>,
    /// The name of its stack.
    pub stack: String,
    /// The VPC that others made and the blueprint names.
    pub vpc: Option<String>,
    /// Of Kubernetes.
    pub version: Option<String>,
    /// Of aws-node, where the blueprint names one.
    pub aws_node: Option<String>,
    /// (1-based line, rule) of every warning that the author allows.
    allowed: BTreeSet<(usize, &'static str)>,
}

impl Member {
    /// How many warnings its author allows.
    pub fn allowances(&self) -> usize {
        self.allowed.len()
    }

    /// Of a blueprint and what it means.
    pub fn of(document: &Document, intent: &Intent) -> Self {
        let spot = |path: &str| Spot::of(document, path);
        let primary = (!document.is_refused("vpc.cidr") && intent.vpc.is_decided())
            .then(|| Range { cidr: intent.vpc.cidr, spot: spot("vpc.cidr") });
        let secondary = intent.vpc.secondary.iter().filter(|written| intent.vpc.knows(written));
        let more = secondary.map(|one| Range { cidr: one.cidr, spot: spot(&one.path) });
        let cluster = intent.cluster.as_ref();
        let service = cluster
            .filter(|cluster| !cluster.ipv6)
            .map(|cluster| Range { cidr: cluster.service_cidr, spot: spot("cluster.serviceCidr") });
        Self {
            file: document.source.name.clone(),
            name: intent.name.clone(),
            name_spot: spot("metadata.name"),
            region: intent.region.name.to_string(),
            ranges: primary.into_iter().chain(more).collect(),
            class: intent.vpc.class().map(str::to_string),
            pool: pool(intent),
            range_spot: spot("vpc.cidr"),
            service,
            routed: routed(intent),
            stack: intent.stack(),
            vpc: intent.vpc.existing.as_ref().map(|existing| existing.id.clone()),
            version: cluster.map(|cluster| cluster.version.clone()),
            aws_node: cluster
                .and_then(|cluster| cluster.aws_node.version.known().map(str::to_string)),
            allowed: check::allowed(document),
        }
    }

    /// The primary range.
    pub fn primary(&self) -> Option<&Range> {
        self.ranges.iter().find(|range| range.spot.path == "vpc.cidr")
    }

    /// Whether the author allows a warning on its line.
    pub fn allows(&self, finding: &Diagnostic, line: usize) -> bool {
        !finding.is_error() && self.allowed.contains(&(line, finding.rule.id))
    }
}

fn pool(intent: &Intent) -> Option<String> {
    let primary = intent.vpc.open().find(|given| given.name == PRIMARY)?;
    matches!(primary.by, Giver::Pool { .. }).then(|| primary.by.word())
}

/// Destinations behind gateways, peers and attachments, and own ranges that are announced there. A default route routes no range.
fn routed(intent: &Intent) -> Vec<Ipv4Net> {
    let gateway = intent.transit.gateway.iter();
    let through = gateway.flat_map(|gateway| {
        let announced = gateway.advertise.iter().filter(|_| gateway.route_table.is_some());
        gateway.destinations.iter().chain(announced).copied()
    });
    let own = intent.tiers.iter().flat_map(|tier| &tier.routes);
    let routes = own.filter_map(|route| match route.to {
        Destination::Range(IpNet::V4(range)) => Some(range),
        Destination::Range(_) | Destination::PrefixList(_) => None,
    });
    through.chain(routes).filter(|range| 0 < range.prefix_len()).collect()
}
