//! The YAML tree with the place of every key and value, and every trap of YAML named on its line.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::letters::{self, Word};
use super::node::{Entry, Kind, Node, Shape};
use crate::diagnostic::{Diagnostic, Span};
use crate::rules::{BP_07, YAML_01, YAML_02, YAML_03, YAML_04, YAML_05, YAML_06, YAML_07};
use crate::source::Source;

/// Nodes after aliases are expanded; a blueprint of a thousand tiers has fewer.
const MOST_NODES: usize = 100_000;
/// Bytes of text that anchors keep and aliases repeat.
const MOST_REPEATED: usize = 2 << 20;
const MOST_DEPTH: usize = 64;

/// CloudFormation looks for these in every text of a template, and puts what they name in their place.
const DYNAMIC_REFERENCE: &str = "{{resolve:";

/// What the text says, as far as it can be read.
pub struct Grown {
    /// `None`: the findings leave no usable tree.
    pub root: Option<Node>,
    /// Every scalar, keys included, in the order of the text.
    pub words: Vec<Word>,
    pub findings: Vec<Diagnostic>,
}

/// Reads the first document of `source`.
pub fn grow(source: &Source) -> Grown {
    let mut grower = Grower {
        source,
        stack: Vec::new(),
        anchors: BTreeMap::new(),
        words: Vec::new(),
        findings: Vec::new(),
        root: None,
        documents: 0,
        nodes: 0,
        repeated: 0,
    };
    for event in Parser::new_from_str(&source.text) {
        let step = match event {
            Ok((event, span)) => grower.event(event, span.byte_range().unwrap_or(0..0)),
            Err(error) => Err(syntax(source, &error)),
        };
        if let Err(stop) = step {
            grower.findings.push(stop);
            grower.root = None;
            break;
        }
    }
    let Grower { root, words, mut findings, .. } = grower;
    let strange = letters::strange(source, &words);
    // What stops the reader at such a letter says the same once more.
    let starts = |at: usize| {
        strange.iter().flat_map(|one| &one.at).any(|own| own.start == at || own.end == at)
    };
    findings.retain(|one| one.rule.id != YAML_01.id || !one.at.iter().any(|at| starts(at.start)));
    findings.extend(strange);
    Grown { root, words, findings }
}

struct Grower<'s> {
    source: &'s Source,
    stack: Vec<Frame>,
    anchors: BTreeMap<usize, Node>,
    words: Vec<Word>,
    findings: Vec<Diagnostic>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
    /// Bytes.
    repeated: usize,
}

struct Frame {
    start: usize,
    anchor: usize,
    tagged: bool,
    body: Body,
}

enum Body {
    Map { entries: Vec<Entry>, seen: BTreeSet<String>, key: Option<Key> },
    Seq(Vec<Node>),
}

/// A key that waits for its value.
struct Key {
    text: String,
    at: Span,
    plain: bool,
    again: bool,
}

/// What stands before a node: `&anchor !tag`.
struct Properties {
    anchor: usize,
    tagged: bool,
}

