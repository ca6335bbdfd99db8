//! The cluster as EKS describes it.

use std::collections::BTreeSet;

use aws_sdk_eks::types::{AddonInfo, Compatibility};
use futures_util::stream::{self, StreamExt};

use crate::aws::port::Answer;
use crate::aws::session::{Account, refusal, written};
use crate::facts::aws_node::Release;
use crate::observed::Part;
use crate::observed::survey::{
    AccessEntry, AddonOffer, AddonSurvey, AutoMode, EksCluster, EksSurvey, HealthIssue, Insight,
    Overlays, PodIdentity, Update,
};

use super::groups;
use super::text::{map, some, text};

/// Reads at the same time.
const AT_ONCE: usize = 8;

/// The last ones, which EKS lists first.
const UPDATES: usize = 5;

pub async fn read(account: &Account, name: &str) -> EksSurvey {
    let cluster = super::part("eks:DescribeCluster", describe(account, name).await);
    let Part::Read(Some(found)) = &cluster else {
        return EksSurvey { cluster, ..EksSurvey::default() };
    };
    let (node_groups, profiles, addons, entries, identities, updates, insights) = tokio::join!(
        groups::node_groups(account, name),
        groups::profiles(account, name),
        offered_addons(account, found),
        entries(account, name),
        identities(account, name),
        updates(account, name),
        insights(account, name),
    );
    let (addons, addon_versions) = addons;
    EksSurvey {
        cluster,
        node_groups: super::part("eks:DescribeNodegroup", node_groups),
        fargate_profiles: super::part("eks:DescribeFargateProfile", profiles),
        addons: super::part("eks:DescribeAddon", addons),
        addon_versions,
        access_entries: super::part("eks:DescribeAccessEntry", entries),
        pod_identities: super::part("eks:ListPodIdentityAssociations", identities),
        updates: super::part("eks:DescribeUpdate", updates),
        insights: super::part("eks:ListInsights", insights),
        ..EksSurvey::default()
    }
}

