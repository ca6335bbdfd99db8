//! `eksnet survey`: every read of a VPC, its cluster and the cluster's own API, at once, page by page. It only reads, and what is refused
//! is kept with the action that was refused.

mod account;
mod addresses;
mod cluster;
mod groups;
mod kubernetes;
mod machines;
mod metrics;
mod pools;
mod objects;
mod roles;
mod routes;
mod scaling;
mod security;
mod text;
mod transit;
mod vpc;

use crate::blueprint::model::{Blueprint, Vpc};
use crate::observed::survey::{
    AccountSurvey, EksSurvey, Header, KubernetesSurvey, Survey, VpcSurvey,
};
use crate::observed::{LiveCluster, Part, Unread};

use crate::facts::survey::ACTIONS;

use super::port::{Answer, Connected, Refusal};
use super::session::Account;

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// `vpc-…`; the cluster's where it is not given.
    pub vpc: Option<String>,
    /// The cluster's name.
    pub cluster: Option<String>,
    /// Whether the cluster's own API is asked too.
    pub kubernetes: bool,
    /// IPAM pools that the blueprint names.
    pub pools: Vec<String>,
}

impl Scope {
    /// What a blueprint says of itself: its cluster and pools, and the VPC where it names one.
    pub fn of(blueprint: &Blueprint) -> Self {
        let of_vpc = blueprint.vpc.as_ref();
        let name = &blueprint.metadata.name;
        let cluster = blueprint.cluster.as_ref();
        Self {
            vpc: of_vpc.and_then(|vpc| vpc.id.clone()),
            cluster: cluster.map(|own| own.existing.clone().unwrap_or_else(|| name.clone())),
            kubernetes: true,
            pools: of_vpc.map(Vpc::ipam_pools).unwrap_or_default(),
        }
    }
}

/// Whoever can be asked for a whole survey.
#[allow(async_fn_in_trait, reason = "used by this crate's own single-threaded runtime")]
pub trait Surveys {
    /// Reads all of it. `moment` is now. An error: there is nothing to begin with.
    async fn survey(&self, scope: &Scope, moment: &str) -> Answer<Survey>;
}

impl Surveys for Account {
    async fn survey(&self, scope: &Scope, moment: &str) -> Answer<Survey> {
        read(self, scope, moment).await
    }
}

async fn read(account: &Account, scope: &Scope, moment: &str) -> Answer<Survey> {
    let eks = match &scope.cluster {
        Some(name) => cluster::read(account, name).await,
        None => EksSurvey::default(),
    };
    let of_cluster = eks.found().map(|found| found.vpc.clone()).filter(|vpc| !vpc.is_empty());
    let vpc = match (scope.vpc.clone().or(of_cluster), &eks.cluster) {
        (Some(vpc), _) => vpc,
        (None, Part::Unread(Unread { action, why })) => {
            return Err(Refusal::new(action.clone(), why.clone()));
        }
        (None, _) => {
            let name = scope.cluster.as_deref().unwrap_or_default();
            return Err(Refusal::new("", format!("there is no cluster `{name}` in this Region")));
        }
    };
    let ((network, interfaces), machines, kubernetes, number) = tokio::join!(
        vpc::read(account, &vpc, &eks),
        machines::read(account, &vpc, scope.cluster.as_deref(), &eks),
        objects(account, scope, &eks),
        account::number(account, &eks),
    );
    if matches!(network.vpc, Part::Read(None)) {
        return Err(Refusal::new("", format!("there is no VPC `{vpc}` in this Region")));
    }
    let (own, roles, groups, metrics, pools) = tokio::join!(
        account::read(account, &network, interfaces),
        roles::read(account, &eks),
        scaling::read(account, &eks),
        metrics::read(account, &network, moment),
        pools::read(account, &scope.pools),
    );
    let mut own = AccountSurvey { metrics, pools, ..own };
    let mut eks = sorted_cluster(EksSurvey {
        instances: machines.instances,
        instance_types: machines.types,
        ..eks
    });
    if eks.found().is_some() {
        (own.roles, eks.scaling_groups) = (roles, groups);
    }
    let header = Header {
        read: moment.to_string(),
        eksnet: env!("CARGO_PKG_VERSION").to_string(),
        region: account.region.clone(),
        account: number,
        cluster: scope.cluster.clone(),
        vpc,
        redacted: false,
    };
    Ok(Survey { account: own, vpc: sorted(network), eks, kubernetes, ..Survey::new(header) })
}

