//! A blueprint as one HTML page: everything that a reviewer asks, in one file that needs no network and no script.

mod changes;
mod drawn;
mod egress;
pub mod folder;
mod plan;
mod security;
mod settings;
pub mod strip;
mod svg;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::address::Subnet;
use crate::diagnostic::Diagnostic;
use crate::graph::subnet_id;
use crate::line::Compiled;
use crate::preview::Preview;
use crate::source::Source;

use super::counted;
use super::escape::{plain, screen};
use super::layout::{Layout, Letters, Mark, Verdict};

pub use drawn::Drawn;

const MAP_STYLE: &str = include_str!("map.css");
const PAGE_STYLE: &str = include_str!("page.css");

/// A compiled blueprint, with what is shown beside it.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    pub compiled: &'a Compiled,
    /// How the lock stands.
    pub lock: &'a str,
    /// What would change, where it was compared.
    pub preview: Option<&'a Preview>,
}

/// What a page is about.
#[derive(Clone, Copy)]
pub enum Sheet<'a> {
    Plan(Plan<'a>),
    /// A blueprint with errors has findings and nothing else.
    Broken {
        source: &'a Source,
        findings: &'a [Diagnostic],
    },
}

impl Sheet<'_> {
    fn title(&self) -> String {
        match self {
            Sheet::Plan(plan) => plain(&plan.compiled.intent.name),
            Sheet::Broken { source, .. } => plain(&source.name),
        }
    }

    fn findings(&self) -> &[Diagnostic] {
        match self {
            Sheet::Plan(plan) => &plan.compiled.warnings,
            Sheet::Broken { findings, .. } => findings,
        }
    }

    fn source(&self) -> &Source {
        match self {
            Sheet::Plan(plan) => &plan.compiled.document.source,
            Sheet::Broken { source, .. } => source,
        }
    }
}

/// Anchors of one sheet: several sheets in a file share no id.
#[derive(Clone, Debug)]
pub(super) struct Anchors {
    prefix: String,
    /// What the sheet is called.
    title: String,
}

impl Anchors {
    /// Of a file's only sheet.
    fn alone(sheet: &Sheet<'_>) -> Self {
        Self { prefix: String::new(), title: sheet.title() }
    }

    /// Of one among several, counted from 1.
    fn of(at: usize, sheet: &Sheet<'_>) -> Self {
        Self { prefix: format!("b{at}-"), title: format!("{} ({at})", sheet.title()) }
    }

    /// The name of a part of the sheet, which no other sheet has.
    pub(super) fn name(&self, part: &str) -> String {
        format!("{part} of {}", self.title)
    }

    pub(super) fn id(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(super) fn link(&self, name: &str) -> String {
        format!("#{}{name}", self.prefix)
    }

    /// Of a subnet; names of tiers and zones are letters, digits and hyphens.
    pub(super) fn subnet(&self, tier: &str, zone: &str) -> String {
        let word = |text: &str| -> String {
            text.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect()
        };
        format!("{}subnet-{}-{}", self.prefix, word(tier), word(zone))
    }
}

/// A document with a sheet, or with several and a table that leads to them.
pub fn html(sheets: &[Sheet<'_>]) -> String {
    let title = match sheets {
        [one] => one.title(),
        many => counted(many.len(), "blueprint"),
    };
    let several = 1 < sheets.len();
    let body = html! {
        a.skip href="#content" { "Skip to the content" }
        main #content {
            @if several { (overview(sheets, &|at| format!("#b{}-top", at + 1))) }
            @for (at, sheet) in sheets.iter().enumerate() {
                (whole(sheet, &if several { Anchors::of(at + 1, sheet) } else { Anchors::alone(sheet) }))
            }
        }
        footer { "Made by eksnet " (env!("CARGO_PKG_VERSION")) ". Nothing on this page is loaded from elsewhere." }
    };
    document(&format!("{title} · eksnet"), &body)
}

/// The address map alone.
pub fn svg(plan: &Plan<'_>) -> String {
    let layout = plan.compiled.layout();
    let title = format!("Address map of {}", plain(&layout.intent.name));
    let tiers = layout.intent.tiers.iter().enumerate();
    let letters = Letters::of(&layout);
    const HUES: [&str; 8] = ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"];
    let mut legend: Vec<(String, &str)> = tiers
        .map(|(at, tier)| {
            (format!("{} {}", letters.letter(&tier.name), plain(&tier.name)), HUES[at % 8])
        })
        .collect();
    legend.push(("free".to_string(), "free"));
    if !layout.intent.vpc.keep_free.is_empty() {
        legend.push(("kept free".to_string(), "kept"));
    }
    screen(&svg::alone(&title, &legend, &strip::strips(&layout, &|_| false), MAP_STYLE))
}

fn document(title: &str, body: &Markup) -> String {
    let style = format!("{PAGE_STYLE}{MAP_STYLE}");
    let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body { (body) }
        }
    };
    screen(&(page.into_string() + "\n"))
}

