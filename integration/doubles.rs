//! A scripted CloudFormation and a clock that does not wait: exact answers that no emulator gives, with the documented shapes.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use eksnet::aws::port::{
    Accounts, AddonState, AddonUpdate, Allocated, AllocationRequest, Answer, Applied, Apply,
    Associated, ChangeSet, ChangeSetRequest, Clusters, Connected, Detection, Failed, Kubernetes,
    Listed, Networks, OnFailure, Orphan, Orphans, Pools, Probe, Probed, Refusal, ResourceChange,
    StackEvent, StackResource, Stacks, Upgrade,
};
use eksnet::deploy::Clock;
use eksnet::facts::instances::Described;
use eksnet::facts::kubernetes::Kind;
use eksnet::facts::quotas::Counted;
use eksnet::observed::{
    AddonVersions, Drift, EndpointService, LiveAddon, LiveCluster, LiveNodeGroup, LivePool,
    LiveSubnet, LiveTransitGateway, LiveVpnGateway, Offer, OwnAddress, Peer, PublicAccess,
    Reservation, RouteEntry, StackDescription,
};
use ipnet::Ipv4Net;
use serde_json::{Value, json};

/// Time that passes only when somebody sleeps.
#[derive(Default)]
pub struct Paused {
    now: Cell<Duration>,
    pub sleeps: Cell<u32>,
}

impl Clock for Paused {
    fn now(&self) -> Duration {
        self.now.get()
    }

    async fn sleep(&self, time: Duration) {
        self.sleeps.set(self.sleeps.get() + 1);
        self.now.set(self.now.get() + time);
    }
}

/// What the service does at one moment of the paused clock.
pub struct Scene {
    pub at: Duration,
    pub status: &'static str,
    pub events: Vec<StackEvent>,
}

/// A stack whose scenes follow the clock, and refusals that come first.
pub struct Script<'c> {
    pub clock: &'c Paused,
    pub scenes: Vec<Scene>,
    /// (verb, refusal), given once each in this order.
    pub refusals: RefCell<VecDeque<(&'static str, Refusal)>>,
    pub change_sets: RefCell<VecDeque<ChangeSet>>,
    /// Change sets that others left on the stack.
    pub listed: RefCell<Vec<Listed>>,
    /// What `failed` answers.
    pub failures: Vec<StackEvent>,
    pub drifts: Vec<Drift>,
    pub calls: RefCell<Vec<String>>,
    /// What change sets were asked for.
    pub requests: RefCell<Vec<ChangeSetRequest>>,
    /// The template that change sets were made from.
    pub sent: String,
    pub existing: Vec<StackResource>,
    pub cluster: RefCell<Option<LiveCluster>>,
    pub orphans: RefCell<Vec<Orphan>>,
    pub node_groups: RefCell<Vec<LiveNodeGroup>>,
    /// What belongs to others, and the volumes.
    pub around: RefCell<Orphans>,
    pub addons: RefCell<Vec<LiveAddon>>,
    /// Changes of the cluster's Kubernetes version, the last one first.
    pub upgrades: RefCell<Vec<Upgrade>>,
    /// Service roles that deletions were asked for with.
    pub roles: RefCell<Vec<String>>,
    /// aws-node's add-on, in a cluster that others made.
    pub addon: RefCell<Option<AddonState>>,
    pub updates: RefCell<Vec<AddonUpdate>>,
    /// The cluster's own API.
    pub objects: Objects,
    pub subnets: RefCell<Vec<LiveSubnet>>,
    /// IPAM: what it gave by token, and what a VPC has.
    pub pool: RefCell<Option<LivePool>>,
    pub allocated: RefCell<BTreeMap<String, (AllocationRequest, Allocated)>>,
    /// Ids of what was given back: a token that gave one of them gives it again, and it is nobody's.
    pub released: RefCell<BTreeSet<String>>,
    pub ranges: RefCell<Vec<Associated>>,
    /// What the Region has; `None`: all that is asked for.
    pub endpoint_services: RefCell<Option<BTreeSet<EndpointService>>>,
    /// A VPC that a deleted stack left behind.
    pub left_behind: Option<String>,
}

