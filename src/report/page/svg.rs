//! The address map as SVG: inline in a page, where its blocks are links, or alone for a document.

use maud::{Markup, PreEscaped, html};

use super::strip::{Block, Holder, Strip, WIDTH};
use crate::report::escape::plain;
use crate::report::thousands;

/// Heights in tenths of a pixel, as the widths.
const CAPTION: u64 = 220;
const STRIP: u64 = 520;
const JOINT: u64 = 180;
const GAP: u64 = 200;

/// Room for letters: two lines of words, one word, a letter.
const WORDS: u64 = 1_250;
const WORD: u64 = 700;
const LETTER: u64 = 130;

/// The anchor of a subnet, by tier and zone.
pub type Anchor<'a> = &'a dyn Fn(&str, &str) -> String;

/// Where links of blocks lead.
pub struct Links<'a> {
    /// The beginning of each anchor; `None`: blocks are no links.
    pub anchor: Option<Anchor<'a>>,
    /// Of the patterns' ids.
    pub prefix: &'a str,
}

/// Tenths as pixels.
fn px(tenths: u64) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

/// How high strips are, those that are magnified included.
pub fn height(strips: &[Strip]) -> u64 {
    let gaps = strips.len().saturating_sub(1) as u64 * GAP;
    strips.iter().map(of_one).sum::<u64>() + gaps
}

fn of_one(strip: &Strip) -> u64 {
    CAPTION + STRIP + strip.magnified.iter().map(|inner| JOINT + of_one(inner)).sum::<u64>()
}

/// All strips below each other, from `top` on.
pub fn draw(strips: &[Strip], top: u64, links: &Links<'_>) -> Markup {
    let mut at = top;
    let mut drawn = Vec::new();
    for strip in strips {
        drawn.push(one(strip, at, links, None));
        at += of_one(strip) + GAP;
    }
    let mut at = top;
    let mut behind = Vec::new();
    for strip in strips {
        behind.push(joints(strip, at));
        at += of_one(strip) + GAP;
    }
    html! { @for joint in behind { (joint) } @for strip in drawn { (strip) } }
}

/// Everything that leads from a part to where it is magnified, behind all blocks: it runs across the strips between.
fn joints(strip: &Strip, top: u64) -> Markup {
    let below = top + CAPTION + STRIP;
    let mut at = below;
    let mut out = Vec::new();
    for inner in &strip.magnified {
        out.push(joint(strip, inner, below, at + JOINT + CAPTION));
        out.push(joints(inner, at + JOINT));
        at += JOINT + of_one(inner);
    }
    html! { @for joint in out { (joint) } }
}

fn one(strip: &Strip, top: u64, links: &Links<'_>, magnified: Option<u64>) -> Markup {
    let band = top + CAPTION;
    let mut at = band + STRIP;
    let mut below = Vec::new();
    for inner in &strip.magnified {
        let times = (strip.to - strip.from) / (inner.to - inner.from);
        below.push(one(inner, at + JOINT, links, Some(times)));
        at += JOINT + of_one(inner);
    }
    let count = format!("{} addresses", thousands(strip.to - strip.from));
    let caption = match magnified {
        Some(times) => format!("{}, magnified × {times}", strip.name),
        None => strip.name.clone(),
    };
    html! {
        text.cidr x="0" y=(px(top + 150)) { (caption) }
        text.note x=(px(WIDTH)) y=(px(top + 150)) text-anchor="end" { (count) }
        @for block in &strip.blocks { (block_of(strip, block, band, links)) }
        @for part in below { (part) }
    }
}

/// From a part of a strip to where it is magnified.
fn joint(strip: &Strip, inner: &Strip, top: u64, bottom: u64) -> Markup {
    let (left, right) = (px(strip.x(inner.from)), px(strip.x(inner.to)));
    let (top, bottom) = (px(top), px(bottom));
    let points = format!("{left},{top} {right},{top} {},{bottom} 0,{bottom}", px(WIDTH));
    html! { polygon.joint points=(points) {} }
}

fn block_of(strip: &Strip, block: &Block, band: u64, links: &Links<'_>) -> Markup {
    let (x, right) = (strip.x(block.from), strip.x(block.to));
    let width = right - x;
    let class = match &block.holder {
        Holder::Subnet { tier, added, .. } => {
            format!("block t{}{}", tier % 8, if *added { " added" } else { "" })
        }
        Holder::Free(_) => "block free".to_string(),
        Holder::Kept(_) => "block kept".to_string(),
        Holder::Others { .. } | Holder::Held => "block held".to_string(),
    };
    let fill = pattern_of(class.trim_start_matches("block "))
        .map(|name| format!("url(#{}{name})", links.prefix));
    let words = words(block);
    let shape = html! {
        rect class=(class) fill=[fill] x=(px(x)) y=(px(band)) width=(px(width)) height=(px(STRIP)) { title { (words) } }
        (labels(block, x, width, band))
    };
    match (&block.holder, links.anchor) {
        (Holder::Subnet { name, zone, .. }, Some(anchor)) => html! {
            a href=(format!("#{}", anchor(name, zone))) aria-label=(format!("{}{words}", seen(block, width))) { (shape) }
        },
        _ => shape,
    }
}

