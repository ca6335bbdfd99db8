//! What a build without AWS says where it would need it.

#[cfg(not(feature = "aws"))]
pub fn no_aws() -> super::output::Stop {
    let failure = crate::diagnostic::Failure::new("this eksnet was built without AWS");
    super::output::Stop::Failure(
        failure.hint("build it with its default features: `cargo install --path .`"),
    )
}