/// The cluster's own API, where it is asked and answers.
async fn objects(account: &Account, scope: &Scope, eks: &EksSurvey) -> KubernetesSurvey {
    let name = scope.cluster.as_ref().filter(|_| scope.kubernetes);
    let (Some(name), Some(found)) = (name, eks.found()) else {
        return KubernetesSurvey::default();
    };
    let live = LiveCluster {
        status: found.status.clone(),
        version: found.version.clone(),
        endpoint: found.endpoint.clone(),
        authority: found.authority.clone(),
        deletion_protection: found.deletion_protection,
        issues: Vec::new(),
    };
    match account.kubernetes(name, &live).await {
        Ok(api) => kubernetes::read(&api).await,
        Err(why) => kubernetes::closed(&why.to_string()),
    }
}

/// A part with the action of the call that was refused: one part may take several calls, and `action` is what is known without an answer.
fn part<T>(action: &str, answer: Answer<T>) -> Part<T> {
    let own = answer.as_ref().err().map(|refusal| refusal.action.clone());
    let own = own.filter(|own| ACTIONS.contains(&own.as_str()));
    Part::of(own.as_deref().unwrap_or(action), answer)
}

fn order<T, K: Ord>(part: &mut Part<Vec<T>>, key: impl Fn(&T) -> K) {
    if let Part::Read(items) = part {
        items.sort_by_key(key);
    }
}

fn sorted(mut vpc: VpcSurvey) -> VpcSurvey {
    order(&mut vpc.subnets, |one| one.id.clone());
    order(&mut vpc.reservations, |one| one.id.clone());
    order(&mut vpc.route_tables, |one| one.id.clone());
    order(&mut vpc.nat_gateways, |one| one.id.clone());
    order(&mut vpc.internet_gateways, |one| one.id.clone());
    order(&mut vpc.egress_only_gateways, |one| one.id.clone());
    order(&mut vpc.vpn_gateways, |one| one.id.clone());
    order(&mut vpc.endpoints, |one| one.id.clone());
    order(&mut vpc.network_acls, |one| one.id.clone());
    order(&mut vpc.security_groups, |one| one.id.clone());
    order(&mut vpc.prefix_lists, |one| one.id.clone());
    order(&mut vpc.peerings, |one| one.id.clone());
    order(&mut vpc.transit_attachments, |one| one.id.clone());
    order(&mut vpc.transit_gateways, |one| one.id.clone());
    order(&mut vpc.interfaces, |one| one.id.clone());
    order(&mut vpc.exclusions, |one| one.id.clone());
    vpc
}

fn sorted_cluster(mut eks: EksSurvey) -> EksSurvey {
    order(&mut eks.node_groups, |one| one.name.clone());
    order(&mut eks.fargate_profiles, |one| one.name.clone());
    order(&mut eks.addons, |one| one.name.clone());
    order(&mut eks.addon_versions, |one| one.name.clone());
    order(&mut eks.access_entries, |one| one.principal.clone());
    order(&mut eks.pod_identities, |one| one.id.clone());
    order(&mut eks.updates, |one| one.id.clone());
    order(&mut eks.insights, |one| one.id.clone());
    order(&mut eks.instances, |one| one.id.clone());
    order(&mut eks.instance_types, |one| one.name.clone());
    eks
}
