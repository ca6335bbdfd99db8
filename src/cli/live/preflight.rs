//! Preflight: what only the account tells, read before a change set is made. All reads at once; what may not be read is named, and
//! the rest is judged all the same.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::aws::port::{Answer, Stack};
use crate::aws::{Account, Accounts, Clusters, Networks, Stacks};
use crate::check;
use crate::check::account::{AccountState, Deployment, StandingVpc};
use crate::diagnostic::Diagnostic;
use crate::facts::quotas::{Counted, Of, QUOTAS};
use crate::facts::{eks, nat};
use crate::graph;
use crate::intent::Intent;
use crate::render::{self, Template};

use super::super::Common;
use super::super::line::{self, Line};
use super::super::lock::Deployed;
use super::super::output::{self, Stop};
use super::{connect, standing_template, unread};

/// Findings in their places.
pub async fn run(
    common: &Common,
    account: &Account,
    line: &Line,
    (stack, before): (Option<&Stack>, &Template),
) -> Vec<Diagnostic> {
    let silent = Unread::default();
    let state = read(account, line, (stack, before), &silent).await;
    for what in silent.0.into_inner() {
        output::note(
            common,
            &format!("preflight: not checked, because it could not be read: {what}"),
        );
    }
    let stands = |id: &str| before.resource(id).is_some();
    let deployment =
        Deployment { intent: &line.intent, plan: &line.plan, graph: &line.graph, stands: &stands };
    let findings = check::account::check(&deployment, &state);
    check::judged(&line.document, findings, &common.profiles(), false)
}

/// The same for a blueprint that stands by itself (`check --online`), with what the stack tells of it.
pub fn of_file(common: &Common, file: &str) -> Result<Vec<Diagnostic>, Stop> {
    super::block_on_reading(async {
        let mut wanted = line::wanted(file, common)?;
        let account = connect(common, &wanted.intent).await?;
        let name = wanted.intent.stack();
        account
            .identity()
            .await
            .map_err(|refusal| unread("who the credentials belong to", refusal))?;
        let stack = account
            .describe(&name)
            .await
            .map_err(|refusal| unread(&format!("stack `{name}`"), refusal))?;
        let before = standing_template(&account, &name).await?;
        super::versions::pin(common, &account, &mut wanted, &before).await?;
        let line = wanted.compile(Deployed::by(&before))?;
        Ok(run(common, &account, &line, (stack.as_ref(), &before)).await)
    })
}

/// What could not be read, and why.
#[derive(Default)]
struct Unread(RefCell<BTreeSet<String>>);

impl Unread {
    fn keep<T>(&self, action: &str, answer: Answer<T>) -> Option<T> {
        answer.map_err(|refusal| self.0.borrow_mut().insert(format!("{action}: {refusal}"))).ok()
    }
}

async fn read(
    account: &Account,
    line: &Line,
    standing: (Option<&Stack>, &Template),
    unread: &Unread,
) -> AccountState {
    let intent = &line.intent;
    let types = instance_types(intent);
    let (zones, offered, quotas, counts, public_access, addons, addresses, vpc, misfits) = tokio::join!(
        async { unread.keep("ec2:DescribeAvailabilityZones", account.zones().await) },
        async {
            if types.is_empty() {
                None
            } else {
                unread.keep("ec2:DescribeInstanceTypeOfferings", account.offered(&types).await)
            }
        },
        quotas(account, line, unread),
        counts(account, unread),
        async {
            unread.keep("ec2:DescribeVpcBlockPublicAccessOptions", account.public_access().await)
        },
        addons(account, intent, unread),
        async {
            if intent.nat.own.is_empty() {
                None
            } else {
                unread.keep("ec2:DescribeAddresses", account.addresses().await)
            }
        },
        vpc(account, line, standing, unread),
        misfits(account, line, unread),
    );
    AccountState {
        zones,
        offered,
        quotas: quotas.into_iter().collect(),
        counts: counts.into_iter().collect(),
        public_access,
        addons: addons.into_iter().collect(),
        addresses,
        vpc,
        misfits,
    }
}

fn instance_types(intent: &Intent) -> Vec<String> {
    let groups = intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    let types: BTreeSet<String> = groups
        .flat_map(|group| &group.instances)
        .map(|instance| instance.name.to_string())
        .collect();
    types.into_iter().collect()
}

/// Of what the stack has.
async fn quotas(account: &Account, line: &Line, unread: &Unread) -> Vec<(&'static str, u64)> {
    let wanted = QUOTAS.iter().filter(|quota| {
        line.graph.resources.values().any(|resource| resource.template == quota.template)
    });
    let reads = wanted.map(|quota| async move {
        let value = account.quota(quota.service, quota.code).await;
        unread
            .keep(&format!("servicequotas:GetServiceQuota {}", quota.code), value)
            .map(|value| (quota.code, value))
    });
    joined(reads).await.into_iter().flatten().collect()
}