impl Grower<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::DocumentStart(..) => self.document(span),
            Event::Scalar(text, style, anchor, tag) => {
                let tagged = self.tag(tag.as_deref(), &span);
                let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
                self.words.push(Word { at: span.clone(), quoted });
                let plain = style == ScalarStyle::Plain;
                // The parser says `~` where nothing is written.
                let nothing =
                    plain && text == "~" && !self.source.text[span.start..].starts_with('~');
                let text = if nothing { String::new() } else { text.into_owned() };
                self.scalar((text, plain), Properties { anchor, tagged }, span)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let tagged = self.tag(tag.as_deref(), &span);
                self.open(Body::Seq(Vec::new()), Properties { anchor, tagged }, span)
            }
            Event::MappingStart(_, anchor, tag) => {
                let tagged = self.tag(tag.as_deref(), &span);
                let body = Body::Map { entries: Vec::new(), seen: BTreeSet::new(), key: None };
                self.open(body, Properties { anchor, tagged }, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            _ => Ok(()),
        }
    }

    fn document(&mut self, span: Span) -> Result<(), Diagnostic> {
        self.documents += 1;
        if self.documents < 2 {
            return Ok(());
        }
        Err(YAML_06
            .at("", "more than one YAML document in the file")
            .at(span)
            .label("the second document starts here")
            .hint("one file is one blueprint; put the second one into a file of its own"))
    }

    fn tag(&mut self, tag: Option<&Tag>, span: &Span) -> bool {
        if tag.is_some() {
            self.findings.push(
                YAML_04
                    .at("", "YAML tags (`!…`) have no meaning in a blueprint")
                    .at(span.clone())
                    .hint("remove the tag; CloudFormation's functions are written by eksnet"),
            );
        }
        tag.is_some()
    }

    fn scalar(
        &mut self,
        (text, plain): (String, bool),
        properties: Properties,
        span: Span,
    ) -> Result<(), Diagnostic> {
        if text.contains(DYNAMIC_REFERENCE) {
            self.findings.push(
                BP_07
                    .at(
                        "",
                        "CloudFormation would replace `{{resolve:…}}` by a secret or a parameter",
                    )
                    .at(span.clone())
                    .hint("write the value itself; nothing in a blueprint is a secret"),
            );
        }
        if self.awaits_key() {
            return self.key(text, plain, span);
        }
        let shape = Shape::Scalar { text, plain, kind: Kind::Text };
        self.place(Node { span, shape, tagged: properties.tagged }, properties.anchor)
    }

    fn awaits_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { body: Body::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, text: String, plain: bool, span: Span) -> Result<(), Diagnostic> {
        if self.source.text[span.start..].starts_with('?') {
            return Err(complex_key(span));
        }
        if plain && text == "<<" {
            self.findings.push(
                YAML_05
                    .at("", "merge keys (`<<`) are not part of YAML 1.2 and are not read")
                    .at(span.clone())
                    .hint("write the keys out; an anchor on a whole value (`&x` … `*x`) works"),
            );
        }
        let Some(Frame { body: Body::Map { entries, seen, key }, .. }) = self.stack.last_mut()
        else {
            return Ok(());
        };
        let again = !seen.insert(text.clone());
        if let Some(first) = entries.iter().find(|entry| again && entry.key == text) {
            self.findings.push(
                YAML_03
                    .at("", format!("key `{text}` is given twice"))
                    .at(span.clone())
                    .label("second time")
                    .also_at(first.key_span.clone(), "first time")
                    .hint("keep one of the two"),
            );
        }
        *key = Some(Key { text, at: span, plain, again });
        Ok(())
    }

    fn open(&mut self, body: Body, properties: Properties, span: Span) -> Result<(), Diagnostic> {
        if self.awaits_key() {
            return Err(complex_key(span));
        }
        if self.stack.len() >= MOST_DEPTH {
            return Err(YAML_07
                .at("", format!("nested more than {MOST_DEPTH} levels deep"))
                .at(span)
                .hint("a blueprint needs a handful: check the brackets"));
        }
        let Properties { anchor, tagged } = properties;
        self.stack.push(Frame { start: span.start, anchor, tagged, body });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Diagnostic> {
        let Some(frame) = self.stack.pop() else {
            return Ok(());
        };
        let shape = match frame.body {
            Body::Map { entries, .. } => Shape::Map(entries),
            Body::Seq(items) => Shape::Seq(items),
        };
        let end = self.source.text[..span.end].trim_end().len().max(frame.start);
        self.place(Node { span: frame.start..end, shape, tagged: frame.tagged }, frame.anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Diagnostic> {
        if self.awaits_key() {
            return Err(complex_key(span));
        }
        let Some(target) = self.anchors.get(&anchor) else {
            return Err(YAML_01
                .at("", "an alias must not be inside of what it names")
                .at(span)
                .hint("write the value out"));
        };
        let (nodes, bytes) = target.size();
        self.charge((nodes, bytes), &span)?;
        let Some(mut copy) = self.anchors.get(&anchor).cloned() else { return Ok(()) };
        copy.span = span;
        self.place(copy, 0)
    }

    /// Counts what is about to be copied, before it is.
    fn charge(&mut self, (nodes, bytes): (usize, usize), at: &Span) -> Result<(), Diagnostic> {
        self.nodes += nodes;
        self.repeated += bytes;
        let much = if self.nodes > MOST_NODES {
            format!("more than {MOST_NODES} values")
        } else if self.repeated > MOST_REPEATED {
            format!("more than {MOST_REPEATED} bytes of repeated text")
        } else {
            return Ok(());
        };
        Err(YAML_07
            .at("", format!("anchors and aliases expand to {much}"))
            .at(at.clone())
            .hint("a blueprint is a page of text: write the values out"))
    }

    fn place(&mut self, node: Node, anchor: usize) -> Result<(), Diagnostic> {
        self.charge((1, 0), &node.span)?;
        if anchor != 0 {
            self.charge(node.size(), &node.span)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut().map(|frame| &mut frame.body) {
            None => self.root = Some(node),
            Some(Body::Seq(items)) => items.push(node),
            Some(Body::Map { entries, key, .. }) => {
                if let Some(Key { text, at, plain, again }) = key.take() {
                    entries.push(Entry { key: text, key_span: at, plain, again, value: node });
                }
            }
        }
        Ok(())
    }
}

fn complex_key(span: Span) -> Diagnostic {
    YAML_02.at("", "a key must be plain text").at(span).hint("use the form `name: value`")
}

fn syntax(source: &Source, error: &ScanError) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(source.text.len());
    let line = source.text[..source.widen(at..at).start].lines().last().unwrap_or("");
    let tab = line.starts_with('\t')
        || source.text[source.widen(at..at)].starts_with('\t')
        || error.info().contains("tab");
    let found = YAML_01.at("", format!("invalid YAML: {}", error.info())).at(at..at);
    match tab {
        true => found.hint("a tab in the indentation; YAML requires spaces there"),
        false => found.hint("check the indentation and that quotes and brackets are closed"),
    }
}
