//! Patches of what exists, by the lock: what an update would recreate is there from the start, or not at all.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::address::AddressPlan;
use crate::diagnostic::Diagnostic;
use crate::facts::kinds::{self, Replacement};
use crate::graph::{self, Patched};
use crate::ledger::Ledger;
use crate::rules::PAT_08;
use crate::template::Template;

/// Types that hold addresses, or an identity that there is once.
pub const KEPT: &[&str] =
    &["AWS::EC2::VPC", "AWS::EC2::VPCCidrBlock", "AWS::EC2::Subnet", "AWS::EKS::Cluster"];

/// What patches say and no update changes, as the lock keeps it: of what the lock says is there, only what it knew or the stack has.
pub fn fixed(
    patched: &[Patched],
    (template, deployed): (&Template, &Template),
    (plan, lock): (&AddressPlan, &Ledger),
) -> BTreeMap<String, Value> {
    let mut fixed: BTreeMap<String, Value> =
        patched.iter().filter_map(|one| Some((word(one), value(one, template)?))).collect();
    for one in anew(patched, template, (plan, lock)) {
        if value(one, deployed) != value(one, template) {
            fixed.remove(&word(one));
        }
    }
    fixed
}

/// Patches that the lock does not know, of what the lock says is there.
pub fn unknown(
    patched: &[Patched],
    template: &Template,
    (plan, lock): (&AddressPlan, &Ledger),
) -> Vec<Diagnostic> {
    let found = anew(patched, template, (plan, lock)).into_iter().map(|one| {
        let finding = recreates(&one.id, &one.property, &one.path);
        finding.hint("remove the patch; if nothing was deployed yet, delete the lock")
    });
    found.collect()
}

fn anew<'p>(
    patched: &'p [Patched],
    template: &Template,
    (plan, lock): (&AddressPlan, &Ledger),
) -> Vec<&'p Patched> {
    let new = |one: &&Patched| {
        value(one, template).is_some_and(|own| lock.kept.patched.get(&word(one)) != Some(&own))
    };
    let there = patched.iter().filter(|one| is_there(&one.id, template, (plan, lock)));
    there.filter(new).collect()
}

/// What a patch would do to what exists.
pub fn recreates(id: &str, property: &str, path: &str) -> Diagnostic {
    let message =
        format!("`{property}` of `{id}` cannot be changed in place: it would be recreated");
    let hint = "remove the patch; a new network with another name can have it from the start";
    PAT_08.at(path, message).hint(hint)
}

fn word(one: &Patched) -> String {
    format!("{}/{}", one.id, one.property)
}

/// Of a property that no update changes, what the template says.
fn value(one: &Patched, template: &Template) -> Option<Value> {
    let resource = template.resource(&one.id)?;
    let kind = resource["Type"].as_str().filter(|kind| KEPT.contains(kind))?;
    (Replacement::Never < kinds::replacement(kind, &one.property)).then(|| {
        let pointer = format!("/Properties/{}", one.property);
        resource.pointer(&pointer).cloned().unwrap_or_default()
    })
}

fn is_there(id: &str, template: &Template, (plan, lock): (&AddressPlan, &Ledger)) -> bool {
    match template.resource(id).and_then(|resource| resource["Type"].as_str()) {
        Some("AWS::EC2::VPC") => !lock.subnets.is_empty(),
        Some("AWS::EKS::Cluster") => !lock.kept.cluster_zones.is_empty(),
        Some("AWS::EC2::Subnet") => plan
            .made()
            .any(|own| graph::subnet_id(own) == id && lock.find(&own.tier, &own.zone.id).is_some()),
        _ => false,
    }
}