/// The pattern of a class that has one.
fn pattern_of(class: &str) -> Option<&'static str> {
    match class {
        "free" => Some("hatch"),
        "kept" => Some("dots"),
        _ => None,
    }
}

/// What a block is, in a line.
fn words(block: &Block) -> String {
    let count = thousands(block.to - block.from);
    match &block.holder {
        Holder::Subnet { name, zone, cidr, added, existing, .. } => {
            let new = if *added { ", added by this change" } else { "" };
            let exists = existing.as_ref().map(|id| format!(", exists as {}", plain(id)));
            let more = exists.as_deref().unwrap_or(new);
            format!("{} in {}: {cidr}, {count} addresses{more}", plain(name), plain(zone))
        }
        Holder::Others { cidr, by } => format!("held by {}: {cidr}, {count} addresses", plain(by)),
        Holder::Free(cidr) => format!("free: {cidr}, {count} addresses"),
        Holder::Kept(cidr) => format!("kept free: {cidr}, {count} addresses"),
        Holder::Held => format!("not free: {count} addresses are held by the lock"),
    }
}

/// What stands in a block begins its name, too: people say what they see.
fn seen(block: &Block, width: u64) -> String {
    match written(block, width) {
        (Some(first), Some(second)) => format!("{first} {second}: "),
        (Some(first), None) => format!("{first}: "),
        _ => String::new(),
    }
}

/// One or two lines, as many as there is room for.
fn written(block: &Block, width: u64) -> (Option<String>, Option<String>) {
    let (first, second) = match &block.holder {
        Holder::Subnet { letter, name, zone, cidr, added, .. } => {
            let sign = if *added { "+ " } else { "" };
            match width {
                WORDS.. if name.chars().count() <= 18 => {
                    (format!("{sign}{} · {}", plain(name), plain(zone)), Some(cidr.clone()))
                }
                WORD.. => (format!("{sign}{letter} {}", plain(zone)), None),
                LETTER.. => (format!("{}{letter}", sign.trim_end()), None),
                _ => return (None, None),
            }
        }
        Holder::Free(cidr) if WORDS <= width => ("free".to_string(), Some(cidr.clone())),
        Holder::Kept(cidr) if WORDS <= width => ("kept free".to_string(), Some(cidr.clone())),
        _ => return (None, None),
    };
    // Letters that are too many for their block would run into the next one.
    let fits = |text: &String| text.chars().count() as u64 * 70 <= width;
    let second = second.filter(|second| fits(second) && fits(&first));
    (Some(first).filter(fits), second)
}

fn labels(block: &Block, x: u64, width: u64, band: u64) -> Markup {
    let (x, middle) = (px(x + width / 2), band + STRIP / 2);
    html! {
        @match written(block, width) {
            (Some(first), Some(second)) => {
                text.label x=(x) y=(px(middle - 30)) text-anchor="middle" { (first) }
                " "
                text.small x=(x) y=(px(middle + 130)) text-anchor="middle" { (second) }
            }
            (Some(first), None) => { text.label x=(x) y=(px(middle + 45)) text-anchor="middle" { (first) } }
            _ => {}
        }
    }
}

/// The patterns that tell free space from what is kept, without color.
pub fn patterns(prefix: &str) -> Markup {
    html! {
        defs {
            pattern id=(format!("{prefix}hatch")) width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                rect.paper width="8" height="8" {}
                rect.ink width="1" height="8" {}
            }
            pattern id=(format!("{prefix}dots")) width="8" height="8" patternUnits="userSpaceOnUse" {
                rect.paper width="8" height="8" {}
                circle.ink cx="4" cy="4" r="1.2" {}
            }
        }
    }
}

/// A document of its own.
pub fn alone(title: &str, legend: &[(String, &str)], strips: &[Strip], style: &str) -> String {
    let head = 560;
    let whole = head + height(strips);
    let links = Links { anchor: None, prefix: "" };
    let document = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("-16 -16 992 {}", px(whole + 330))) role="img" aria-labelledby="title" {
            title #title { (title) }
            style { (PreEscaped(style)) }
            rect.ground x="-16" y="-16" width="992" height=(px(whole + 330)) {}
            (patterns(""))
            text.head x="0" y="16" { (title) }
            @for (at, (name, holder)) in legend.iter().enumerate() {
                @let x = (at as u64) * (WIDTH / (legend.len() as u64).max(1));
                rect class=(format!("block {holder}")) fill=[pattern_of(holder).map(|name| format!("url(#{name})"))] x=(px(x)) y="30" width="14" height="14" {}
                text.small x=(px(x + 200)) y="42" { (name) }
            }
            (draw(strips, head, &links))
        }
    };
    document.into_string() + "\n"
}
