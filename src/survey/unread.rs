//! Parts of a survey that plans depend on and that were not read: nothing may be concluded from them.

use crate::ledger::HeldUnread;
use crate::observed::survey::Survey;
use crate::observed::{Part, Unread};

use super::items;

/// A part: its place in the survey, the action that reads it, and how it went.
type Row<'s> = (&'static str, &'static str, How<'s>);

/// Of a part that was not read: the refusal, or `None` where nobody asked. `Ok` where it was read.
type How<'s> = Result<(), Option<&'s Unread>>;

/// Every such part, in the order of the document.
pub fn parts(survey: &Survey, with_cluster: bool) -> Vec<HeldUnread> {
    let of_cluster = with_cluster.then(|| cluster(survey)).into_iter().flatten();
    let rows = network(survey).into_iter().chain(of_cluster);
    let unread = rows.filter_map(|(part, action, how)| {
        let refusal = how.err()?;
        Some(HeldUnread {
            part: part.to_string(),
            action: refusal.map_or(action, |refusal| &refusal.action).to_string(),
            why: refusal.map_or("the survey was made without it", |refusal| &refusal.why).into(),
        })
    });
    unread.collect()
}

fn network(survey: &Survey) -> Vec<Row<'_>> {
    let vpc = &survey.vpc;
    // AWS's own lists have no entries in a survey; those of others have, or the reason.
    let entries = items(&vpc.prefix_lists).iter().find_map(|list| list.entries.unread());
    let lists = how(&vpc.prefix_lists).and(entries.map_or(Ok(()), |refusal| Err(Some(refusal))));
    vec![
        ("vpc.vpc", "ec2:DescribeVpcs", how(&vpc.vpc)),
        ("vpc.subnets", "ec2:DescribeSubnets", how(&vpc.subnets)),
        ("vpc.reservations", "ec2:GetSubnetCidrReservations", how(&vpc.reservations)),
        ("vpc.routeTables", "ec2:DescribeRouteTables", how(&vpc.route_tables)),
        ("vpc.internetGateways", "ec2:DescribeInternetGateways", how(&vpc.internet_gateways)),
        ("vpc.endpoints", "ec2:DescribeVpcEndpoints", how(&vpc.endpoints)),
        ("vpc.networkAcls", "ec2:DescribeNetworkAcls", how(&vpc.network_acls)),
        ("vpc.securityGroups", "ec2:DescribeSecurityGroups", how(&vpc.security_groups)),
        ("vpc.prefixLists", "ec2:DescribeManagedPrefixLists", lists),
        ("vpc.peerings", "ec2:DescribeVpcPeeringConnections", how(&vpc.peerings)),
        ("vpc.interfaces", "ec2:DescribeNetworkInterfaces", how(&vpc.interfaces)),
    ]
}

fn cluster(survey: &Survey) -> Vec<Row<'_>> {
    let eks = &survey.eks;
    vec![
        ("eks.cluster", "eks:DescribeCluster", how(&eks.cluster)),
        ("eks.nodeGroups", "eks:DescribeNodegroup", how(&eks.node_groups)),
        ("eks.fargateProfiles", "eks:DescribeFargateProfile", how(&eks.fargate_profiles)),
        ("eks.addons", "eks:DescribeAddon", how(&eks.addons)),
        ("eks.accessEntries", "eks:DescribeAccessEntry", how(&eks.access_entries)),
        ("eks.podIdentities", "eks:ListPodIdentityAssociations", how(&eks.pod_identities)),
        ("eks.instances", "ec2:DescribeInstances", how(&eks.instances)),
        ("kubernetes.awsNode", "get daemonsets/aws-node", how(&survey.kubernetes.aws_node)),
    ]
}

fn how<T>(part: &Part<T>) -> How<'_> {
    match part {
        Part::Read(_) => Ok(()),
        Part::Unread(refusal) => Err(Some(refusal)),
        Part::Unasked => Err(None),
    }
}
