//! Rules: the file.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &YAML_01, &YAML_02, &YAML_03, &YAML_04, &YAML_05, &YAML_06, &YAML_07, &YAML_08, &YAML_09,
    &YAML_10, &BP_01, &BP_02, &BP_03, &BP_04, &BP_05, &BP_07, &BP_08, &MORE_01, &NET_01, &NET_02,
    &REG_01,
];

pub static YAML_01: Rule =
    error("YAML-01", "a blueprint must be valid YAML", NotBuilt("the file cannot be read"))
        .why("a file that no YAML reader understands says nothing")
        .sources(&[&YAML_12])
        .example("vpc: {cidr: 10.40.0.0/16", "vpc: { cidr: 10.40.0.0/16 }");

pub static YAML_02: Rule =
    error("YAML-02", "keys must be plain text", NotBuilt("the file cannot be read"))
        .why("a list or a mapping as a key is legal YAML that hardly any reader handles alike")
        .sources(&[&YAML_12])
        .example("? [a, b]\n: c", "name: c");

pub static YAML_03: Rule =
    error("YAML-03", "a key must not be given twice", NotBuilt("readers differ on what it says"))
        .why("most readers silently keep one of the two")
        .sources(&[&YAML_12])
        .example("vpc: {}\nvpc: {}", "vpc: {}");

pub static YAML_04: Rule = error(
    "YAML-04",
    "a blueprint must not contain YAML tags",
    NotBuilt("the file is not plain YAML"),
)
.why("`!Ref` and its like belong to CloudFormation templates, which eksnet writes")
.sources(&[&HOUSE])
.example("cidr: !Ref Cidr", "cidr: 10.40.0.0/16");

pub static YAML_05: Rule = error(
    "YAML-05",
    "a blueprint must not contain merge keys",
    NotBuilt("readers differ on what it says"),
)
.why("`<<` left YAML with version 1.2, and readers differ on it")
.sources(&[&YAML_12])
.example("<<: *base", "size: /20");

pub static YAML_06: Rule = error(
    "YAML-06",
    "a file must contain one document",
    NotBuilt("readers differ on what it says"),
)
.why("a second document would be ignored by some readers and win in others")
.sources(&[&HOUSE])
.example("---\na: 1\n---\nb: 2", "a: 1");

pub static YAML_07: Rule =
    error("YAML-07", "nesting and aliases must be bounded", NotBuilt("the file is not plain YAML"))
        .why("aliases of aliases grow without bound")
        .sources(&[&HOUSE])
        .example("b: [*a, *a, *a, …]", "b: [1, 2]");

pub static YAML_08: Rule = warning("YAML-08", "words that YAML 1.1 reads differently should be quoted")
    .why("`no`, `012`, `12:30` and `1_000` are false, ten, 750 and 1000 to PyYAML and others that may read this file, `1e3` is a number and `2024-01-01` a date")
    .sources(&[&YAML_11, &YAML_12])
    .example("team: no", "team: \"no\"");

pub static YAML_09: Rule = error(
    "YAML-09",
    "a blueprint must be UTF-8 and at most 1 MiB",
    NotBuilt("the file cannot be read"),
)
.why("a blueprint is a page of text")
.sources(&[&HOUSE])
.example("(a binary file)", "name: été");

pub static YAML_10: Rule = error(
    "YAML-10",
    "every character must mean the same to every reader",
    NotBuilt("readers differ on what it says"),
)
.why("U+2028, U+2029, U+0085 and a lone carriage return end a line for YAML 1.1 and not for YAML 1.2, so that a comment turns into a setting; bidirectional controls show another text than is read, other control characters are not part of YAML, and tabs between words are spaces for some readers and an error for others")
.sources(&[&YAML_11, &YAML_12])
.example("a comment with U+2028 in it", "name: shop");

pub static BP_01: Rule =
    error("BP-01", "every key must be known", NotBuilt("the word has no meaning"))
        .why("a misspelled key that is ignored is a setting that is lost")
        .sources(&[&HOUSE])
        .example("vpc: { cidrr: 10.40.0.0/16 }", "vpc: { cidr: 10.40.0.0/16 }");

pub static BP_02: Rule =
    error("BP-02", "required keys must be present", NotBuilt("nothing can be named or placed"))
        .why("a cluster needs a name and a Region")
        .sources(&[&HOUSE])
        .example("metadata: { name: shop }", "metadata: { name: shop, region: eu-west-1 }");

pub static BP_03: Rule = error(
    "BP-03",
    "every value must have the type of its key",
    NotBuilt("the file cannot be read"),
)
.why("a list where a mapping belongs cannot be read")
.sources(&[&HOUSE])
.example("vpc: [10.40.0.0/16]", "vpc: { cidr: 10.40.0.0/16 }");

pub static BP_04: Rule = error(
    "BP-04",
    "every word must be one of those that its key accepts",
    NotBuilt("the word has no meaning"),
)
.why("an unknown word has no meaning")
.sources(&[&HOUSE])
.example("egress: natt", "egress: nat");

pub static BP_05: Rule =
    error("BP-05", "every number must be within its bounds", NotBuilt("the word has no meaning"))
        .why("beyond them it has no meaning")
        .sources(&[&HOUSE])
        .example("zones: -1", "zones: 3");

pub static BP_07: Rule = error(
    "BP-07",
    "text must not contain CloudFormation dynamic references",
    NotBuilt("CloudFormation would put a secret or a parameter in its place"),
)
.why("CloudFormation replaces `{{resolve:…}}` wherever it is in a template, so that a secret would become a tag, a name or a label")
.sources(&[&CFN_DYNAMIC])
.example("tags: { owner: \"{{resolve:ssm:owner}}\" }", "tags: { owner: platform }");

pub static BP_08: Rule = warning("BP-08", "a list should name each entry once")
    .why("the order and the number of its members say nothing: a second one is a slip, or was meant to be another")
    .sources(&[&HOUSE])
    .example("publicCidrs: [203.0.113.0/24, 203.0.113.0/24]", "publicCidrs: [203.0.113.0/24]");

pub static MORE_01: Rule = warning("MORE-01", "a file must not have more findings than are shown")
    .why("a longer list hides its beginning: 100 are shown, errors first, and this is an error if one is among the others; JSON and SARIF have all of them")
    .sources(&[&HOUSE])
    .example("(a file with 5,000 wrong routes)", "zones: 3");

pub static NET_01: Rule =
    error("NET-01", "ranges must be IPv4 CIDRs", NotBuilt("the word has no meaning"))
        .why("`010.0.0.0/8` is octal to some readers, and an address is not a range")
        .sources(&[&RFC_4632, &RFC_6943])
        .example("cidr: 010.0.0.0/8", "cidr: 10.0.0.0/8");

pub static NET_02: Rule =
    error("NET-02", "sizes must be prefix lengths", NotBuilt("the word has no meaning"))
        .why("`/20` is a size; `20` could be anything")
        .sources(&[&HOUSE])
        .example("size: 20", "size: /20");

pub static REG_01: Rule =
    error("REG-01", "the Region must be known", NotBuilt("its zones are unknown"))
        .why("zone ids, and so every subnet's name, follow from it")
        .sources(&[&REGIONS])
        .example("region: eu-west-9", "region: eu-west-1");
