//! Network ACL rules by what they say, with their numbers. A rule is its number to EC2: one that exists keeps it while others come and go.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::template::Template;

/// By the ACL's logical id and by what a rule says.
pub type AclRules = BTreeMap<String, BTreeMap<String, usize>>;

/// Rules of a thousand numbers have one purpose.
pub const BAND: usize = 1_000;

/// What a rule says, by its properties: `in 3 10.0.0.0/8 tcp 443-443`. The digit is its purpose.
pub fn word(properties: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    let band = number(properties).unwrap_or_default() / BAND;
    let way = if text(&properties["Egress"]) == "true" { "out" } else { "in" };
    let ranges = ["CidrBlock", "Ipv6CidrBlock"].map(|name| &properties[name]);
    let range = match ranges.into_iter().find(|range| !range.is_null()) {
        Some(Value::String(range)) => range.as_str(),
        _ => "vpc",
    };
    let protocol = match text(&properties["Protocol"]).as_str() {
        "-1" => "all".to_string(),
        "1" => "icmp".to_string(),
        "6" => "tcp".to_string(),
        "17" => "udp".to_string(),
        "58" => "icmpv6".to_string(),
        other => other.to_string(),
    };
    let (ports, icmp) = (&properties["PortRange"], &properties["Icmp"]);
    let detail = match (ports.is_null(), icmp["Type"].as_i64()) {
        (false, _) => format!(" {}-{}", text(&ports["From"]), text(&ports["To"])),
        (true, Some(kind)) if 0 <= kind => format!(" type {kind}"),
        (true, _) => String::new(),
    };
    format!("{way} {band} {range} {protocol}{detail}")
}

fn number(properties: &Value) -> Option<usize> {
    properties["RuleNumber"].as_u64().and_then(|number| usize::try_from(number).ok())
}

/// Those of a template.
pub fn of(template: &Template) -> AclRules {
    let mut found = AclRules::new();
    for (_, rule) in template.resources() {
        let own = &rule["Properties"];
        let place = own["NetworkAclId"]["Ref"].as_str().zip(number(own));
        if let Some((acl, number)) = place.filter(|_| rule["Type"] == "AWS::EC2::NetworkAclEntry") {
            found.entry(acl.to_string()).or_default().insert(word(own), number);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_that_differ_have_different_words() {
        let rule = |number: u64, more: Value| {
            let mut own = json!({ "RuleNumber": number, "Egress": false, "CidrBlock": "10.0.0.0/8", "Protocol": 6 });
            more.as_object().unwrap().iter().for_each(|(name, value)| own[name] = value.clone());
            word(&own)
        };
        assert_eq!(
            rule(3_043, json!({ "PortRange": { "From": 443, "To": 443 } })),
            "in 3 10.0.0.0/8 tcp 443-443"
        );
        let all = [
            rule(3_000, json!({})),
            rule(2_000, json!({})),
            rule(3_000, json!({ "Egress": true })),
            rule(3_000, json!({ "Protocol": 17 })),
            rule(3_000, json!({ "Protocol": 1, "Icmp": { "Type": 3, "Code": -1 } })),
            rule(3_000, json!({ "Protocol": 1, "Icmp": { "Type": -1, "Code": -1 } })),
            rule(3_000, json!({ "CidrBlock": "10.0.0.0/9" })),
            rule(3_000, json!({ "CidrBlock": null, "Ipv6CidrBlock": { "Fn::Select": [] } })),
        ];
        let apart: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(apart.len(), all.len(), "{all:?}");
    }
}
