//! The one door through which the world comes in: what a scope asks for is read through the ports, at once. What is refused is kept
//! with the action that was refused.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::port::{Accounts, Answer, Clusters, Networks, Pools, Refusal, Stacks};
use crate::facts::quotas::{Code, Counted, Of, Quota};
use crate::observed::{
    Account, DeployedStack, LivePool, LiveTransitGateway, LiveVpnGateway, Network, Observed, Part,
    SUBNETS, Stack, Unread,
};
use crate::template::Template;

/// Everything of AWS that is read.
pub trait World: Accounts + Clusters + Networks + Pools + Stacks {}

impl<T: Accounts + Clusters + Networks + Pools + Stacks> World for T {}

/// What is asked for. Empty: nothing.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub zones: bool,
    pub instance_types: Vec<String>,
    pub quotas: Vec<&'static Quota>,
    /// Quotas that are not counted by resource, and what is read for them.
    pub codes: Vec<&'static Code>,
    pub vcpus: bool,
    pub nat_gateways: bool,
    pub prefix_lists: Vec<String>,
    /// Whole names of endpoint services.
    pub endpoint_services: Vec<String>,
    pub public_access: bool,
    /// Names of add-ons, for this Kubernetes version.
    pub addons: Vec<String>,
    pub kubernetes: String,
    /// (add-on, version) whose configuration schema is wanted.
    pub schemas: Vec<(String, String)>,
    pub addresses: bool,
    /// Id of a VPC that exists.
    pub vpc: Option<String>,
    pub cluster: Option<String>,
    pub owner: bool,
    /// Ids of gateways that the stack attaches to its VPC.
    pub transit_gateway: Option<String>,
    pub vpn_gateway: Option<String>,
    /// Ids of IPAM pools that ranges of the VPC come from.
    pub pools: Vec<String>,
}

/// The stack and its template. Without them nothing can be planned, so a refusal is the caller's.
pub async fn stack(stacks: &impl Stacks, name: &str) -> Result<Observed, (String, Refusal)> {
    let failed = |what: String| move |refusal| (what, refusal);
    let state = stacks.describe(name).await.map_err(failed(format!("stack `{name}`")))?;
    let Some(description) = state else {
        return Ok(Observed { stack: Part::Read(None), ..Observed::default() });
    };
    // A change set that nobody executed, or a creation that failed, deployed nothing.
    let empty = ["REVIEW_IN_PROGRESS", "DELETE_COMPLETE", "ROLLBACK_COMPLETE"];
    let template = if empty.contains(&description.status.as_str()) {
        Template::nothing()
    } else {
        let what = format!("the template of stack `{name}`");
        let text = stacks.template(name).await.map_err(failed(what.clone()))?;
        Template::parse(&text).map_err(|why| (what, Refusal::new("", why.chain())))?
    };
    let stack = Some(DeployedStack { description, template });
    Ok(Observed { stack: Part::Read(stack), ..Observed::default() })
}

/// What the node groups of the stack `name` are asked for now; nothing is read where it has none.
pub async fn sizes(
    world: &impl World,
    name: &str,
    template: &Template,
) -> Part<BTreeMap<String, u32>> {
    let stack = Stack::of(template);
    let Some(cluster) = stack.cluster.filter(|_| !stack.node_groups.is_empty()) else {
        return Part::Unasked;
    };
    let (resources, groups) = tokio::join!(world.resources(name), world.node_groups(&cluster.name));
    let sizes = resources.and_then(|resources| {
        let groups = groups?;
        let own = resources.iter().filter_map(|one| {
            let name = one.physical_id.rsplit('/').next()?;
            let group = groups.iter().find(|group| group.name == name)?;
            Some((one.id.clone(), u32::try_from(group.desired).ok()?))
        });
        Ok(own.collect())
    });
    Part::of("eks:DescribeNodegroup", sizes)
}

/// Reads what the scope asks for.
pub async fn observe(world: &impl World, scope: &Scope) -> Observed {
    let (account, network, cluster) =
        tokio::join!(account(world, scope), network(world, scope), cluster(world, scope));
    Observed { account, network, cluster, ..Observed::default() }
}

/// `value`, if it is asked for.
async fn asked<T>(wanted: bool, action: &str, answer: impl Future<Output = Answer<T>>) -> Part<T> {
    if wanted { Part::of(action, answer.await) } else { Part::Unasked }
}

