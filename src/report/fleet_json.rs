//! A fleet's address plan for programs.

use serde_json::{Value, json};

use crate::diagnostic::Failure;
use crate::fleet::export::Job;
use crate::fleet::ground::Ground;
use crate::fleet::layout::{Placed, Pooled, SupernetMap};
use crate::fleet::ledger::Line;
use crate::fleet::online::Asked;
use crate::fleet::stack_sets::{Instance, StackSet};

use super::findings::{Checked, json_beside};
use super::fleet::Layout;

/// The fleet's address plan, and whether the lock would change.
pub fn layout(layout: &Layout<'_>) -> String {
    let (plan, ground) = (&layout.whole.plan, &layout.whole.roster.ground);
    let members: Vec<Value> =
        plan.members.iter().flatten().map(|placed| member(placed, ground)).collect();
    super::json(&json!({
        "schemaVersion": 1,
        "supernets": plan.supernets.iter().map(supernet).collect::<Vec<_>>(),
        "members": members,
        "pooled": plan.pooled.iter().map(pooled).collect::<Vec<_>>(),
        "removed": plan.ledger.removed.iter().map(line).collect::<Vec<_>>(),
        "lockChanges": layout.is_open(),
    }))
}

fn member(placed: &Placed, ground: &Ground) -> Value {
    let mut value = line(&placed.line);
    let account = ground.account(&placed.line.name);
    value["account"] = json!(account.map(|account| &account.id));
    value["role"] = json!(account.and_then(|account| account.role.as_ref()));
    value["wave"] = json!(ground.wave(&placed.line.name).map(|at| &ground.waves[at].name));
    value["new"] = json!(placed.new);
    value
}

fn pooled(one: &Pooled) -> Value {
    json!({ "name": one.name, "region": one.region, "file": one.file, "pool": one.pool })
}

fn line(line: &Line) -> Value {
    let mut value = json!({
        "name": line.name,
        "region": line.region,
        "file": line.file,
        "cidr": line.cidr,
        "class": line.class,
        "since": line.since,
    });
    if let Some(gone) = &line.gone {
        value["gone"] = json!(gone);
    }
    value
}

fn supernet(map: &SupernetMap) -> Value {
    let held =
        |(cidr, member): &(ipnet::Ipv4Net, String)| json!({ "cidr": cidr, "member": member });
    let room = |(class, len, count): &(String, u8, u64)| json!({ "class": class, "size": format!("/{len}"), "count": count });
    json!({
        "cidr": map.cidr,
        "regions": map.regions,
        "filledPercent": map.filled,
        "used": map.used.iter().map(held).collect::<Vec<_>>(),
        "removed": map.removed.iter().map(held).collect::<Vec<_>>(),
        "reserved": map.reserved,
        "free": map.free,
        "room": map.room.iter().map(room).collect::<Vec<_>>(),
    })
}

/// Findings as `check` has them, and every account that was asked.
pub fn check(rows: &[Checked<'_>], unread: Option<&Failure>, asked: &[Asked]) -> String {
    let mut value: Value = serde_json::from_str(&json_beside(rows, unread)).unwrap_or_default();
    value["accounts"] = asked.iter().map(account).collect();
    super::json(&value)
}

fn account(one: &Asked) -> Value {
    let seen = one.seen.as_ref();
    json!({
        "account": seen.ok().map(|seen| &seen.account).or(one.place.account.as_ref()),
        "region": one.place.region,
        "role": one.place.role,
        "vpcs": seen.ok().map(|seen| seen.vpcs.len()),
        "ipam": seen.ok().map(|seen| match &seen.ipam {
            Ok(ranges) => json!({ "ranges": ranges.len() }),
            Err(refusal) => json!({ "error": refusal.to_string() }),
        }),
        "error": seen.err().map(Failure::chain),
    })
}

/// Of a folder of plans: whose each is, in the order of their groups, and why one could not be saved.
pub fn plans(jobs: &[Job], failed: &[(String, Failure)]) -> String {
    let row = |job: &Job| {
        let why = failed.iter().find(|(file, _)| *file == job.file).map(|(_, why)| why.chain());
        json!({
            "name": job.name,
            "region": job.region,
            "file": job.file,
            "account": job.account,
            "wave": job.wave,
            "plan": if why.is_none() { json!(job.plan()) } else { Value::Null },
            "error": why,
        })
    };
    let rows: Vec<Value> = jobs.iter().map(row).collect();
    super::json(&json!({ "schemaVersion": 1, "members": rows }))
}

/// Every member's `status -o json`, or why it could not be read.
pub fn status(members: &[(Job, Result<Value, String>)]) -> String {
    let row = |(job, read): &(Job, Result<Value, String>)| {
        json!({
            "name": job.name,
            "region": job.region,
            "account": job.account,
            "wave": job.wave,
            "status": read.as_ref().ok(),
            "error": read.as_ref().err(),
        })
    };
    super::json(&json!({
        "schemaVersion": 1,
        "members": members.iter().map(row).collect::<Vec<_>>(),
    }))
}

/// StackSets, with their templates unless these are written elsewhere.
pub fn stack_sets(sets: &[StackSet], with_templates: bool) -> String {
    let row = |set: &StackSet| {
        json!({
            "name": set.name,
            "parameters": set.template["Parameters"].as_object().map_or(0, serde_json::Map::len),
            "bytes": set.template.to_string().len(),
            "limits": set.limits,
            "instances": instances(set),
            "template": if with_templates { set.template.clone() } else { Value::Null },
        })
    };
    let rows: Vec<Value> = sets.iter().map(row).collect();
    super::json(&json!({ "schemaVersion": 1, "stackSets": rows }))
}

/// As `create-stack-instances` is called for each.
pub fn instances(set: &StackSet) -> Value {
    let row = |instance: &Instance| {
        let overrides = instance.overrides.iter();
        let overrides: Vec<Value> = overrides
            .map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value }))
            .collect();
        json!({
            "member": instance.member,
            "Accounts": [instance.account],
            "Regions": [instance.region],
            "ParameterOverrides": overrides,
        })
    };
    set.instances.iter().map(row).collect()
}
