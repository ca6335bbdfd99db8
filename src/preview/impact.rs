//! What a change means for what runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::facts::eks::STANDARD_ENTRY;
use crate::facts::kinds::{self, Impact, Key as Spec, Weight};
use crate::render::keys;
use crate::template::{Template, outlives_its_stack};

use super::by_value::{self, Sides};
use super::notice::{Consequence, Fewer, Notice, Noticed};
use super::{Change, ChangeKind, aws_node};

impl Change {
    /// How much it weighs on what runs.
    pub fn weight(&self) -> Weight {
        self.impact.each().iter().map(Noticed::weight).max().unwrap_or_default()
    }
}

/// What each change of an update means, given the others.
pub struct Judge<'a> {
    before: &'a Template,
    after: &'a Template,
    /// Created in this update, or created anew.
    made: BTreeSet<String>,
    /// Removed in it, or replaced.
    gone: BTreeSet<String>,
    /// What node groups get new nodes for: they say so.
    rolled_for: BTreeSet<String>,
}

impl<'a> Judge<'a> {
    pub fn of(changes: &[Change], before: &'a Template, after: &'a Template) -> Self {
        let ids = |wanted: &[ChangeKind]| {
            let own = changes.iter().filter(|change| wanted.contains(&change.change_kind()));
            own.map(|change| change.id.clone()).collect()
        };
        Self {
            before,
            after,
            made: ids(&[ChangeKind::Add, ChangeKind::Replace]),
            gone: ids(&[ChangeKind::Remove, ChangeKind::Replace]),
            rolled_for: changes
                .iter()
                .filter(|change| change.rolls_nodes())
                .flat_map(|change| change.because.iter().filter_map(|one| one.cause.clone()))
                .collect(),
        }
    }

    pub fn notice(&self, change: &Change) -> Notice {
        let Some(row) = kinds::find(&change.kind) else {
            return Notice::default();
        };
        match change.change_kind() {
            ChangeKind::Modify if self.rolled_for.contains(&change.id) => Notice::default(),
            ChangeKind::Modify => self.in_place(change, row),
            ChangeKind::Remove if self.lets_nodes_in(change) => Notice::of(Impact::NodesLoseAccess),
            kind if self.is_of_what_it_hangs_on(change, row) => {
                debug_assert!(kind != ChangeKind::Modify);
                Notice::default()
            }
            ChangeKind::Remove if self.stays_behind(change) => Notice::of(Impact::StaysBehind),
            kind => Notice::of(self.by_type(change, row.impact.of(kind))),
        }
    }

    /// An entry that only nodes have, of a cluster that stays: whose nodes they are, such as Karpenter's, CloudFormation does not know.
    fn lets_nodes_in(&self, change: &Change) -> bool {
        let entry = self.before.resource(&change.id);
        let kind = entry.filter(|own| own["Type"] == "AWS::EKS::AccessEntry");
        let of_nodes = |own: &Value| {
            own["Properties"]["Type"].as_str().is_some_and(|kind| kind != STANDARD_ENTRY)
        };
        let stays = self.after.resources().any(|(_, own)| own["Type"] == "AWS::EKS::Cluster");
        stays && kind.is_some_and(of_nodes)
    }

    fn stays_behind(&self, change: &Change) -> bool {
        self.before.resource(&change.id).is_some_and(outlives_its_stack)
    }

    /// A gateway endpoint has no name and no interface: it is a route.
    fn by_type(&self, change: &Change, impact: Impact) -> Impact {
        let own = self.after.resource(&change.id);
        let gateway = own.is_some_and(|own| own["Properties"]["VpcEndpointType"] == "Gateway");
        match impact {
            Impact::EndpointAdded if gateway => Impact::GatewayEndpointAdded,
            Impact::RuleRemoved | Impact::RouteRemoved | Impact::TransitRouteRemoved => {
                self.without(change, impact)
            }
            other => other,
        }
    }

    /// What goes and is covered by what stands afterwards takes nothing away.
    fn without(&self, change: &Change, impact: Impact) -> Impact {
        let Some(gone) = self.before.resource(&change.id) else { return impact };
        let alike = self.after.resources().filter(|(_, own)| own["Type"] == change.kind.as_str());
        let alike: Vec<Value> = alike.map(|(_, own)| own["Properties"].clone()).collect();
        let gone = &gone["Properties"];
        match impact {
            Impact::RuleRemoved if by_value::allowed(gone, &alike) => Impact::Unnoticed,
            Impact::RuleRemoved => impact,
            _ => match by_value::way(gone, &alike) {
                Some(true) => Impact::Unnoticed,
                Some(false) => Impact::RouteLeadsElsewhere,
                None => impact,
            },
        }
    }