impl<'c> Script<'c> {
    pub fn new(clock: &'c Paused, scenes: Vec<Scene>) -> Self {
        Self {
            clock,
            scenes,
            refusals: RefCell::default(),
            change_sets: RefCell::default(),
            listed: RefCell::default(),
            failures: Vec::new(),
            drifts: Vec::new(),
            calls: RefCell::default(),
            requests: RefCell::default(),
            sent: "{\"Resources\":{}}".into(),
            existing: Vec::new(),
            cluster: RefCell::default(),
            orphans: RefCell::default(),
            node_groups: RefCell::default(),
            around: RefCell::default(),
            addons: RefCell::default(),
            upgrades: RefCell::default(),
            roles: RefCell::default(),
            addon: RefCell::default(),
            updates: RefCell::default(),
            objects: Objects::default(),
            subnets: RefCell::default(),
            pool: RefCell::default(),
            allocated: RefCell::default(),
            released: RefCell::default(),
            endpoint_services: RefCell::default(),
            left_behind: None,
            ranges: RefCell::default(),
        }
    }

    pub fn refusing(self, verb: &'static str, code: &str, message: &str) -> Self {
        self.refusals.borrow_mut().push_back((verb, Refusal::new(code, message)));
        self
    }

    pub fn answering(self, change_set: ChangeSet) -> Self {
        self.change_sets.borrow_mut().push_back(change_set);
        self
    }

    pub fn count(&self, verb: &str) -> usize {
        self.calls.borrow().iter().filter(|call| *call == verb).count()
    }

    fn called(&self, verb: &'static str) -> Answer<()> {
        self.calls.borrow_mut().push(verb.to_string());
        let mut refusals = self.refusals.borrow_mut();
        match refusals.front() {
            Some((refused, _)) if *refused == verb => Err(refusals.pop_front().unwrap().1),
            _ => Ok(()),
        }
    }

    fn now(&self) -> impl Iterator<Item = &Scene> {
        let now = self.clock.now();
        self.scenes.iter().take_while(move |scene| scene.at <= now)
    }
}

pub fn stack(status: &str) -> StackDescription {
    StackDescription {
        id: "arn:stack/shop/1".into(),
        name: "eksnet-shop".into(),
        status: status.into(),
        last_operation: "1".into(),
        operation: Some("op-1".into()),
        outputs: vec![("ClusterSecurityGroup".into(), "sg-0123456789abcdef0".into())],
        ..StackDescription::default()
    }
}

pub fn event(number: u32, id: &str, status: &str, reason: &str) -> StackEvent {
    let kind =
        if id == "eksnet-shop" { "AWS::CloudFormation::Stack" } else { "AWS::EC2::NatGateway" };
    StackEvent {
        event_id: format!("e{number}"),
        id: id.into(),
        kind: kind.into(),
        status: status.into(),
        reason: reason.into(),
        token: "mine".into(),
        ..StackEvent::default()
    }
}

pub fn ready(changes: Vec<ResourceChange>) -> ChangeSet {
    ChangeSet {
        id: "c".into(),
        status: "CREATE_COMPLETE".into(),
        reason: String::new(),
        execution: "AVAILABLE".into(),
        changes,
    }
}

pub fn failed(reason: &str) -> ChangeSet {
    ChangeSet {
        id: "c".into(),
        status: "FAILED".into(),
        reason: reason.into(),
        execution: "UNAVAILABLE".into(),
        changes: Vec::new(),
    }
}

