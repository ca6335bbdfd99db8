//! Rules of a network ACL that exist, while others come and go.

use super::*;

const PORTS: &str = "ports: 8080";

fn text(ranges: &[String]) -> String {
    let rules: Vec<String> =
        ranges.iter().map(|range| format!("{{ from: {range}, {PORTS} }}")).collect();
    format!(
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: min, region: eu-west-1 }}\nnetworkAcls: perTier\ntiers:\n  - {{ name: a, size: /24, egress: none, networkAcl: {{ ingress: [{}] }} }}\n",
        rules.join(", ")
    )
}

/// What each rule is, by its logical id.
fn rules(built: &Built) -> BTreeMap<String, Value> {
    let own =
        built.template.resources().filter(|(_, one)| one["Type"] == "AWS::EC2::NetworkAclEntry");
    own.map(|(id, one)| (id.clone(), one["Properties"].clone())).collect()
}

/// The line over the lock alone.
pub fn offline(text: &str, ledger: &Ledger) -> Built {
    let document = blueprint::read("test.yaml", text.as_bytes().to_vec()).document.unwrap();
    let request = Request::new(document);
    line::compile(Request { ledger: ledger.settled(), ..request }).map(Built::from).unwrap()
}

fn range(number: usize) -> String {
    format!("198.51.{number}.0/24")
}

/// Only what comes or goes differs, whatever stands in its way.
fn kept(before: &Built, after: &Built, label: &str) {
    let (old, new) = (rules(before), rules(after));
    for (id, rule) in &old {
        assert!(new.get(id).is_none_or(|now| now == rule), "{label}: {id} says something else");
    }
    for (id, rule) in &new {
        let stood = old.iter().find(|(_, other)| {
            other["CidrBlock"] == rule["CidrBlock"] && other["Egress"] == rule["Egress"]
        });
        assert!(stood.is_none_or(|(was, _)| was == id), "{label}: {rule} was {stood:?}, is {id}");
    }
}

/// Both ranges have one number by what they say.
#[test]
fn a_new_rule_moves_no_old_one() {
    let one = attempt(&text(&[range(16)]), None).unwrap();
    for ranges in [[range(152), range(16)], [range(16), range(152)]] {
        let after = text(&ranges);
        for both in [attempt(&after, Some(&one)).unwrap(), offline(&after, &one.plan.ledger)] {
            kept(&one, &both, "added");
            assert_eq!(rules(&both).len(), rules(&one).len() + 1);
            // And the second keeps its number once the first is gone.
            let rest = text(&[range(152)]);
            for left in [attempt(&rest, Some(&both)).unwrap(), offline(&rest, &both.plan.ledger)] {
                kept(&both, &left, "removed");
            }
        }
    }
}

/// Sixteen rules of 256, at random: some fifty pairs with one number.
#[test]
fn rules_that_come_and_go_leave_the_others_as_they_are() {
    let mut numbers = Numbers(7);
    let mut ranges: Vec<String> = Vec::new();
    let mut before: Option<Built> = None;
    for _ in 0..120 {
        let (own, at) = (range(numbers.next(256)), numbers.next(ranges.len() + 1));
        match ranges.iter().position(|other| *other == own) {
            Some(known) => _ = ranges.remove(known),
            None => ranges.insert(at, own),
        }
        if 16 < ranges.len() {
            ranges.remove(numbers.next(16));
        }
        if ranges.is_empty() {
            continue;
        }
        let after = match (&before, numbers.next(2)) {
            (Some(built), 0) => offline(&text(&ranges), &built.plan.ledger),
            (built, _) => attempt(&text(&ranges), built.as_ref()).unwrap(),
        };
        before.iter().for_each(|before| kept(before, &after, &ranges.join(", ")));
        before = Some(after);
    }
}
