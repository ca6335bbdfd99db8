//! Everything in the way of one update, gathered from those who judge it.

use crate::template::Template;

use super::{
    Change, Obstacle, collisions, control_plane, cut_off, kinds_of_update, passed, rights,
};

pub fn of(changes: &[Change], before: &Template, after: &Template) -> Vec<Obstacle> {
    let mut found = kinds_of_update::of(changes);
    found.extend(rights::of(changes, before, after));
    found.extend(control_plane::of(changes, before, after));
    found.extend(collisions::of(changes, before, after));
    found.extend(passed::of(changes, before, after));
    found.extend(cut_off::of(changes, before, after));
    found
}