async fn account(world: &impl World, scope: &Scope) -> Account {
    let types = &scope.instance_types;
    let (zones, offered, public_access, addresses, quotas, counts, addons, schemas) = tokio::join!(
        asked(scope.zones, "ec2:DescribeAvailabilityZones", world.zones()),
        asked(!types.is_empty(), "ec2:DescribeInstanceTypeOfferings", world.offered(types)),
        asked(
            scope.public_access,
            "ec2:DescribeVpcBlockPublicAccessOptions",
            world.public_access()
        ),
        asked(scope.addresses, "ec2:DescribeAddresses", world.addresses()),
        join_all(scope.quotas.iter().map(|quota| quota_value(world, (quota.service, quota.code)))),
        join_all(scope.quotas.iter().filter_map(|quota| Some(count(world, counted(quota)?)))),
        join_all(scope.addons.iter().map(|name| versions(world, scope, name))),
        join_all(scope.schemas.iter().map(|(name, version)| schema(world, name, version))),
    );
    let (codes, vcpus, nat_gateways, prefix_lists, endpoint_services) = tokio::join!(
        join_all(scope.codes.iter().map(|quota| quota_value(world, (quota.service, quota.code)))),
        asked(scope.vcpus, "ec2:DescribeInstances", world.vcpus()),
        asked(scope.nat_gateways, "ec2:DescribeNatGateways", world.nat_gateways()),
        asked(
            !scope.prefix_lists.is_empty(),
            "ec2:DescribeManagedPrefixLists",
            world.prefix_lists(&scope.prefix_lists)
        ),
        asked(
            !scope.endpoint_services.is_empty(),
            "ec2:DescribeVpcEndpointServices",
            world.endpoint_services(&scope.endpoint_services)
        ),
    );
    let (owner, transit_gateway, vpn_gateway) = gateways(world, scope).await;
    let pools = join_all(scope.pools.iter().map(|id| pool(world, id))).await;
    Account {
        owner,
        pools: pools.into_iter().collect(),
        transit_gateway,
        vpn_gateway,
        zones,
        offered,
        public_access,
        addresses,
        quotas: quotas.into_iter().chain(codes).collect(),
        vcpus,
        nat_gateways,
        prefix_lists,
        endpoint_services,
        counts: counts.into_iter().collect(),
        addons: addons.into_iter().collect(),
        schemas: schemas.into_iter().collect(),
    }
}

type Gateways = (Part<String>, Part<Option<LiveTransitGateway>>, Part<Option<LiveVpnGateway>>);

async fn gateways(world: &impl World, scope: &Scope) -> Gateways {
    let (transit, vpn) = (scope.transit_gateway.as_deref(), scope.vpn_gateway.as_deref());
    tokio::join!(
        asked(scope.owner, "sts:GetCallerIdentity", world.identity()),
        asked(
            transit.is_some(),
            "ec2:DescribeTransitGateways",
            world.transit_gateway(transit.unwrap_or_default())
        ),
        asked(vpn.is_some(), "ec2:DescribeVpnGateways", world.vpn_gateway(vpn.unwrap_or_default())),
    )
}

async fn pool(world: &impl World, id: &str) -> (String, Part<Option<LivePool>>) {
    (id.to_string(), Part::of("ec2:DescribeIpamPools", world.pool(id).await))
}

async fn quota_value(world: &impl World, (service, code): (&str, &str)) -> (String, Part<u64>) {
    let action = format!("servicequotas:GetServiceQuota {code}");
    (code.to_string(), Part::of(&action, world.quota(service, code).await))
}

/// What a quota is held against, where eksnet counts it.
fn counted(quota: &Quota) -> Option<Counted> {
    if let Of::Region(counted) = quota.of { Some(counted) } else { None }
}

async fn count(world: &impl World, what: Counted) -> (Counted, Part<u64>) {
    (what, Part::of(what.read(), world.count(what).await))
}

async fn versions(
    world: &impl World,
    scope: &Scope,
    name: &str,
) -> (String, Part<crate::observed::AddonVersions>) {
    let answer = world.addon_versions(name, &scope.kubernetes).await;
    (name.to_string(), Part::of("eks:DescribeAddonVersions", answer))
}

async fn schema(
    world: &impl World,
    name: &str,
    version: &str,
) -> (String, Part<serde_json::Value>) {
    let action = "eks:DescribeAddonConfiguration";
    let part = match Part::of(action, world.addon_schema(name, version).await) {
        Part::Read(text) => Part::of(action, serde_json::from_str::<serde_json::Value>(&text)),
        Part::Unread(unread) => Part::Unread(unread),
        Part::Unasked => Part::Unasked,
    };
    (name.to_string(), part)
}

async fn network(world: &impl World, scope: &Scope) -> Part<Option<Network>> {
    let Some(vpc) = &scope.vpc else { return Part::Unasked };
    let (cidrs, routes, peers, subnets, excluded) = tokio::join!(
        world.cidrs(vpc),
        world.routes(vpc),
        world.peers(vpc),
        world.subnets(vpc),
        world.excluded(vpc),
    );
    let mut unread = Vec::new();
    let mut keep = |action: &str, why: String| {
        unread.push(Unread { action: action.to_string(), why });
    };
    let routes = kept(routes, "ec2:DescribeRouteTables", &mut keep);
    let peers = kept(peers, "ec2:DescribeVpcPeeringConnections", &mut keep);
    let subnets = kept(subnets, SUBNETS, &mut keep);
    let excluded = kept(excluded, "ec2:DescribeVpcBlockPublicAccessExclusions", &mut keep);
    match Part::of("ec2:DescribeVpcs", cidrs) {
        Part::Read(cidrs) => Part::Read(Some(Network {
            vpc: vpc.clone(),
            cidrs,
            routes,
            peers,
            subnets,
            excluded,
            unread,
        })),
        Part::Unread(why) => Part::Unread(why),
        Part::Unasked => Part::Unasked,
    }
}

fn kept<T: Default>(answer: Answer<T>, action: &str, keep: &mut impl FnMut(&str, String)) -> T {
    answer.unwrap_or_else(|refusal| {
        keep(action, refusal.to_string());
        T::default()
    })
}

async fn cluster(world: &impl World, scope: &Scope) -> Part<Option<crate::observed::LiveCluster>> {
    match &scope.cluster {
        Some(name) => Part::of("eks:DescribeCluster", world.cluster(name).await),
        None => Part::Unasked,
    }
}
