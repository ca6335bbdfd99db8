//! IAM: names of roles, and policies of AWS's. Source: IAM API reference, CreateRole, `RoleName` and `Path`, read 2026-11-29.

/// Letters of a role's name, and of its path.
const LONGEST_NAME: usize = 64;
const LONGEST_PATH: usize = 512;

/// Whether a text is a role's name, with its path in front of it if it has one: `team/deploy`.
pub fn is_role(text: &str) -> bool {
    let (path, name) =
        text.rsplit_once('/').map_or((None, text), |(path, name)| (Some(path), name));
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    let is_name = (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(is_word);
    // Between the slashes, which IAM adds at both ends.
    let is_path = |path: &str| {
        path.len() + 2 <= LONGEST_PATH
            && path.split('/').all(|part| !part.is_empty())
            && path.chars().all(|letter| letter.is_ascii_graphic())
    };
    is_name && path.is_none_or(is_path)
}

/// Managed policies of AWS's with which nodes pull images of ECR. Source: Amazon ECR user guide, AWS managed policies, read 2026-11-28.
pub const PULL_POLICIES: &[&str] = &[
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEC2ContainerRegistryPowerUser",
    "AmazonEC2ContainerRegistryFullAccess",
];

/// In the ARN of a managed policy of AWS's.
pub const OF_AWS: &str = ":iam::aws:policy/";

#[cfg(test)]
mod tests {
    use super::is_role;

    #[test]
    fn a_role_has_a_name_and_may_have_a_path() {
        for (text, is) in [
            ("deploy", true),
            ("team/eu/deploy+x=1,2.3@4_5-6", true),
            ("", false),
            ("team/", false),
            ("/team/deploy", false),
            ("a b", false),
            ("$(id)", false),
            (&"x".repeat(65), false),
        ] {
            assert_eq!(is_role(text), is, "{text}");
        }
    }
}