async fn describe(account: &Account, name: &str) -> Answer<Option<EksCluster>> {
    match account.eks.describe_cluster().name(name).send().await.map_err(refusal) {
        Ok(answer) => Ok(answer.cluster().map(cluster)),
        Err(refusal) if refusal.code.contains("ResourceNotFound") => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

fn cluster(one: &aws_sdk_eks::types::Cluster) -> EksCluster {
    let network = one.kubernetes_network_config();
    let vpc = one.resources_vpc_config();
    let list = |of: fn(&aws_sdk_eks::types::VpcConfigResponse) -> &[String]| {
        let mut ids = vpc.map(of).unwrap_or_default().to_vec();
        ids.sort();
        ids
    };
    let logs = one.logging().map(|logging| logging.cluster_logging()).unwrap_or_default();
    let on = logs.iter().filter(|setup| setup.enabled() == Some(true));
    let issues = one.health().map(|health| health.issues()).unwrap_or_default();
    let keys = one.encryption_config().iter().filter_map(|config| config.provider());
    EksCluster {
        name: text(one.name()),
        arn: text(one.arn()),
        status: text(one.status().map(|status| status.as_str())),
        version: text(one.version()),
        platform_version: text(one.platform_version()),
        endpoint: text(one.endpoint()),
        authority: text(one.certificate_authority().and_then(|authority| authority.data())),
        role: text(one.role_arn()),
        vpc: text(vpc.and_then(|vpc| vpc.vpc_id())),
        subnets: list(|vpc| vpc.subnet_ids()),
        security_groups: list(|vpc| vpc.security_group_ids()),
        cluster_security_group: some(vpc.and_then(|vpc| vpc.cluster_security_group_id())),
        endpoint_private: vpc.is_some_and(|vpc| vpc.endpoint_private_access()),
        endpoint_public: vpc.is_some_and(|vpc| vpc.endpoint_public_access()),
        public_cidrs: list(|vpc| vpc.public_access_cidrs()),
        ip_family: text(network.and_then(|own| own.ip_family()).map(|family| family.as_str())),
        service_cidr: network.and_then(|own| own.service_ipv4_cidr()?.parse().ok()),
        service_ipv6_cidr: some(network.and_then(|own| own.service_ipv6_cidr())),
        authentication_mode: text(
            one.access_config()
                .and_then(|access| access.authentication_mode())
                .map(|mode| mode.as_str()),
        ),
        logging: on.flat_map(|setup| setup.types()).map(|kind| kind.as_str().to_string()).collect(),
        auto_mode: one.compute_config().filter(|own| own.enabled() == Some(true)).map(|own| {
            AutoMode { node_pools: own.node_pools().to_vec(), node_role: some(own.node_role_arn()) }
        }),
        remote_networks: remote(one),
        control_plane_egress: vpc
            .and_then(|vpc| vpc.control_plane_egress_mode())
            .map(|mode| mode.as_str().to_string()),
        deletion_protection: one.deletion_protection().unwrap_or(false),
        oidc_issuer: some(
            one.identity().and_then(|identity| identity.oidc()).and_then(|oidc| oidc.issuer()),
        ),
        secrets_key: keys.filter_map(|provider| some(provider.key_arn())).next(),
        issues: issues.iter().map(issue).collect(),
        created: one.created_at().map(written),
        tags: map(one.tags()),
    }
}

fn issue(own: &aws_sdk_eks::types::ClusterIssue) -> HealthIssue {
    HealthIssue {
        code: text(own.code().map(|code| code.as_str())),
        message: text(own.message()),
        resources: own.resource_ids().to_vec(),
    }
}

fn remote(one: &aws_sdk_eks::types::Cluster) -> Overlays {
    let Some(remote) = one.remote_network_config() else { return Overlays::default() };
    let nodes = remote.remote_node_networks().iter().flat_map(|own| own.cidrs());
    let pods = remote.remote_pod_networks().iter().flat_map(|own| own.cidrs());
    Overlays {
        nodes: nodes.filter_map(|cidr| cidr.parse().ok()).collect(),
        pods: pods.filter_map(|cidr| cidr.parse().ok()).collect(),
    }
}

/// The add-ons of the cluster, and which versions of them EKS offers for its version of Kubernetes.
async fn offered_addons(
    account: &Account,
    found: &EksCluster,
) -> (Answer<Vec<AddonSurvey>>, Part<Vec<AddonOffer>>) {
    let addons = addons(account, &found.name).await;
    // Only versions that can be compared lead to the call.
    let versioned = addons.iter().flatten().filter(|one| Release::of(&one.version).is_some());
    let names: BTreeSet<&str> = versioned.map(|one| one.name.as_str()).collect();
    if names.is_empty() {
        let none = if addons.is_ok() { Part::Read(Vec::new()) } else { Part::Unasked };
        return (addons, none);
    }
    let offers = offers(account, &found.version, &names).await;
    (addons, super::part("eks:DescribeAddonVersions", offers))
}

/// One call for all of them: EKS lists every add-on that it has for a version of Kubernetes.
async fn offers(
    account: &Account,
    kubernetes: &str,
    names: &BTreeSet<&str>,
) -> Answer<Vec<AddonOffer>> {
    let call = account.eks.describe_addon_versions().kubernetes_version(kubernetes);
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let own = |one: &&AddonInfo| one.addon_name().is_some_and(|name| names.contains(name));
    Ok(found.iter().filter(own).map(|one| offer(one, kubernetes)).collect())
}

fn offer(one: &AddonInfo, kubernetes: &str) -> AddonOffer {
    let is_default =
        |fits: &Compatibility| fits.cluster_version() == Some(kubernetes) && fits.default_version();
    let versions = one.addon_versions();
    let preferred = versions.iter().find(|one| one.compatibilities().iter().any(is_default));
    AddonOffer {
        name: text(one.addon_name()),
        versions: versions.iter().map(|one| text(one.addon_version())).collect(),
        preferred: preferred.and_then(|one| some(one.addon_version())),
    }
}

async fn addons(account: &Account, cluster: &str) -> Answer<Vec<AddonSurvey>> {
    let pages = account.eks.list_addons().cluster_name(cluster).into_paginator().items().send();
    let names = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let reads = stream::iter(names).map(|name| async move {
        let call = account.eks.describe_addon().cluster_name(cluster).addon_name(name);
        call.send().await.map_err(refusal)
    });
    let answers: Vec<_> = reads.buffered(AT_ONCE).collect().await;
    let mut found = Vec::new();
    for answer in answers {
        found.extend(answer?.addon().map(addon));
    }
    Ok(found)
}

fn addon(one: &aws_sdk_eks::types::Addon) -> AddonSurvey {
    let issues = one.health().map(|health| health.issues()).unwrap_or_default();
    AddonSurvey {
        name: text(one.addon_name()),
        status: text(one.status().map(|status| status.as_str())),
        version: text(one.addon_version()),
        configuration: one.configuration_values().map(|values| {
            serde_json::from_str(values).unwrap_or_else(|_| serde_json::Value::from(values))
        }),
        service_account_role: some(one.service_account_role_arn()),
        pod_identities: one.pod_identity_associations().to_vec(),
        issues: issues
            .iter()
            .map(|own| HealthIssue {
                code: text(own.code().map(|code| code.as_str())),
                message: text(own.message()),
                resources: own.resource_ids().to_vec(),
            })
            .collect(),
        tags: map(one.tags()),
    }
}

async fn entries(account: &Account, cluster: &str) -> Answer<Vec<AccessEntry>> {
    let pages = account.eks.list_access_entries().cluster_name(cluster).into_paginator();
    let arns = pages.items().send().collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let reads = stream::iter(arns).map(|arn| async move {
        let call = account.eks.describe_access_entry().cluster_name(cluster).principal_arn(arn);
        call.send().await.map_err(refusal)
    });
    let answers: Vec<_> = reads.buffered(AT_ONCE).collect().await;
    let mut found = Vec::new();
    for answer in answers {
        found.extend(answer?.access_entry().map(|one| AccessEntry {
            principal: text(one.principal_arn()),
            kind: text(one.r#type()),
            username: text(one.username()),
            groups: one.kubernetes_groups().to_vec(),
            tags: map(one.tags()),
        }));
    }
    Ok(found)
}

async fn identities(account: &Account, cluster: &str) -> Answer<Vec<PodIdentity>> {
    let pages = account.eks.list_pod_identity_associations().cluster_name(cluster);
    let pages = pages.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let one = |one: &aws_sdk_eks::types::PodIdentityAssociationSummary| PodIdentity {
        id: text(one.association_id()),
        namespace: text(one.namespace()),
        service_account: text(one.service_account()),
        role: String::new(),
        owner: some(one.owner_arn()),
    };
    Ok(found.iter().map(one).collect())
}

async fn updates(account: &Account, cluster: &str) -> Answer<Vec<Update>> {
    let answer = account.eks.list_updates().name(cluster).send().await.map_err(refusal)?;
    let last: Vec<String> = answer.update_ids().iter().take(UPDATES).cloned().collect();
    let mut found = Vec::new();
    for id in last {
        let call = account.eks.describe_update().name(cluster).update_id(id);
        let answer = call.send().await.map_err(refusal)?;
        found.extend(answer.update().map(|one| {
            Update {
                id: text(one.id()),
                kind: text(one.r#type().map(|kind| kind.as_str())),
                status: text(one.status().map(|status| status.as_str())),
                created: one.created_at().map(written),
                errors: one
                    .errors()
                    .iter()
                    .map(|own| HealthIssue {
                        code: text(own.error_code().map(|code| code.as_str())),
                        message: text(own.error_message()),
                        resources: own.resource_ids().to_vec(),
                    })
                    .collect(),
            }
        }));
    }
    Ok(found)
}

async fn insights(account: &Account, cluster: &str) -> Answer<Vec<Insight>> {
    let pages = account.eks.list_insights().cluster_name(cluster).into_paginator();
    let found = pages.items().send().collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let one = |one: &aws_sdk_eks::types::InsightSummary| Insight {
        id: text(one.id()),
        name: text(one.name()),
        category: text(one.category().map(|category| category.as_str())),
        status: text(
            one.insight_status().and_then(|own| own.status()).map(|status| status.as_str()),
        ),
        reason: text(one.insight_status().and_then(|own| own.reason())),
    };
    Ok(found.iter().map(one).collect())
}
