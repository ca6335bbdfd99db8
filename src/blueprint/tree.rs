//! The YAML tree with the place of every key and value, and every trap of YAML named on its line.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use crate::diagnostic::{Diagnostic, Span};
use crate::rules::{BP_07, YAML_01, YAML_02, YAML_03, YAML_04, YAML_05, YAML_06, YAML_07};
use crate::source::Source;

/// Nodes after aliases are expanded; a blueprint of a thousand tiers has fewer.
const MOST_NODES: usize = 100_000;
const MOST_DEPTH: usize = 64;

/// CloudFormation looks for these in every text of a template, and puts what they name in their place.
const DYNAMIC_REFERENCE: &str = "{{resolve:";

#[derive(Clone, Debug)]
pub struct Node {
    pub span: Span,
    pub shape: Shape,
}

#[derive(Clone, Debug)]
pub enum Shape {
    Scalar { text: String, plain: bool },
    Map(Vec<Entry>),
    Seq(Vec<Node>),
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: String,
    pub key_span: Span,
    pub value: Node,
}

impl Node {
    /// `null`, `~` or nothing at all.
    pub fn is_null(&self) -> bool {
        matches!(&self.shape, Shape::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.shape {
            Shape::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }
}

/// Reads the first document of `source`. Findings that leave no usable tree come with `None`.
pub fn grow(source: &Source) -> (Option<Node>, Vec<Diagnostic>) {
    let mut grower = Grower {
        source,
        stack: Vec::new(),
        anchors: HashMap::new(),
        findings: Vec::new(),
        root: None,
        documents: 0,
        nodes: 0,
    };
    for event in Parser::new_from_str(&source.text) {
        let step = match event {
            Ok((event, span)) => grower.event(event, span.byte_range().unwrap_or(0..0)),
            Err(error) => Err(syntax(source, &error)),
        };
        if let Err(stop) = step {
            grower.findings.push(stop);
            return (None, grower.findings);
        }
    }
    (grower.root, grower.findings)
}

struct Grower<'s> {
    source: &'s Source,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Node>,
    findings: Vec<Diagnostic>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
}

struct Frame {
    start: usize,
    anchor: usize,
    body: Body,
}

enum Body {
    Map { entries: Vec<Entry>, key: Option<(String, Span)> },
    Seq(Vec<Node>),
}

impl Grower<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::DocumentStart(..) => self.document(span),
            Event::Scalar(text, style, anchor, tag) => {
                self.tag(tag.as_deref(), &span);
                self.scalar(text.into_owned(), style == ScalarStyle::Plain, anchor, span)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), &span);
                self.open(Body::Seq(Vec::new()), anchor, span)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), &span);
                self.open(Body::Map { entries: Vec::new(), key: None }, anchor, span)
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

    fn tag(&mut self, tag: Option<&Tag>, span: &Span) {
        if tag.is_some() {
            self.findings.push(
                YAML_04
                    .at("", "YAML tags (`!…`) have no meaning in a blueprint")
                    .at(span.clone())
                    .hint("remove the tag; CloudFormation's functions are written by eksnet"),
            );
        }
    }

    fn scalar(
        &mut self,
        text: String,
        plain: bool,
        anchor: usize,
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
        self.place(Node { span, shape: Shape::Scalar { text, plain } }, anchor)
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
        let Some(Frame { body: Body::Map { entries, key }, .. }) = self.stack.last_mut() else {
            return Ok(());
        };
        if let Some(first) = entries.iter().find(|entry| entry.key == text) {
            self.findings.push(
                YAML_03
                    .at("", format!("key `{text}` is given twice"))
                    .at(span.clone())
                    .label("second time")
                    .also_at(first.key_span.clone(), "first time")
                    .hint("keep one of the two"),
            );
        }
        *key = Some((text, span));
        Ok(())
    }

    fn open(&mut self, body: Body, anchor: usize, span: Span) -> Result<(), Diagnostic> {
        if self.awaits_key() {
            return Err(complex_key(span));
        }
        if self.stack.len() >= MOST_DEPTH {
            return Err(YAML_07
                .at("", format!("nested more than {MOST_DEPTH} levels deep"))
                .at(span)
                .hint("a blueprint needs a handful: check the brackets"));
        }
        self.stack.push(Frame { start: span.start, anchor, body });
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
        self.place(Node { span: frame.start..end, shape }, frame.anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Diagnostic> {
        if self.awaits_key() {
            return Err(complex_key(span));
        }
        let Some(target) = self.anchors.get(&anchor) else {
            return Err(YAML_01
                .at("", "an alias may not stand inside what it names")
                .at(span)
                .hint("write the value out"));
        };
        let mut copy = target.clone();
        copy.span = span;
        self.nodes += size(&copy);
        self.place(copy, 0)
    }

    fn place(&mut self, node: Node, anchor: usize) -> Result<(), Diagnostic> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(YAML_07
                .at("", format!("aliases make this more than {MOST_NODES} values"))
                .at(node.span)
                .hint("a blueprint is a page of text: write the values out"));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut().map(|frame| &mut frame.body) {
            None => self.root = Some(node),
            Some(Body::Seq(items)) => items.push(node),
            Some(Body::Map { entries, key }) => {
                if let Some((key, key_span)) = key.take() {
                    entries.push(Entry { key, key_span, value: node });
                }
            }
        }
        Ok(())
    }
}

fn size(node: &Node) -> usize {
    match &node.shape {
        Shape::Scalar { .. } => 1,
        Shape::Map(entries) => 1 + entries.iter().map(|entry| size(&entry.value)).sum::<usize>(),
        Shape::Seq(items) => 1 + items.iter().map(size).sum::<usize>(),
    }
}

fn complex_key(span: Span) -> Diagnostic {
    YAML_02.at("", "a key must be plain text").at(span).hint("write `name: value`")
}

fn syntax(source: &Source, error: &ScanError) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(source.text.len());
    let line = source.text[..source.widen(at..at).start].lines().last().unwrap_or("");
    let tab = line.starts_with('\t')
        || source.text[source.widen(at..at)].starts_with('\t')
        || error.info().contains("tab");
    let found = YAML_01.at("", format!("invalid YAML: {}", error.info())).at(at..at);
    match tab {
        true => found.hint("a tab stands in the indentation; YAML wants spaces there"),
        false => found.hint("check the indentation and that quotes and brackets are closed"),
    }
}
