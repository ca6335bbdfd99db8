//! ARNs of what a stack names outside itself: of its own partition and Region.

use crate::diagnostic::Diagnostic;
use crate::intent::Intent;
use crate::rules::Rule;

/// What is wrong with an ARN of `service`; `rest` is how one ends.
pub fn misfit(
    intent: &Intent,
    (rule, place): (&'static Rule, &str),
    text: &str,
    (service, rest): (&str, &str),
) -> Option<Diagnostic> {
    let (partition, region) = (intent.region.partition(), intent.region.name);
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let wrong = match parts.as_slice() {
        ["arn", own, named, at, account, name]
            if !name.is_empty() && account.len() == 12 && *named == service =>
        {
            match () {
                () if *own != partition => {
                    format!("`{text}` is of the partition {own}, and {region} is of {partition}")
                }
                () if *at != region => format!("`{text}` is of {at}, and the stack of {region}"),
                () => return None,
            }
        }
        _ => format!("not a valid ARN of {}: `{text}`", service.to_uppercase()),
    };
    Some(rule.at(place, wrong).hint(format!("as in `arn:{partition}:{service}:{region}:{rest}`")))
}

/// Whether a text is the ARN of an IAM policy of the Region's partition, AWS's own included.
pub fn is_policy(intent: &Intent, text: &str) -> bool {
    of_iam(intent, text, "policy/")
}

/// Whether a text is the ARN of a role of the Region's partition.
pub fn is_role(intent: &Intent, text: &str) -> bool {
    of_iam(intent, text, "role/") && !text.contains(":iam::aws:")
}

fn of_iam(intent: &Intent, text: &str, kind: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, name] = parts.as_slice() else {
        return false;
    };
    let number = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let letter = |one: char| one.is_ascii_alphanumeric() || "+=,.@_-/".contains(one);
    let named = name.strip_prefix(kind).and_then(|name| name.rsplit('/').next());
    *partition == intent.region.partition()
        && (number || *account == "aws")
        && named.is_some_and(|name| !name.is_empty())
        && name.chars().all(letter)
}
