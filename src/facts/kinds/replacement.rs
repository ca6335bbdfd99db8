//! Which change of which property makes CloudFormation replace a resource, and what comes first then.

/// CloudFormation's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Replacement {
    Never,
    Conditional,
    Always,
}

impl Replacement {
    /// CloudFormation's own word, in JSON documents.
    pub fn word(self) -> &'static str {
        match self {
            Replacement::Never => "Never",
            Replacement::Conditional => "Conditional",
            Replacement::Always => "Always",
        }
    }
}

/// The schema's `replacementStrategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The new one exists beside the old one until the clean-up.
    CreateFirst,
    DeleteFirst,
}

/// A type's properties by what their change does to the resource, as the registry schema has it; paths have slashes.
#[derive(Clone, Copy, Debug)]
pub struct Replaced {
    pub create_only: &'static [&'static str],
    pub conditional: &'static [&'static str],
    /// The type has no update handler: any change of a property replaces, tags aside.
    pub by_any: bool,
    /// What replaces when it changes, but is simply put where nothing was.
    pub added_in_place: &'static [&'static str],
    pub order: Order,
}

/// By these properties alone, the new one first.
pub(super) const fn by(create_only: &'static [&'static str]) -> Replaced {
    Replaced {
        create_only,
        conditional: &[],
        by_any: false,
        added_in_place: &[],
        order: Order::CreateFirst,
    }
}

/// By any change, the new one first.
pub(super) const BY_ANY: Replaced = Replaced { by_any: true, ..by(&[]) };

/// By any change, the old one deleted first.
pub(super) const BY_ANY_AFTER_DELETION: Replaced =
    Replaced { by_any: true, order: Order::DeleteFirst, ..by(&[]) };

impl Replaced {
    /// For a change at this path, below it or around it. Tags and metadata do not count where any other change replaces.
    pub fn by(&self, property: &str) -> Replacement {
        let touches = |paths: &[&str]| {
            paths.iter().any(|path| is_within(path, property) || is_within(property, path))
        };
        if touches(self.create_only)
            || (self.by_any && !super::is_tag(property) && !is_within("Metadata", property))
        {
            Replacement::Always
        } else if touches(self.conditional) {
            Replacement::Conditional
        } else {
            Replacement::Never
        }
    }

    /// The same for a property that had no value before.
    pub fn by_added(&self, property: &str) -> Replacement {
        if self.added_in_place.contains(&property) { Replacement::Never } else { self.by(property) }
    }
}

/// Whether `inner` is `outer` or stands below it.
pub(super) fn is_within(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
