//! Node groups keep the size that an autoscaler gave them: CloudFormation sends the desired size with every change of a group, and EKS
//! terminates the nodes above it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::template::Template;

/// In the template's metadata: the desired sizes as the blueprint had them, by logical id, where another one was sent.
const WRITTEN: &str = "/Metadata/Eksnet/DesiredSizes";
const DESIRED: &str = "/Properties/ScalingConfig/DesiredSize";

/// With the deployed size of each node group whose desired size the author did not change, or with the one that it has now (`live`, by
/// logical id), if anything else of the group changes.
pub fn kept(
    mut template: Template,
    deployed: &Template,
    live: Option<&BTreeMap<String, u32>>,
) -> Template {
    let mut written = Map::new();
    let resources = template.value["Resources"].as_object_mut();
    for (id, group) in resources.into_iter().flatten() {
        let old = deployed.resource(id).filter(|old| old["Type"] == group["Type"]);
        let Some(old) = old.filter(|_| group["Type"] == "AWS::EKS::Nodegroup") else { continue };
        let (Some(own), Some(sent)) = (size(group), size(old)) else { continue };
        let before = deployed.value.pointer(&format!("{WRITTEN}/{id}")).and_then(Value::as_u64);
        if before.unwrap_or(sent) != own {
            continue;
        }
        set(group, sent);
        if group["Properties"] != old["Properties"] {
            let now = live.and_then(|live| live.get(id)).copied().map_or(sent, u64::from);
            set(group, within(group, now));
        }
        if size(group) != Some(own) {
            written.insert(id.clone(), json!(own));
        }
    }
    if !written.is_empty() {
        template.value["Metadata"]["Eksnet"]["DesiredSizes"] = Value::Object(written);
    }
    template
}

fn size(group: &Value) -> Option<u64> {
    group.pointer(DESIRED).and_then(Value::as_u64)
}

fn set(group: &mut Value, size: u64) {
    group["Properties"]["ScalingConfig"]["DesiredSize"] = json!(size);
}

/// Between the group's bounds.
fn within(group: &Value, size: u64) -> u64 {
    let scaling = &group["Properties"]["ScalingConfig"];
    let bound = |name: &str, open: u64| scaling[name].as_u64().unwrap_or(open);
    size.min(bound("MaxSize", u64::MAX)).max(bound("MinSize", 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template((min, desired, max): (u64, u64, u64), labels: Value) -> Template {
        let scaling = json!({ "MinSize": min, "DesiredSize": desired, "MaxSize": max });
        let properties = json!({ "ScalingConfig": scaling, "Labels": labels });
        let group = json!({ "Type": "AWS::EKS::Nodegroup", "Properties": properties });
        Template { value: json!({ "Metadata": {}, "Resources": { "NodeGroupA": group } }) }
    }

    fn sent(template: &Template) -> u64 {
        size(template.resource("NodeGroupA").unwrap()).unwrap()
    }

    #[test]
    fn a_group_that_grew_keeps_its_size_until_the_author_names_another() {
        let live = BTreeMap::from([("NodeGroupA".to_string(), 50)]);
        let none = json!({});
        let deployed = template((1, 3, 60), none.clone());
        let same = kept(template((1, 3, 60), none.clone()), &deployed, Some(&live));
        assert_eq!(sent(&same), 3, "nothing changes, so nothing is sent");
        let wider = kept(template((1, 3, 80), none.clone()), &deployed, Some(&live));
        assert_eq!(sent(&wider), 50);
        let narrower = kept(template((1, 3, 20), none.clone()), &deployed, Some(&live));
        assert_eq!(sent(&narrower), 20);
        let labelled = kept(template((1, 3, 60), json!({ "a": "b" })), &deployed, Some(&live));
        assert_eq!(sent(&labelled), 50);
        let asked = kept(template((1, 5, 80), none.clone()), &deployed, Some(&live));
        assert_eq!(sent(&asked), 5);
        // The next deployments know what the author had written.
        let again = kept(template((1, 3, 80), none.clone()), &wider, Some(&live));
        assert_eq!(again, wider);
        let unread = kept(template((1, 3, 90), none.clone()), &wider, None);
        assert_eq!(sent(&unread), 50);
        assert_eq!(sent(&kept(template((1, 4, 80), none), &wider, Some(&live))), 4);
    }
}
