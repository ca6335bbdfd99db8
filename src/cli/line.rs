//! The line up to the template, as every command starts it.

use std::io::Read;
use std::path::Path;

use crate::address::{self, AddressPlan};
use crate::blueprint::{self, Document, Reading};
use crate::check::{self, Profiles};
use crate::diagnostic::{Diagnostic, Failure, any_error};
use crate::graph::{self, Graph};
use crate::intent::aws_node::Wish;
use crate::intent::{self, Intent};
use crate::render::{self, Template};

use super::Common;
use super::lock::{Deployed, Lock};
use super::output::{self, Stop};

/// A blueprint that was read and resolved without an error.
pub struct Resolved {
    pub document: Document,
    pub intent: Intent,
    pub lock: Lock,
    warnings: Vec<Diagnostic>,
    profiles: Profiles,
    /// What is deployed keeps the logical ids that it has.
    deployed: Option<Template>,
}

/// The line up to the template.
pub struct Line {
    pub document: Document,
    pub intent: Intent,
    pub plan: AddressPlan,
    pub graph: Graph,
    pub template: Template,
    pub lock: Lock,
    pub warnings: Vec<Diagnostic>,
}

impl Line {
    /// `shop.yaml:18`, the blueprint's line of a place in it.
    pub fn place(&self, path: &str) -> Option<String> {
        (!path.is_empty())
            .then(|| format!("{}:{}", self.document.source.name, self.document.line(path)))
    }

    /// (file, line) of a place in the blueprint.
    pub fn spot(&self, path: &str) -> Option<(String, usize)> {
        (!path.is_empty()).then(|| (self.document.source.name.clone(), self.document.line(path)))
    }

    /// The blueprint's line that made a resource.
    #[cfg(feature = "aws")]
    pub fn maker(&self, id: &str) -> Option<String> {
        self.graph.resources.get(id).and_then(|resource| self.place(&resource.path))
    }
}

impl Line {
    /// What zones that came after the cluster are left out of, in words.
    pub fn latecomers(&self) -> Vec<String> {
        self.intent
            .cluster
            .iter()
            .flat_map(|cluster| self.plan.latecomers(&self.intent, cluster))
            .collect()
    }
}

/// Reads a file, or standard input.
pub fn read(file: &str) -> Result<Reading, Failure> {
    let attempt = || Failure::new(format!("cannot read `{file}`"));
    let mut bytes = Vec::new();
    let most = blueprint::MOST_BYTES as u64 + 1;
    if file == "-" {
        std::io::stdin()
            .lock()
            .take(most)
            .read_to_end(&mut bytes)
            .map_err(|cause| attempt().because(cause))?;
        return Ok(blueprint::read("<stdin>", bytes));
    }
    let opened = std::fs::File::open(Path::new(file)).map_err(|cause| attempt().because(cause))?;
    opened.take(most).read_to_end(&mut bytes).map_err(|cause| attempt().because(cause))?;
    Ok(blueprint::read(file, bytes))
}

/// The blueprint's own findings, up to the gate before allocation; `None` for the intent if it could not be resolved.
pub fn resolve(document: &mut Document, common: &Common) -> (Option<Intent>, Vec<Diagnostic>) {
    if let Some(region) = &common.region {
        document.blueprint.metadata.region.clone_from(region);
    }
    let (intent, mut findings) = intent::resolve(&document.blueprint);
    findings.extend(intent.iter().flat_map(check::intent));
    findings.extend(
        intent.iter().flat_map(|intent| check::profiles::check(intent, &common.profiles())),
    );
    (intent, findings)
}