/// A page that leads to others, whose `names` are their files.
pub fn index(sheets: &[Sheet<'_>], names: &[String]) -> String {
    let body = html! {
        main #content { (overview(sheets, &|at| names.get(at).map_or(String::new(), |name| address(name)))) }
    };
    document(&format!("{} · eksnet", counted(sheets.len(), "blueprint")), &body)
}

/// A file beside the page as a relative address: nothing in its name is taken for a scheme, a query or a fragment.
fn address(file: &str) -> String {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let escaped = |byte: u8| {
        if harmless(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    format!("./{}", file.bytes().map(escaped).collect::<String>())
}

/// A table of all sheets, which lead where `link` says.
fn overview(sheets: &[Sheet<'_>], link: &dyn Fn(usize) -> String) -> Markup {
    html! {
        h1 { "Blueprints" }
        div.scroll tabindex="0" role="region" aria-label="All blueprints" {
            table {
                thead { tr {
                    th scope="col" { "blueprint" } th scope="col" { "Region" } th scope="col" { "CIDRs" }
                    th scope="col" { "verdict" } th scope="col" { "findings" } th scope="col" { "changes" }
                } }
                tbody { @for (at, sheet) in sheets.iter().enumerate() { (row(sheet, &link(at))) } }
            }
        }
    }
}

fn row(sheet: &Sheet<'_>, link: &str) -> Markup {
    let count = findings_count(sheet.findings());
    html! {
        tr {
            th scope="row" { a href=(link) { (sheet.title()) } }
            @match sheet {
                Sheet::Plan(plan) => {
                    @let layout = plan.compiled.layout();
                    td { (layout.intent.region.name) }
                    td { (cidrs(&layout)) }
                    td { (verdict(&layout)) }
                    td { (count) }
                    td { (plan.preview.map_or("–".to_string(), super::preview::summary)) }
                }
                Sheet::Broken { .. } => { td { "–" } td { "–" } td { span.bad { "✗ not valid" } } td { (count) } td { "–" } }
            }
        }
    }
}

fn cidrs(layout: &Layout<'_>) -> String {
    layout.intent.vpc.cidrs().map(|cidr| cidr.to_string()).collect::<Vec<_>>().join(", ")
}

fn findings_count(findings: &[Diagnostic]) -> String {
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    format!("{}, {}", counted(errors, "error"), counted(findings.len() - errors, "warning"))
}

fn verdict(layout: &Layout<'_>) -> Markup {
    let verdict = Verdict::of(layout);
    let (class, sign) = match verdict.mark {
        Mark::Good => ("good", "✓ "),
        Mark::Warning => ("warn", "! "),
        Mark::Bad => ("bad", "✗ "),
        Mark::Neutral => ("soft", ""),
    };
    html! { span class=(class) { (sign) } (prose(&verdict.words)) }
}

/// (anchor, title) of the sections of a plan.
const SECTIONS: [(&str, &str); 9] = [
    ("changes", "Changes"),
    ("map", "Address map"),
    ("plan", "Address plan"),
    ("capacity", "Capacity"),
    ("egress", "Egress"),
    ("security", "Security groups"),
    ("settings", "VPC CNI settings"),
    ("findings", "Findings"),
    ("defaults", "Defaults"),
];

fn whole(sheet: &Sheet<'_>, anchors: &Anchors) -> Markup {
    let title = sheet.title();
    html! {
        article {
            h1 #(anchors.id("top")) { (title) }
            @match sheet {
                Sheet::Plan(plan) => (of_plan(plan, sheet, anchors)),
                Sheet::Broken { .. } => {
                    p.verdict { span.bad { "✗ " } "The blueprint is not valid: " (findings_count(sheet.findings())) "." }
                    (changes::findings(sheet.findings(), sheet.source(), anchors))
                }
            }
        }
    }
}

fn of_plan(plan: &Plan<'_>, sheet: &Sheet<'_>, anchors: &Anchors) -> Markup {
    let layout = plan.compiled.layout();
    html! {
        (head(plan, &layout))
        nav aria-label=(anchors.name("Sections")) {
            ul {
                @for (id, title) in SECTIONS.iter().filter(|(id, _)| *id != "changes" || plan.preview.is_some()) {
                    li { a href=(anchors.link(id)) { (title) } }
                }
            }
        }
        @if let Some(preview) = plan.preview { (changes::section(preview, plan, anchors)) }
        (map(plan, &layout, anchors))
        (plan::matrix(&layout, plan.compiled.observed.survey.as_deref(), anchors))
        (plan::capacity(plan, &layout, anchors))
        (egress::section(&layout, anchors))
        (security::section(&layout, anchors))
        (settings::section(&layout, &plan.compiled.document, anchors))
        (changes::findings(sheet.findings(), sheet.source(), anchors))
        (settings::defaults(&layout, anchors))
    }
}

fn head(plan: &Plan<'_>, layout: &Layout<'_>) -> Markup {
    let intent = layout.intent;
    let zones: Vec<String> = intent.zones.iter().map(|zone| plain(zone.word())).collect();
    let version =
        intent.cluster.as_ref().map(|cluster| format!("Kubernetes {}", plain(&cluster.version)));
    let verdict_of = Verdict::of(layout);
    html! {
        p.soft {
            (intent.region.name) " · " (cidrs(layout)) " · " (zones.join(", "))
            @if let Some(version) = version { " · " (version) }
        }
        @if let Some(preview) = plan.preview { p.verdict { (changes::verdict(preview)) } }
        p.verdict { (verdict(layout)) }
        @for but in &verdict_of.but { p { span.warn { "! " } (prose(but)) } }
        @if let Some(first) = &verdict_of.first { p { (prose(first)) } }
        p.soft { (findings_count(&plan.compiled.warnings)) " · " (prose(plan.lock)) }
    }
}

fn map(plan: &Plan<'_>, layout: &Layout<'_>, anchors: &Anchors) -> Markup {
    let added = |subnet: &Subnet| {
        let id = subnet_id(subnet);
        let changes = plan.preview.into_iter().flat_map(|preview| &preview.network.subnets);
        changes.into_iter().any(|change| change.id == id && change.before != change.after)
    };
    // On a stack that does not exist yet everything is new: nothing is set apart by saying so.
    let all_new = layout.plan.subnets.iter().all(&added);
    let strips = strip::strips(layout, &|subnet| !all_new && added(subnet));
    let outlined = !all_new && layout.plan.subnets.iter().any(&added);
    let anchor = |tier: &str, zone: &str| anchors.subnet(tier, zone);
    let prefix = anchors.id("");
    let links = svg::Links { anchor: Some(&anchor), prefix: &prefix };
    let letters = Letters::of(layout);
    html! {
        section {
            h2 #(anchors.id("map")) { "Address map" }
            p {
                @for (at, tier) in layout.intent.tiers.iter().enumerate() {
                    span.named {
                        svg.key viewBox="0 0 10 10" aria-hidden="true" { rect class=(format!("block t{}", at % 8)) width="10" height="10" {} }
                        (letters.letter(&tier.name)) " " (plain(&tier.name))
                    }
                    " "
                }
                span.soft {
                    "hatched: free"
                    @if !layout.intent.vpc.keep_free.is_empty() { " · dotted: kept free" }
                    @if outlined { " · dashed outline: added by the change" }
                    ". Each subnet leads to its row in the plan."
                }
            }
            p.wide.soft { "The map is wider than the window: it scrolls sideways." }
            div.scroll.map tabindex="0" role="region" aria-label=(anchors.name("Address map")) {
                svg viewBox=(format!("0 0 960 {}", svg::height(&strips) / 10)) role="group" aria-label="Subnets by address" {
                    (svg::patterns(&prefix))
                    (svg::draw(&strips, 0, &links))
                }
            }
        }
    }
}

/// A sentence; what stands between backticks is code. A backtick without another one is a letter.
pub(super) fn prose(text: &str) -> Markup {
    let text = plain(text);
    let pieces: Vec<&str> = text.split('`').collect();
    let paired = pieces.len() - (pieces.len() + 1) % 2;
    html! {
        @for (at, piece) in pieces.iter().enumerate() {
            @if paired <= at { "`" (piece) } @else if at % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

/// A table that can be wider than the screen, below what it is: that stays where the table scrolls.
pub(super) fn captioned(name: &str, caption: &str, table: &Markup) -> Markup {
    html! {
        p.caption { (caption) }
        (scrolling(name, table))
    }
}

/// The table alone.
pub(super) fn scrolling(name: &str, table: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(name) { (table) } }
}
