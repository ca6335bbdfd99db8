//! Each CIDR of the VPC as a row of cells: who has which part of it, and how the free space is broken up.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use ipnet::Ipv4Net;

use super::super::View;
use super::super::escape::plain;
use super::super::style::{dim, paint};
use super::super::view::width;
use super::Layout;

/// Nobody has it.
pub const FREE: char = '·';
/// The blueprint keeps it free.
pub const KEPT: char = 'x';
/// Others hold it.
const OTHERS: char = '#';

/// Cells of a map, the most that fit first: powers of two, so that a cell is a prefix.
const CELLS: [u32; 3] = [64, 32, 16];

const COLORS: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Green,
    AnsiColor::Magenta,
    AnsiColor::Blue,
    AnsiColor::Yellow,
    AnsiColor::Red,
];

/// A letter for each tier, the same wherever a map is drawn.
pub struct Letters<'a>(Vec<(&'a str, char)>);

impl<'a> Letters<'a> {
    /// In the order of the blueprint's tiers: the first letter of a name that is still free, else the next of the alphabet.
    pub fn of(layout: &Layout<'a>) -> Self {
        let mut given: Vec<(&str, char)> = Vec::new();
        for tier in &layout.intent.tiers {
            let own = tier.name.chars().filter(char::is_ascii_alphanumeric);
            let others = ('a'..='z').chain('A'..='Z').chain('0'..='9');
            let letter = own
                .map(|one| one.to_ascii_lowercase())
                .chain(others)
                .find(|letter| *letter != KEPT && given.iter().all(|(_, other)| other != letter));
            given.push((&tier.name, letter.unwrap_or('?')));
        }
        Self(given)
    }

    /// `?` for a tier that has none, since more tiers than letters share it.
    pub fn letter(&self, tier: &str) -> char {
        self.0.iter().find(|(name, _)| *name == tier).map_or('?', |(_, letter)| *letter)
    }

    fn style(&self, letter: char) -> Style {
        let at = self.0.iter().position(|(_, own)| *own == letter);
        at.map_or(Style::new().dimmed(), |at| COLORS[at % COLORS.len()].on_default())
    }
}

pub(super) fn write(layout: &Layout<'_>, view: View) -> String {
    let letters = Letters::of(layout);
    let names: Vec<String> = layout.intent.vpc.cidrs().map(|cidr| cidr.to_string()).collect();
    let lead = names.iter().map(|name| width(name)).max().unwrap_or(0) + 2;
    let room = view.columns.saturating_sub(lead);
    let cells = CELLS.into_iter().find(|cells| *cells as usize <= room).unwrap_or(CELLS[2]);
    let mut out = String::new();
    for (cidr, name) in layout.intent.vpc.cidrs().zip(names) {
        let row: String = runs(&cells_of(layout, &letters, cidr, cells))
            .iter()
            .map(|(letter, run)| paint(letters.style(*letter), &letter.to_string().repeat(*run)))
            .collect();
        out.push_str(&format!("{name}{}{row}\n", " ".repeat(lead - width(&name))));
    }
    out + &legend(layout, &letters, lead, view)
}

fn legend(layout: &Layout<'_>, letters: &Letters<'_>, lead: usize, view: View) -> String {
    let tiers = letters.0.iter().map(|(name, letter)| format!("{}\u{a0}{}", letter, plain(name)));
    let kept = (!layout.intent.vpc.keep_free.is_empty()).then(|| format!("{KEPT}\u{a0}kept free"));
    let others = others(layout).next().map(|_| format!("{OTHERS}\u{a0}others"));
    let free = [format!("{FREE}\u{a0}free")];
    let words: Vec<String> = tiers.chain(free).chain(kept).chain(others).collect();
    let text = words.join("  ").replace("kept free", "kept\u{a0}free");
    let lines = view.hanging(&" ".repeat(lead), &text, lead).replace('\u{a0}', " ");
    lines.lines().map(|line| format!("{}\n", dim(line))).collect()
}

fn cells_of(layout: &Layout<'_>, letters: &Letters<'_>, cidr: Ipv4Net, cells: u32) -> Vec<char> {
    let size = |net: Ipv4Net| 1u64 << (32 - net.prefix_len());
    let start = |net: Ipv4Net| u64::from(u32::from(net.network()));
    let cell = (size(cidr) / u64::from(cells)).max(1);
    let held: Vec<(u64, u64, char)> = layout
        .plan
        .subnets
        .iter()
        .map(|subnet| (subnet.cidr, letters.letter(&subnet.tier)))
        .chain(layout.intent.vpc.keep_free.iter().map(|kept| (kept.cidr, KEPT)))
        .chain(others(layout))
        .filter(|(net, _)| cidr.contains(net))
        .map(|(net, letter)| (start(net), start(net) + size(net), letter))
        .collect();
    let cell_at = |at: u32| {
        let from = start(cidr) + u64::from(at) * size(cidr) / u64::from(cells);
        let mut parts: BTreeMap<char, u64> = BTreeMap::new();
        for (low, high, letter) in &held {
            let inside = (*high).min(from + cell).saturating_sub((*low).max(from));
            *parts.entry(*letter).or_default() += inside;
        }
        let most =
            parts.into_iter().filter(|(_, inside)| 0 < *inside).max_by_key(|(_, inside)| *inside);
        most.map_or(FREE, |(letter, _)| letter)
    };
    (0..cells).map(cell_at).collect()
}

/// What others hold and no tier names.
fn others<'l>(layout: &Layout<'l>) -> impl Iterator<Item = (Ipv4Net, char)> + use<'l> {
    let subnets = &layout.plan.subnets;
    let ranges = layout.intent.occupied.iter().flat_map(|occupied| &occupied.ranges);
    let unnamed = ranges.filter(|one| !subnets.iter().any(|subnet| subnet.cidr == one.cidr));
    unnamed.map(|one| (one.cidr, OTHERS))
}

/// Equal neighbors together.
fn runs(cells: &[char]) -> Vec<(char, usize)> {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for cell in cells {
        match runs.last_mut() {
            Some((letter, run)) if letter == cell => *run += 1,
            _ => runs.push((*cell, 1)),
        }
    }
    runs
}
