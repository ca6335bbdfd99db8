//! Rules: allowances.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&ALW_01, &ALW_02, &ALW_03, &ALW_04, &ALW_05];

pub static ALW_01: Rule = warning("ALW-01", "an allowance should give its reason")
    .why("without it, a later reader does not know what was weighed")
    .sources(&[&HOUSE])
    .example(
        "cidr: 172.17.0.0/16 # eksnet:allow VPC-06",
        "cidr: 172.17.0.0/16 # eksnet:allow VPC-06 no Docker anywhere, all nodes run containerd",
    );

pub static ALW_02: Rule = warning("ALW-02", "an allowance should suppress a finding")
    .why("one that does not would hide a later violation of the rule")
    .sources(&[&HOUSE])
    .example("cidr: 10.40.0.0/16 # eksnet:allow VPC-06 no Docker anywhere", "cidr: 10.40.0.0/16");

pub static ALW_03: Rule = error(
    "ALW-03",
    "errors must not be suppressed",
    Fails("the deployment fails as it would without the comment"),
)
.why("AWS refuses it all the same, or it fails later, in operation")
.sources(&[&HOUSE])
.example("cidr: 10.32.0.0/12 # eksnet:allow VPC-01 we like it large", "cidr: 10.40.0.0/16");

pub static ALW_04: Rule =
    error("ALW-04", "an allowance must name a rule", NotBuilt("the comment names no rule"))
        .why("a misspelled one silences nothing")
        .sources(&[&HOUSE])
        .example("# eksnet:allow VPC-6 reason", "# eksnet:allow VPC-06 reason");

pub static ALW_05: Rule = warning("ALW-05", "a comment to eksnet should be an allowance")
    .why("`eksnet:allow` is the only word that eksnet reads in a comment: any other one suppresses nothing")
    .sources(&[&HOUSE])
    .example(
        "cidr: 172.17.0.0/16 # eksnet:ignore VPC-06 no Docker anywhere",
        "cidr: 172.17.0.0/16 # eksnet:allow VPC-06 no Docker anywhere",
    );
