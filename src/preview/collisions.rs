//! What is created while its physical key is held by something that exists: AWS refuses it, or the clean-up deletes what both stand for.

use std::collections::BTreeSet;

use crate::facts::kinds::{self, Order};
use crate::graph::references;
use crate::render::keys::{self, Key};
use crate::template::Template;

use super::{Change, ChangeKind, Obstacle};

pub fn of(changes: &[Change], before: &Template, after: &Template) -> Vec<Obstacle> {
    let update = Update {
        before,
        after,
        made: changes.iter().filter(|one| one.is_made()).map(|one| one.id.as_str()).collect(),
        held: before
            .resources()
            .flat_map(|(id, own)| keys::of(id, own).into_iter().map(move |key| (key, id.as_str())))
            .collect(),
    };
    changes.iter().filter_map(|change| update.collision(change)).collect()
}

struct Update<'a> {
    before: &'a Template,
    after: &'a Template,
    /// What is new, or another one than before, by logical id.
    made: BTreeSet<&'a str>,
    held: Vec<(Key, &'a str)>,
}

impl Update<'_> {
    fn collision(&self, change: &Change) -> Option<Obstacle> {
        // A cluster's own rules say what it keeps.
        let cluster = change.kind == "AWS::EKS::Cluster";
        let wanted = self.taken(change).into_iter().filter(|_| !cluster);
        let holder = |key: Key| {
            let mut holders = self.held.iter().filter(|(other, _)| other.meets(&key));
            let (held, holder) = holders.find(|(_, holder)| self.is_held(change, &key, holder))?;
            Some(Obstacle::KeyHeld {
                id: change.id.clone(),
                kind: change.kind.clone(),
                path: change.path.clone(),
                holder: (*holder).to_string(),
                key,
                held: held.clone(),
            })
        };
        wanted.into_iter().find_map(holder)
    }

    /// The keys that a change takes and did not have. One of something new is new itself.
    fn taken(&self, change: &Change) -> Vec<Key> {
        let own = |template: &Template| {
            template.resource(&change.id).map(|own| keys::of(&change.id, own)).unwrap_or_default()
        };
        let had = match change.change_kind() {
            ChangeKind::Remove => return Vec::new(),
            ChangeKind::Modify => own(self.before),
            ChangeKind::Add | ChangeKind::Replace => Vec::new(),
        };
        let is_new = |key: &Key| {
            key.refers_to().iter().any(|id| self.made.contains(id.as_str()) && *id != change.id)
        };
        own(self.after).into_iter().filter(|key| !had.contains(key) && !is_new(key)).collect()
    }

    fn is_held(&self, change: &Change, key: &Key, holder: &str) -> bool {
        if holder == change.id {
            let order = kinds::find(&change.kind).map(|kind| kind.replaced.order);
            return change.change_kind() == ChangeKind::Replace
                && order == Some(Order::CreateFirst);
        }
        // What it refers to is updated before it: a holder that lets the key go then has done so.
        let lets_go =
            self.after.resource(holder).is_some_and(|own| !keys::of(holder, own).contains(key));
        let waits =
            self.after.resource(&change.id).is_some_and(|own| references(own).contains(holder));
        !(lets_go && waits && !self.made.contains(holder))
    }
}