impl Stacks for Script<'_> {
    async fn describe(&self, _: &str) -> Answer<Option<StackDescription>> {
        self.called("describe")?;
        Ok(self.now().last().map(|scene| stack(scene.status)))
    }

    async fn template(&self, _: &str) -> Answer<String> {
        self.called("template").map(|()| "{\"Resources\":{}}".into())
    }

    async fn resources(&self, _: &str) -> Answer<Vec<StackResource>> {
        self.called("resources").map(|()| self.existing.clone())
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Answer<()> {
        self.requests.borrow_mut().push(request.clone());
        self.called("create_change_set")
    }

    async fn change_set(&self, _: &str, _: &str) -> Answer<ChangeSet> {
        self.called("change_set")?;
        let mut sets = self.change_sets.borrow_mut();
        if sets.len() > 1 {
            Ok(sets.pop_front().unwrap())
        } else {
            Ok(sets.front().cloned().unwrap_or_default())
        }
    }

    async fn execute(&self, _: &str, _: &str, _: OnFailure) -> Answer<()> {
        self.called("execute")
    }

    async fn cancel(&self, _: &str, _: &str) -> Answer<()> {
        self.called("cancel")
    }

    async fn delete_change_set(&self, _: &str, name: &str) -> Answer<()> {
        self.called("delete_change_set")?;
        self.listed.borrow_mut().retain(|one| one.name != name);
        Ok(())
    }

    async fn change_sets(&self, _: &str) -> Answer<Vec<Listed>> {
        self.called("change_sets")?;
        Ok(self.listed.borrow().clone())
    }

    async fn delete(&self, _: &str, _: &str, role: Option<&str>) -> Answer<()> {
        self.roles.borrow_mut().extend(role.map(str::to_string));
        self.called("delete")
    }

    async fn protect(&self, _: &str, _: bool) -> Answer<()> {
        self.called("protect")
    }

    async fn events(&self, _: &str, after: Option<&str>) -> Answer<Vec<StackEvent>> {
        self.called("events")?;
        let all: Vec<StackEvent> = self.now().flat_map(|scene| scene.events.clone()).collect();
        let from = after
            .and_then(|after| all.iter().position(|event| event.event_id == after))
            .map_or(0, |at| at + 1);
        Ok(all[from..].to_vec())
    }
    async fn failed(&self, _: Failed<'_>) -> Answer<Vec<StackEvent>> {
        self.called("failed").map(|()| self.failures.clone())
    }

    async fn continue_rollback(&self, _: &str, _: &str) -> Answer<()> {
        self.called("continue_rollback")?;
        self.clock.sleep(Duration::from_secs(1)).await;
        Ok(())
    }

    async fn change_set_template(&self, _: &str, _: &str) -> Answer<String> {
        self.called("change_set_template").map(|()| self.sent.clone())
    }

    async fn upload(&self, bucket: &str, key: &str, _: &str) -> Answer<String> {
        self.called("upload").map(|()| format!("https://s3.example/{bucket}/{key}"))
    }

    async fn detect_drift(&self, _: &str) -> Answer<String> {
        self.called("detect_drift").map(|()| "d".into())
    }

    async fn detection(&self, _: &str) -> Answer<Detection> {
        self.called("detection")?;
        let status = if self.count("detection") < 3 {
            "DETECTION_IN_PROGRESS"
        } else {
            "DETECTION_COMPLETE"
        };
        Ok(Detection { status: status.into(), reason: String::new() })
    }

    async fn drifts(&self, _: &str) -> Answer<Vec<Drift>> {
        self.called("drifts").map(|()| self.drifts.clone())
    }
}

/// A pool that gives the next /16 of 10.52.0.0/14; a lost answer (`allocate lost`) leaves the allocation behind.
impl Pools for Script<'_> {
    async fn pool(&self, _: &str) -> Answer<Option<LivePool>> {
        self.called("pool").map(|()| self.pool.borrow().clone())
    }

    async fn allocation(&self, _: &str, description: &str) -> Answer<Option<Allocated>> {
        self.called("allocation")?;
        let all = self.allocated.borrow();
        let mut own = all.values().filter(|(request, _)| request.description == description);
        let own = own.find(|(_, own)| !self.released.borrow().contains(&own.id));
        Ok(own.map(|(_, own)| own.clone()))
    }

    async fn has_allocation(&self, _: &str, id: &str) -> Answer<bool> {
        self.called("has allocation")?;
        let made = self.allocated.borrow().values().any(|(_, own)| own.id == id);
        Ok(made && !self.released.borrow().contains(id))
    }

    async fn holder(&self, _: &str, _: Ipv4Net) -> Answer<Option<String>> {
        self.called("holder").map(|()| self.left_behind.clone())
    }

    async fn allocate(&self, request: &AllocationRequest) -> Answer<Allocated> {
        self.called("allocate")?;
        let number = self.allocated.borrow().len() as u8;
        let cidr = format!("10.{}.0.0/{}", 52 + number, request.netmask).parse().unwrap();
        let new = Allocated { id: format!("ipam-pool-alloc-{number}"), cidr };
        let mut all = self.allocated.borrow_mut();
        let own = all.entry(request.token.clone()).or_insert((request.clone(), new)).1.clone();
        self.called("allocate lost").map(|()| own)
    }

    async fn give_back(&self, _: &str, allocated: &Allocated) -> Answer<()> {
        self.called("give back")?;
        self.released.borrow_mut().insert(allocated.id.clone());
        Ok(())
    }

    async fn ranges(&self, _: &str) -> Answer<Vec<Associated>> {
        self.called("ranges").map(|()| self.ranges.borrow().clone())
    }
}

