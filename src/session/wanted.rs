//! What a session is asked for.

use crate::deploy::Options;

/// What is to be deployed, and how.
pub struct Wanted<'w> {
    /// The blueprint's file; `-` for standard input, which is read once.
    pub file: &'w str,
    pub options: &'w Options,
    pub locking: Locking,
    pub consent: Consent,
}

/// What becomes of the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locking {
    /// It may not change.
    Held,
    Written,
    Left,
}

/// Whether a yes was given beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    Given,
    Asked,
}
