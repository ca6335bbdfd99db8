//! The digest of a lock: it tells an edited lock from a written one.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Of a ledger of any version, in the order of its fields.
pub fn digest_of(ledger: &impl Serialize) -> String {
    let json = serde_json::to_string(ledger).unwrap_or_default();
    format!("{:x}", Sha256::digest(json.as_bytes()))[..16].to_string()
}