async fn counts(account: &Account, unread: &Unread) -> Vec<(Counted, u64)> {
    let counted = QUOTAS
        .iter()
        .filter_map(|quota| if let Of::Region(counted) = quota.of { Some(counted) } else { None });
    let reads = counted.map(|counted| async move {
        unread.keep(counted.read(), account.count(counted).await).map(|count| (counted, count))
    });
    joined(reads).await.into_iter().flatten().collect()
}

async fn addons(account: &Account, intent: &Intent, unread: &Unread) -> Vec<(String, Vec<String>)> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let own = cluster.aws_node.is_addon().then(|| eks::VPC_CNI.to_string());
    let names = own.into_iter().chain(cluster.addons.iter().map(|addon| addon.name.clone()));
    let reads = names.map(|name| async move {
        let versions = account.addon_versions(&name, &cluster.version).await;
        unread
            .keep("eks:DescribeAddonVersions", versions)
            .map(|versions| (name, versions.newest_first))
    });
    joined(reads).await.into_iter().flatten().collect()
}

/// (place in the configuration values, what is wrong with it) by the add-on's own schema of the version that will run.
async fn misfits(account: &Account, line: &Line, unread: &Unread) -> Vec<(String, String)> {
    let Some(addon) = line.template.resource(graph::VPC_CNI) else {
        return Vec::new();
    };
    let (Some(version), Some(values)) = (
        addon["Properties"]["AddonVersion"].as_str(),
        values(&addon["Properties"]["ConfigurationValues"], &line.intent),
    ) else {
        return Vec::new();
    };
    let schema = unread
        .keep("eks:DescribeAddonConfiguration", account.addon_schema(eks::VPC_CNI, version).await);
    let Some(schema) = schema.and_then(|text| serde_json::from_str(&text).ok()) else {
        return Vec::new();
    };
    let Ok(validator) = jsonschema::validator_for(&schema) else {
        return Vec::new();
    };
    validator
        .iter_errors(&values)
        .flat_map(|error| places(&error).into_iter().map(move |place| (place, error.to_string())))
        .collect()
}

/// What an error is about: a key that is not known stands below the place that does not know it.
fn places(error: &jsonschema::ValidationError<'_>) -> Vec<String> {
    let place = error.instance_path().to_string().trim_start_matches('/').to_string();
    match error.kind() {
        jsonschema::error::ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.iter().map(|name| format!("{place}/{name}")).collect()
        }
        _ => vec![place],
    }
}

/// The configuration as EKS gets it: what CloudFormation fills in has a form, and no value yet.
fn values(written: &serde_json::Value, intent: &Intent) -> Option<serde_json::Value> {
    let text = written.as_str().or(written["Fn::Sub"].as_str())?;
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) = after.split_once('}')?;
        filled.push_str(before);
        match name {
            literal if literal.starts_with('!') => {
                filled.push_str(&format!("${{{}}}", &literal[1..]))
            }
            zone if zone.ends_with(".AvailabilityZone") => {
                filled.push_str(&format!("{}a", intent.region.name))
            }
            "AWS::Region" => filled.push_str(intent.region.name),
            group if group.contains("Group") => filled.push_str("sg-0123456789abcdef0"),
            _ => filled.push_str("subnet-0123456789abcdef0"),
        }
        rest = tail;
    }
    filled.push_str(rest);
    serde_json::from_str(&filled).ok()
}

/// The VPC that stands, and what is around it.
async fn vpc(
    account: &Account,
    line: &Line,
    (stack, before): (Option<&Stack>, &Template),
    unread: &Unread,
) -> Option<StandingVpc> {
    let id = stack?.vpc()?;
    let (cidrs, routes, peers, subnets, cluster, excluded) = tokio::join!(
        async { unread.keep("ec2:DescribeVpcs", account.cidrs(id).await) },
        async { unread.keep("ec2:DescribeRouteTables", account.routes(id).await) },
        async { unread.keep("ec2:DescribeVpcPeeringConnections", account.peers(id).await) },
        async { unread.keep("ec2:DescribeSubnets", account.subnets(id).await) },
        async {
            unread.keep("eks:DescribeCluster", account.cluster(&line.intent.name).await).flatten()
        },
        async {
            unread.keep("ec2:DescribeVpcBlockPublicAccessExclusions", account.excluded(id).await)
        },
    );
    // What the stack's gateways were given stands in its template.
    let texts = render::texts(&before.value["Resources"]);
    Some(StandingVpc {
        cidrs: cidrs?,
        routes: routes.unwrap_or_default(),
        peers: peers.unwrap_or_default(),
        free: subnets
            .unwrap_or_default()
            .iter()
            .filter_map(|subnet| Some((subnet.cidr.parse().ok()?, subnet.free)))
            .collect(),
        attached: texts
            .into_iter()
            .filter(|text| text.starts_with(nat::ALLOCATION))
            .map(str::to_string)
            .collect(),
        version: cluster.map(|cluster| cluster.version),
        excluded: excluded.unwrap_or(false),
    })
}

/// All of them at once, in their order.
async fn joined<T>(reads: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures_util::future::join_all(reads).await
}
