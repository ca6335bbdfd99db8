//! Values of examples that belong to nobody: accounts of AWS's documentation and address ranges of RFC 5737. EKS refuses such a principal
//! only once the control plane is up, and a range of nobody's admits nobody.

use super::Document;
use crate::diagnostic::Span;

const PLACEHOLDERS: [&str; 5] =
    ["111122223333", "444455556666", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"];

/// `replace before you deploy: 203.0.113.0/24 (line 30)`, in the order of lines; comments are left out. A note, not a finding: which
/// account is the author's is not known offline, and examples pass `check --strict` as they are.
pub fn placeholders(document: &Document) -> Option<String> {
    let comments: Vec<Span> = document.comments().into_iter().map(|one| one.at).collect();
    let text = &document.source.text;
    let found = PLACEHOLDERS.iter().flat_map(|word| text.match_indices(word));
    let mut found: Vec<(usize, &str)> =
        found.filter(|(at, _)| !comments.iter().any(|comment| comment.contains(at))).collect();
    found.sort_unstable();
    let mut told: Vec<String> = found
        .iter()
        .map(|(at, word)| format!("{word} (line {})", document.source.line(*at)))
        .collect();
    told.dedup();
    (!told.is_empty()).then(|| format!("replace before you deploy: {}", told.join(", ")))
}