impl Accounts for Script<'_> {
    async fn offered(&self, _: &[String]) -> Answer<BTreeSet<Offer>> {
        self.called("offered").map(|()| BTreeSet::new())
    }

    async fn quota(&self, _: &str, _: &str) -> Answer<u64> {
        self.called("quota").map(|()| 100)
    }

    async fn count(&self, _: Counted) -> Answer<u64> {
        self.called("count").map(|()| 0)
    }

    async fn vcpus(&self) -> Answer<BTreeMap<String, u64>> {
        self.called("vcpus").map(|()| BTreeMap::new())
    }

    async fn nat_gateways(&self) -> Answer<BTreeMap<String, u64>> {
        self.called("nat_gateways").map(|()| BTreeMap::new())
    }

    async fn prefix_lists(&self, _: &[String]) -> Answer<BTreeMap<String, u64>> {
        self.called("prefix_lists").map(|()| BTreeMap::new())
    }

    /// Unasked for, nothing is missing and no zone is known.
    async fn endpoint_services(&self, names: &[String]) -> Answer<BTreeSet<EndpointService>> {
        self.called("endpoint_services")?;
        let service = |name: &String| EndpointService {
            name: name.clone(),
            is_gateway: name.ends_with(".s3"),
            zones: BTreeSet::new(),
        };
        let all = || names.iter().map(service).collect();
        Ok(self.endpoint_services.borrow().clone().unwrap_or_else(all))
    }

    async fn public_access(&self) -> Answer<PublicAccess> {
        self.called("public_access").map(|()| PublicAccess::Open)
    }

    async fn excluded(&self, _: &str) -> Answer<bool> {
        self.called("excluded").map(|()| false)
    }

    async fn addon_versions(&self, _: &str, _: &str) -> Answer<AddonVersions> {
        self.called("addon_versions").map(|()| AddonVersions::default())
    }

    async fn addon_schema(&self, _: &str, _: &str) -> Answer<String> {
        self.called("addon_schema").map(|()| "{}".into())
    }

    async fn addresses(&self) -> Answer<Vec<OwnAddress>> {
        self.called("addresses").map(|()| Vec::new())
    }

    async fn identity(&self) -> Answer<String> {
        self.called("identity").map(|()| "111122223333".into())
    }

    async fn transit_gateway(&self, _: &str) -> Answer<Option<LiveTransitGateway>> {
        self.called("transit gateway").map(|()| None)
    }

    async fn vpn_gateway(&self, _: &str) -> Answer<Option<LiveVpnGateway>> {
        self.called("vpn gateway").map(|()| None)
    }

    async fn routes(&self, _: &str) -> Answer<Vec<RouteEntry>> {
        self.called("routes").map(|()| Vec::new())
    }

    async fn peers(&self, _: &str) -> Answer<Vec<Peer>> {
        self.called("peers").map(|()| Vec::new())
    }

    async fn cidrs(&self, _: &str) -> Answer<Vec<Ipv4Net>> {
        self.called("cidrs").map(|()| Vec::new())
    }
}

impl Clusters for Script<'_> {
    async fn upgrades(&self, _: &str) -> Answer<Vec<Upgrade>> {
        self.called("upgrades").map(|()| self.upgrades.borrow().clone())
    }

    async fn cluster(&self, _: &str) -> Answer<Option<LiveCluster>> {
        self.called("cluster").map(|()| self.cluster.borrow().clone())
    }

    async fn addons(&self, _: &str) -> Answer<Vec<LiveAddon>> {
        self.called("addons").map(|()| self.addons.borrow().clone())
    }

    async fn node_groups(&self, _: &str) -> Answer<Vec<LiveNodeGroup>> {
        self.called("node_groups").map(|()| self.node_groups.borrow().clone())
    }

    async fn profiles(&self, _: &str) -> Answer<Vec<String>> {
        self.called("profiles").map(|()| Vec::new())
    }

    async fn addon(&self, _: &str, _: &str) -> Answer<Option<AddonState>> {
        self.called("addon").map(|()| self.addon.borrow().clone())
    }

    /// EKS rolls the variables out into the DaemonSet.
    async fn configure_addon(&self, _: &str, update: &AddonUpdate) -> Answer<()> {
        self.called("configure_addon")?;
        self.updates.borrow_mut().push(update.clone());
        let values: Value = serde_json::from_str(&update.values).unwrap();
        self.objects.roll_out(&values["env"]);
        self.addon.borrow_mut().iter_mut().for_each(|one| one.values = Some(update.values.clone()));
        Ok(())
    }

    async fn protect_cluster(&self, _: &str, on: bool) -> Answer<()> {
        self.called(if on { "protect cluster" } else { "unprotect" })?;
        self.cluster.borrow_mut().iter_mut().for_each(|one| one.deletion_protection = false);
        Ok(())
    }
}