    fn in_place(&self, change: &Change, row: &kinds::Kind) -> Notice {
        let changed = change.because.iter().map(|because| because.property.as_str());
        let mut impacts = row.impact.of_properties(changed);
        let sides = [self.before, self.after];
        if let [Some(old), Some(new)] = sides.map(|side| side.resource(&change.id)) {
            let own = [&old["Properties"], &new["Properties"]];
            let sides = Sides { templates: sides, own };
            let mut refined: Vec<Impact> = Vec::new();
            for impact in impacts.into_iter().map(|impact| sides.refine(impact)) {
                if impact.is_noticed() && !refined.contains(&impact) {
                    refined.push(impact);
                }
            }
            impacts = refined;
        }
        // The label that names an ENIConfig says more than that a label changes, and a setting more than that the add-on restarts.
        let weak = [Impact::NodesRelabelled, row.impact.modify];
        let settings = aws_node::effects(change);
        let more =
            impacts.iter().all(|impact| weak.contains(impact)) || change.kind == "AWS::EKS::Addon";
        if more && !settings.is_empty() {
            Notice::Settings(settings)
        } else {
            Notice::Kinds(impacts)
        }
    }

    /// A route of a new table, a rule of a group that goes: what it is part of says what there is to say.
    fn is_of_what_it_hangs_on(&self, change: &Change, row: &kinds::Kind) -> bool {
        let new = self.before.resources().next().is_none();
        let no_cluster = self.before.resource("Cluster").is_none();
        let add = change.change_kind() == ChangeKind::Add;
        if add && (new || (row.impact.add == Impact::CidrAdded && no_cluster)) {
            return true;
        }
        let (template, others) = match change.change_kind() {
            ChangeKind::Remove => (self.before, &self.gone),
            _ => (self.after, &self.made),
        };
        let keyed = matches!(row.key, Spec::Of(_) | Spec::AddonOf(_) | Spec::Rule(_));
        let own = template.resource(&change.id).filter(|_| keyed);
        let refers = own
            .into_iter()
            .flat_map(|own| keys::of(&change.id, own))
            .flat_map(|key| key.refers_to());
        refers.into_iter().any(|id| others.contains(&id))
    }
}

/// Node groups that get smaller than they are now (`sizes`, by logical id), and by how much.
pub fn shrinking(
    changes: &[Change],
    after: &Template,
    sizes: &BTreeMap<String, u32>,
) -> Option<Consequence> {
    let fewer = |change: &Change| {
        let now = u64::from(*sizes.get(&change.id)?);
        let group = after.resource(&change.id)?;
        let then = group["Properties"]["ScalingConfig"]["DesiredSize"].as_u64()?;
        (then < now).then(|| Fewer { id: change.id.clone(), nodes: now - then, now })
    };
    let modified = changes.iter().filter(|change| change.change_kind() == ChangeKind::Modify);
    let all: Vec<Fewer> = modified.filter_map(fewer).collect();
    (!all.is_empty()).then_some(Consequence::Fewer(all))
}

/// Which node groups exchange their nodes, and which ones somebody has to replace.
pub fn nodes(
    changes: &[Change],
    switched: Option<&Change>,
    (before, after): (&Template, &Template),
) -> Vec<Consequence> {
    let rolls = changes.iter().filter(|change| change.rolls_nodes());
    let rolling: Vec<String> = rolls.map(|change| change.id.clone()).collect();
    let mut left = if changes.iter().chain(switched).any(aws_node::for_new_nodes) {
        aws_node::staying(changes, before, after)
    } else {
        Vec::new()
    };
    // What goes wrong shows on few nodes first.
    left.sort_by_key(|id| {
        after
            .resource(id)
            .and_then(|group| group["Properties"]["ScalingConfig"]["MaxSize"].as_u64())
    });
    let some = |ids: Vec<String>| Some(ids).filter(|ids| !ids.is_empty());
    let (rolling, left) = (some(rolling), some(left));
    rolling.map(Consequence::Rolled).into_iter().chain(left.map(Consequence::Left)).collect()
}

/// One per kind of impact, with the resources that it is about.
pub fn consequences(changes: &[Change]) -> Vec<Consequence> {
    let mut alike: BTreeMap<(&str, String), (Noticed, Vec<String>)> = BTreeMap::new();
    for change in changes {
        for what in change.impact.each() {
            let key = (change.kind.as_str(), what.to_string());
            alike.entry(key).or_insert_with(|| (what, Vec::new())).1.push(change.id.clone());
        }
    }
    alike.into_values().map(|(what, ids)| Consequence::Of { ids, what }).collect()
}
