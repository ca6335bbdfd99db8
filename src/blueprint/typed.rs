//! Typed values from the tree that was checked: nothing is read a second time.

use std::fmt::Display;

use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use super::node::{Entry, Kind, Node, Shape, real, whole};
use super::path;
use crate::diagnostic::{Diagnostic, Span};
use crate::rules::BP_03;

/// The value of a tree in which every scalar is marked with what it is taken for.
pub fn read<'n, T: Deserialize<'n>>(root: &'n Node) -> Result<T, Diagnostic> {
    T::deserialize(Reader(root)).map_err(Misread::finding)
}

/// What the schema let through and the types did not: a gap between the two, and still a finding at its place.
#[derive(Debug)]
struct Misread {
    what: String,
    /// Innermost first.
    steps: Vec<String>,
    at: Option<Span>,
}

impl Misread {
    fn of(what: impl Into<String>) -> Self {
        Self { what: what.into(), steps: Vec::new(), at: None }
    }

    fn within(mut self, step: String, span: &Span) -> Self {
        self.at.get_or_insert_with(|| span.clone());
        self.steps.push(step);
        self
    }

    fn finding(self) -> Diagnostic {
        let join = |whole: String, step: &String| match step.starts_with('[') {
            true => format!("{whole}{step}"),
            false => path::key(&whole, step),
        };
        let place = self.steps.iter().rev().fold(String::new(), join);
        let named = if place.is_empty() { "the blueprint" } else { &place };
        let message = format!("`{named}` {}", self.what);
        BP_03
            .at(place.as_str(), message)
            .at(self.at.unwrap_or(0..0))
            .hint("`eksnet schema` prints what each key accepts")
    }
}

impl Display for Misread {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.what)
    }
}

impl std::error::Error for Misread {}

/// In the words of the language: those of the types are nobody's business.
impl Error for Misread {
    fn custom<T: Display>(_: T) -> Self {
        Self::of("has none of the forms that are accepted here")
    }

    fn invalid_type(unexpected: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::of(format!("does not accept {}", in_words(unexpected)))
    }

    fn invalid_value(unexpected: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::of(format!("does not accept {}", in_words(unexpected)))
    }

    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Self {
        Self::of(format!("does not accept `{variant}`"))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::of(format!("has no key `{field}`"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of(format!("requires `{field}`"))
    }
}

fn in_words(unexpected: Unexpected<'_>) -> String {
    match unexpected {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number}"),
        Unexpected::Str(text) => format!("the text \"{text}\""),
        Unexpected::Seq => "a list".to_string(),
        Unexpected::Map => "a mapping".to_string(),
        _ => "this value".to_string(),
    }
}

#[derive(Clone, Copy)]
struct Reader<'n>(&'n Node);

impl<'n> Deserializer<'n> for Reader<'n> {
    type Error = Misread;

    fn deserialize_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        match &self.0.shape {
            Shape::Map(entries) => visitor.visit_map(Entries { rest: entries.iter(), value: None }),
            Shape::Seq(_) => visitor
                .visit_seq(Items { rest: Box::new(self.0.items().map(|(_, item)| item)), at: 0 }),
            Shape::Scalar { text, kind, .. } => scalar(text, *kind, visitor),
            Shape::Gone => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Misread> {
        match &self.0.shape {
            Shape::Scalar { kind: Kind::Nothing, .. } | Shape::Gone => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'n>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misread> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'n>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misread> {
        match &self.0.shape {
            Shape::Scalar { text, .. } => {
                let word: StrDeserializer<'_, Misread> = text.as_str().into_deserializer();
                word.deserialize_enum(name, variants, visitor)
            }
            _ => Err(Misread::of("accepts one word only")),
        }
    }

    forward_to_deserialize_any! {
        <V: Visitor<'n>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

fn scalar<'n, V: Visitor<'n>>(text: &'n str, kind: Kind, visitor: V) -> Result<V::Value, Misread> {
    match kind {
        Kind::Text => visitor.visit_borrowed_str(text),
        Kind::Nothing => visitor.visit_unit(),
        Kind::Truth => visitor.visit_bool(text.eq_ignore_ascii_case("true")),
        Kind::Real => visitor.visit_f64(real(text).unwrap_or_default()),
        Kind::Whole => {
            let number = whole(text).unwrap_or_default();
            match u64::try_from(number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_i64(number),
            }
        }
    }
}

struct Entries<'n> {
    rest: std::slice::Iter<'n, Entry>,
    value: Option<&'n Entry>,
}

impl<'n> MapAccess<'n> for Entries<'n> {
    type Error = Misread;

    fn next_key_seed<K: DeserializeSeed<'n>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misread> {
        self.value = self.rest.find(|entry| !entry.value.is_gone());
        let Some(entry) = self.value else { return Ok(None) };
        let key = serde::de::value::BorrowedStrDeserializer::new(entry.key.as_str());
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'n>>(&mut self, seed: V) -> Result<V::Value, Misread> {
        let Some(entry) = self.value else { return Err(Misread::of("has no value")) };
        seed.deserialize(Reader(&entry.value))
            .map_err(|error| error.within(entry.key.clone(), &entry.value.span))
    }
}

struct Items<'n> {
    rest: Box<dyn Iterator<Item = &'n Node> + 'n>,
    at: usize,
}

impl<'n> SeqAccess<'n> for Items<'n> {
    type Error = Misread;

    fn next_element_seed<T: DeserializeSeed<'n>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misread> {
        let Some(item) = self.rest.next() else { return Ok(None) };
        let step = format!("[{}]", self.at);
        self.at += 1;
        seed.deserialize(Reader(item)).map(Some).map_err(|error| error.within(step, &item.span))
    }
}
