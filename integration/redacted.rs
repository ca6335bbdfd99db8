//! A survey that was made to be shared says the same of everything: whose it is, what may be added, what is refused.

use std::collections::BTreeMap;

use eksnet::line::Stopped;
use eksnet::observed::survey::{Survey, Tags};
use eksnet::survey::{self, owner_of};
use serde_json::Value;

use crate::existing::{compiled, exhausted};
use crate::held::{all_kinds, list, of_stack, with_all_kinds};

/// What stands in place of what, longest first.
fn tokens(plain: &Survey, shared: &Survey) -> Vec<(String, String)> {
    fn walk(plain: &Value, shared: &Value, found: &mut BTreeMap<String, String>) {
        match (plain, shared) {
            (Value::String(from), Value::String(to)) if from != to => {
                found.insert(from.clone(), to.clone());
            }
            (Value::Array(from), Value::Array(to)) => {
                from.iter().zip(to).for_each(|(from, to)| walk(from, to, found));
            }
            (Value::Object(from), Value::Object(to)) => {
                from.iter()
                    .filter_map(|(key, own)| Some((own, to.get(key)?)))
                    .for_each(|(from, to)| walk(from, to, found));
            }
            _ => {}
        }
    }
    let mut found = BTreeMap::new();
    let value = |survey: &Survey| serde_json::to_value(survey).unwrap();
    walk(&value(plain), &value(shared), &mut found);
    let stack = |text: &str| text.strip_prefix("eksnet-").map(str::to_string);
    let names: Vec<(String, String)> =
        found.iter().filter_map(|(from, to)| Some((stack(from)?, stack(to)?))).collect();
    let mut all: Vec<(String, String)> = found.into_iter().chain(names).collect();
    all.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    all
}

/// A blueprint in the words of the survey that was shared: each word once, the longest that fits.
fn shared_words(text: &str, tokens: &[(String, String)]) -> String {
    let is_word =
        |letter: Option<char>| letter.is_some_and(|one| one.is_alphanumeric() || one == '-');
    let (mut out, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let fits = |from: &&(String, String)| {
            let after = rest.strip_prefix(from.0.as_str());
            after
                .is_some_and(|after| !is_word(out.chars().last()) && !is_word(after.chars().next()))
        };
        match tokens.iter().find(fits) {
            Some((from, to)) => {
                out.push_str(to);
                rest = &rest[from.len()..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

/// Ids of what is found, and where subnets come to be.
fn told(text: &str, survey: &Survey) -> (Vec<&'static str>, Vec<String>) {
    match compiled(text, Some(survey), None) {
        Ok(built) => (
            crate::existing::ids(&built.warnings),
            built.plan.subnets.iter().map(|one| one.cidr.to_string()).collect(),
        ),
        Err(Stopped::Findings(_, findings)) => (crate::existing::ids(&findings), Vec::new()),
        Err(Stopped::Failure(failure)) => panic!("{}", failure.chain()),
    }
}

/// By ids: a pattern of names finds nothing among tokens.
fn by_ids() -> String {
    let ids: Vec<String> = (0..3).map(|zone| format!("subnet-{zone:017x}")).collect();
    let (tags, named) = ("tags: { Name: \"*private*\" }", format!("ids: [{}]", ids.join(", ")));
    assert!(all_kinds().contains(tags));
    all_kinds().replace(tags, &named)
}

#[test]
fn what_is_the_stacks_own_stays_its_own() {
    for tags in [of_stack(), Tags::new()] {
        let plain = with_all_kinds(&tags);
        let shared = survey::redact::redacted(&plain);
        let words = shared_words(&by_ids(), &tokens(&plain, &shared));
        assert!(!words.contains("prod-pods") || tags.is_empty(), "{words}");
        assert_eq!(told(&words, &shared), told(&by_ids(), &plain), "{words}");
    }
}

/// Whose a subnet is, and what is held in it, stands wherever the subnet does.
#[test]
fn a_subnet_that_exists_says_whose_it_is_and_what_is_held() {
    let mut survey = exhausted();
    for subnet in list(&mut survey.vpc.subnets) {
        subnet.tags.insert("ManagedBy".into(), "terraform".into());
    }
    let built = compiled(crate::existing::TEXT, Some(&survey), None).unwrap();
    let json: Value =
        serde_json::from_str(&eksnet::report::layout_json::write(&built.layout())).unwrap();
    let first = &json["subnets"][0];
    assert_eq!(
        (&first["existing"], &first["owner"]),
        (&Value::from(true), &Value::from("Terraform"))
    );
    assert_eq!((&first["free"], &first["held"]), (&Value::from(4000), &Value::from(91)));
}

#[test]
fn owners_are_told_by_what_stays_of_their_marks() {
    let tag = |key: &str, value: &str| Tags::from([(key.to_string(), value.to_string())]);
    let marks = [
        tag("aws:cloudformation:stack-name", "eksnet-prod-pods"),
        tag("aws:cloudformation:stack-name", "network-of-shop"),
        tag("alpha.eksctl.io/cluster-name", "prod"),
        tag("ManagedBy", "Terraform"),
        tag("managed-by", "terraform-aws-vpc"),
        tag("tool", "opentofu"),
        tag("eks:eni:owner", "amazon-vpc-cni"),
        tag("Name", "shop"),
    ];
    let mut plain = exhausted();
    let pattern = list(&mut plain.vpc.subnets)[0].clone();
    *list(&mut plain.vpc.subnets) = marks
        .iter()
        .map(|tags| eksnet::observed::survey::Subnet { tags: tags.clone(), ..pattern.clone() })
        .collect();
    let mut shared = survey::redact::redacted(&plain);
    let kind = |tags: &Tags| owner_of(tags).to_string().split('`').next().unwrap().to_string();
    let after: Vec<String> =
        list(&mut shared.vpc.subnets).iter().map(|one| kind(&one.tags)).collect();
    assert_eq!(after, marks.iter().map(kind).collect::<Vec<_>>());
    let text = survey::document::write(&shared);
    assert!(!text.contains("prod") && !text.contains("shop"), "{text}");
}

/// A VPC without a cluster, and a cluster without its API, are shared as they were read: what nobody asked for is no name.
#[test]
fn parts_that_nobody_asked_for_stay_unasked() {
    let whole = serde_json::to_value(exhausted()).unwrap();
    for topic in ["vpc", "eks", "kubernetes", "account"] {
        for part in whole[topic].as_object().unwrap().keys() {
            let mut world = whole.clone();
            world[topic].as_object_mut().unwrap().remove(part);
            let plain = survey::document::parse(&world.to_string()).unwrap();
            let shared = survey::redact::redacted(&plain);
            assert!(shared.header.vpc.starts_with("vpc-"), "{topic}.{part}: {shared:?}");
            let told = serde_json::to_value(&shared).unwrap();
            let kept = serde_json::to_value(&plain).unwrap();
            assert_eq!(told[topic][part], kept[topic][part], "{topic}.{part}");
        }
    }
}