impl Networks for Script<'_> {
    async fn zones(&self) -> Answer<Vec<(String, String)>> {
        self.called("zones").map(|()| Vec::new())
    }

    async fn subnets(&self, _: &str) -> Answer<Vec<LiveSubnet>> {
        self.called("subnets").map(|()| self.subnets.borrow().clone())
    }

    async fn instance_types(&self) -> Answer<Vec<Described>> {
        self.called("instance_types").map(|()| Vec::new())
    }

    async fn orphans(&self, _: &str, _: &str) -> Orphans {
        let _ = self.called("orphans");
        Orphans { found: self.orphans.borrow().clone(), ..self.around.borrow().clone() }
    }

    async fn remove(&self, orphan: &Orphan) -> Answer<()> {
        self.called("remove")?;
        self.orphans.borrow_mut().retain(|one| one != orphan);
        self.around.borrow_mut().volumes.retain(|one| one != orphan);
        Ok(())
    }

    async fn close_default_group(&self, _: &str) -> Answer<usize> {
        self.called("close_default_group").map(|()| 0)
    }

    async fn reservations(&self, _: &[String]) -> Answer<Vec<Reservation>> {
        self.called("reservations").map(|()| Vec::new())
    }

    async fn reserve(&self, _: &str, _: &str) -> Answer<()> {
        self.called("reserve")
    }

    async fn release(&self, _: &str) -> Answer<()> {
        self.called("release")
    }

    async fn tag(&self, _: &str, tags: &[(String, String)], gone: &[String]) -> Answer<()> {
        if !tags.is_empty() {
            self.called("tag")?;
        }
        if gone.is_empty() { Ok(()) } else { self.called("untag") }
    }

    async fn count_address_units(&self, _: &str) -> Answer<()> {
        self.called("count_address_units")
    }
}

/// A cluster's API: objects by kind and name. Nothing is in it at first, and everything is accepted.
#[derive(Clone, Default)]
pub struct Objects(Rc<RefCell<BTreeMap<(String, String), Value>>>);

impl Objects {
    pub fn put(&self, kind: &str, object: Value) {
        let name = object["metadata"]["name"].as_str().unwrap().to_string();
        self.0.borrow_mut().insert((kind.to_string(), name), object);
    }

    pub fn names(&self, kind: &str) -> Vec<String> {
        let all = self.0.borrow();
        all.keys().filter(|(own, _)| own == kind).map(|(_, name)| name.clone()).collect()
    }

    /// aws-node with the variables that it has by itself, and these.
    fn roll_out(&self, env: &Value) {
        let mut all = self.0.borrow_mut();
        let Some(set) = all.get_mut(&("DaemonSet".to_string(), "aws-node".to_string())) else {
            return;
        };
        let env: Vec<Value> = env
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        set["spec"]["template"]["spec"]["containers"][0]["env"] = Value::Array(env);
    }
}

impl Kubernetes for Objects {
    async fn read(&self, kind: &Kind, name: &str) -> Answer<Option<Value>> {
        Ok(self.0.borrow().get(&(kind.kind.to_string(), name.to_string())).cloned())
    }

    async fn list(&self, kind: &Kind) -> Answer<Vec<Value>> {
        let all = self.0.borrow();
        Ok(all
            .iter()
            .filter(|((own, _), _)| own == kind.kind)
            .map(|(_, value)| value.clone())
            .collect())
    }

    /// What is said of it is kept like an object, as the error of the connection.
    async fn probe(&self, probe: &Probe) -> Answer<Probed> {
        let all = self.0.borrow();
        let said = all.get(&("Probe".to_string(), probe.pod.clone()));
        Ok(match said.and_then(|one| one["silent"].as_str()) {
            Some(why) => Probed::Silent(why.to_string()),
            None => Probed::Answers,
        })
    }

    async fn apply(&self, kind: &Kind, manifest: &Value, how: Apply) -> Answer<Applied> {
        if !how.dry_run && kind.kind != "DaemonSet" {
            self.put(kind.kind, manifest.clone());
        }
        Ok(Applied::Done(manifest.clone()))
    }

    async fn delete(&self, kind: &Kind, name: &str) -> Answer<()> {
        self.0.borrow_mut().remove(&(kind.kind.to_string(), name.to_string()));
        Ok(())
    }
}

impl Connected for Script<'_> {
    type Api = Objects;

    async fn kubernetes(&self, _: &str, _: &LiveCluster) -> Answer<Objects> {
        self.called("kubernetes").map(|()| self.objects.clone())
    }
}

#[cfg(feature = "aws")]
impl eksnet::aws::survey::Surveys for Script<'_> {
    async fn survey(
        &self,
        _: &eksnet::aws::survey::Scope,
        _: &str,
    ) -> Answer<eksnet::observed::Survey> {
        self.called("survey").map(|()| eksnet::observed::Survey::default())
    }
}
