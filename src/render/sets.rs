//! Lists that AWS reads as sets: the order in which a blueprint names their members changes nothing.

use serde_json::Value;

use crate::facts::cloudformation::SETS;
use crate::template::Template;

/// Sorted; or as they are deployed, where they have the same members: an earlier eksnet wrote them in the blueprint's order.
pub fn in_order(mut template: Template, deployed: &Template) -> Template {
    let resources = template.value["Resources"].as_object_mut();
    for (id, resource) in resources.into_iter().flatten() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let paths: Vec<&str> =
            SETS.iter().filter(|set| set.kind == kind).map(|set| set.path).collect();
        let old = deployed.resource(id).filter(|old| old["Type"] == resource["Type"]);
        for path in paths {
            let own = resource.pointer_mut(path).and_then(Value::as_array_mut);
            let old = old.and_then(|old| old.pointer(path)).and_then(Value::as_array);
            own.into_iter().for_each(|members| order(members, old));
        }
    }
    template
}

fn order(members: &mut Vec<Value>, deployed: Option<&Vec<Value>>) {
    let sorted = |members: &[Value]| {
        let mut sorted = members.to_vec();
        sorted.sort_by_cached_key(Value::to_string);
        sorted
    };
    let own = sorted(members);
    *members = deployed.filter(|deployed| sorted(deployed) == own).cloned().unwrap_or(own);
}