/// Stops with everything that is wrong.
pub fn wanted(file: &str, common: &Common) -> Result<Resolved, Stop> {
    let Reading { source, document, findings: mut warnings } = read(file)?;
    let Some(mut document) = document else {
        return Err(Stop::Findings(source, warnings));
    };
    let (intent, findings) = resolve(&mut document, common);
    warnings.extend(findings);
    match intent.filter(|_| !any_error(&warnings)) {
        Some(intent) => {
            let lock = Lock::beside(file, &intent)?;
            let profiles = common.profiles();
            Ok(Resolved { document, intent, lock, warnings, profiles, deployed: None })
        }
        None => Err(Stop::Findings(
            document.source.clone(),
            check::judged(&document, warnings, &common.profiles(), false),
        )),
    }
}

impl Resolved {
    /// What stands stays: a cluster as it was made, and its version of vpc-cni while the Kubernetes version stays, unless another one is
    /// asked for by name.
    pub fn keep_standing(&mut self, before: &Template) -> Result<(), Stop> {
        self.deployed = Some(before.clone());
        let deployed = |id: &str, name: &str| {
            before
                .resource(id)
                .and_then(|resource| resource["Properties"][name].as_str())
                .map(str::to_string)
        };
        let Some(cluster) = &mut self.intent.cluster else {
            return Ok(());
        };
        // EKS tells it once, and CloudFormation would make the cluster anew.
        if let Some(bootstrap) = before
            .resource("Cluster")
            .and_then(|resource| resource["Properties"]["BootstrapSelfManagedAddons"].as_bool())
        {
            cluster.bootstrap = bootstrap;
        }
        let same = deployed("Cluster", "Version").is_some_and(|version| version == cluster.version);
        match deployed(graph::VPC_CNI, "AddonVersion") {
            Some(version)
                if same && cluster.aws_node.is_addon() && cluster.aws_node.wish != Wish::Exact =>
            {
                self.pin_version(version)
            }
            _ => Ok(()),
        }
    }

    /// Takes a version as if it had been written, with everything that depends on it.
    pub fn pin_version(&mut self, version: String) -> Result<(), Stop> {
        let Some(cluster) = &mut self.intent.cluster else {
            return Ok(());
        };
        cluster.aws_node.version = Some(version);
        let more: Vec<Diagnostic> = check::intent(&self.intent)
            .into_iter()
            .filter(|finding| !self.warnings.contains(finding))
            .collect();
        self.warnings.extend(more);
        if any_error(&self.warnings) {
            return Err(Stop::Findings(
                self.document.source.clone(),
                check::judged(
                    &self.document,
                    std::mem::take(&mut self.warnings),
                    &self.profiles,
                    false,
                ),
            ));
        }
        Ok(())
    }

    /// Allocates and renders.
    pub fn compile(self, deployed: Deployed) -> Result<Line, Stop> {
        let Resolved { document, intent, lock, mut warnings, profiles, deployed: before } = self;
        let lock = lock.with_stack(deployed)?;
        let plan = match address::allocate(&intent, &lock.ledger) {
            Ok(plan) => lock.unchanged(plan),
            Err(findings) => {
                warnings.extend(findings);
                return Err(Stop::Findings(
                    document.source.clone(),
                    check::judged(&document, warnings, &profiles, false),
                ));
            }
        };
        warnings.extend(check::plan(&intent, &plan));
        let warnings = check::judged(&document, warnings, &profiles, true);
        if any_error(&warnings) {
            return Err(Stop::Findings(document.source.clone(), warnings));
        }
        let mut graph = graph::build(&intent, &plan);
        let mut template = render::template(&graph, &plan.ledger, &intent.name)?;
        if let Some(before) = before {
            graph = render::keys::keep(graph, &before, &template);
            template = render::template(&graph, &plan.ledger, &intent.name)?;
        }
        Ok(Line { document, intent, plan, graph, template, lock, warnings })
    }
}

/// The whole offline line of a file, with its warnings said.
pub fn compile(file: &str, common: &Common) -> Result<Line, Stop> {
    let line = wanted(file, common)?.compile(Deployed::Unknown)?;
    output::warnings(common, &line.document.source, &line.warnings);
    Ok(line)
}
