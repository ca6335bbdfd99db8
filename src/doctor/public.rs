//! Public subnets, VPC Block Public Access and resolvers of the VPC.

use std::net::Ipv4Addr;

use crate::observed::Unread;
use crate::observed::survey::{Subnet, Survey};
use crate::survey::{Way, items};

use super::cast::{GROUPS, INTERFACES, SUBNETS, TABLES, cluster, named, node_subnets, told, way};
use super::states::instance_is_no_node;
use super::verdict::{Judged, Proof, Sick, known};

const BLOCK: &str = "ec2:DescribeVpcBlockPublicAccessOptions";
const DHCP: &str = "ec2:DescribeDhcpOptions";
const EXTERNAL: &str = "kubernetes.io/role/elb";
const BOTH_WAYS: &str = "block-bidirectional";

/// NJ-06
pub fn no_public_address(survey: &Survey) -> Judged {
    if cluster(survey)?.is_some_and(|found| found.ip_family == "ipv6") {
        return Ok(Vec::new());
    }
    let interfaces = known(&survey.vpc.interfaces, INTERFACES)?;
    let public = |subnet: &Subnet| {
        let mut here = interfaces.iter().filter(|one| one.subnet == subnet.id);
        here.any(|one| {
            one.instance().is_some() && one.addresses.iter().any(|own| own.public.is_some())
        })
    };
    let mut sick = Vec::new();
    for subnet in node_subnets(survey)? {
        let Way::InternetGateway(gateway) = way(survey, &subnet.id)? else { continue };
        if subnet.map_public_ip || public(subnet) {
            continue;
        }
        let proof = Proof {
            read: SUBNETS,
            resource: subnet.id.clone(),
            field: "MapPublicIpOnLaunch",
            seen: format!("false, and the default route is {gateway}"),
            wanted: "true, or a default route to a NAT gateway".into(),
        };
        sick.push(
            Sick::proven(
                format!(
                    "nodes in {} have no public address, and an internet gateway needs one",
                    named(subnet)
                ),
                proof,
                "use a private tier for nodes (`egress: nat`)",
            )
            .or(format!(
                "aws ec2 modify-subnet-attribute --subnet-id {} --map-public-ip-on-launch",
                subnet.id
            )),
        );
    }
    Ok(sick)
}

/// NJ-11
pub fn other_resolvers(survey: &Survey) -> Judged {
    let Some(options) = known(&survey.vpc.dhcp, DHCP)? else { return Ok(Vec::new()) };
    let cidrs = survey.vpc.cidrs();
    let of_vpc = |text: &String| {
        let second = |cidr: &ipnet::Ipv4Net| Ipv4Addr::from(u32::from(cidr.network()) + 2);
        let own = cidrs.first().map(second).map(|address| address.to_string());
        text == "AmazonProvidedDNS" || text == "169.254.169.253" || own.as_ref() == Some(text)
    };
    // Resolvers are asked in this order: another one is only asked where the first does not answer.
    if options.domain_name_servers.first().is_none_or(of_vpc) {
        return Ok(Vec::new());
    }
    // Others may forward private names well; only nodes that do not join tell that they do not.
    let Some(failed) = not_joined(survey)? else { return Ok(Vec::new()) };
    let proof = Proof {
        read: DHCP,
        resource: options.id.clone(),
        field: "domain-name-servers",
        seen: options.domain_name_servers.join(", "),
        wanted: "AmazonProvidedDNS, or forwarders to the VPC's resolver".into(),
    };
    let one = Sick::proven(
        "nodes do not join, and the VPC's DHCP options name resolvers outside of it",
        proof,
        "forward private names to the VPC's resolver (base + 2), or use AmazonProvidedDNS",
    );
    Ok(vec![one.and(failed)])
}

/// What tells that nodes do not join: EKS, or instances that are no nodes.
pub fn not_joined(survey: &Survey) -> Result<Option<Proof>, Unread> {
    let lost = ["NodeCreationFailure", "ClusterUnreachable"];
    for group in known(&survey.eks.node_groups, GROUPS)? {
        if let Some(issue) = group.issues.iter().find(|issue| lost.contains(&issue.code.as_str())) {
            return Ok(Some(Proof {
                read: GROUPS,
                resource: group.name.clone(),
                field: "health.issues",
                seen: format!("{}: {}", issue.code, issue.message),
                wanted: "none".into(),
            }));
        }
    }
    let strangers = instance_is_no_node(survey)?;
    Ok(strangers.first().and_then(|one| one.proof().first()).cloned())
}

/// NJ-17
pub fn public_access_blocked(survey: &Survey) -> Judged {
    let mut sick = Vec::new();
    for subnet in node_subnets(survey)? {
        let gate = match way(survey, &subnet.id)? {
            Way::InternetGateway(_) => Some(subnet),
            Way::Nat(id) => subnet_of_nat(survey, &id)?,
            _ => None,
        };
        let Some(gate) = gate else { continue };
        if let Some(proof) = blocked(survey, gate, &[BOTH_WAYS])? {
            sick.push(Sick::proven(
                format!("VPC Block Public Access stops what leaves {}", named(subnet)),
                proof,
                format!(
                    "exclude the VPC or {} (aws ec2 create-vpc-block-public-access-exclusion)",
                    gate.id
                ),
            ));
        }
    }
    Ok(sick)
}

fn subnet_of_nat<'s>(survey: &'s Survey, id: &str) -> Result<Option<&'s Subnet>, Unread> {
    let nats = known(&survey.vpc.nat_gateways, "ec2:DescribeNatGateways")?;
    let nat = nats.iter().find(|nat| nat.id == id && !nat.private);
    Ok(nat.and_then(|nat| survey.vpc.subnet(nat.subnet.as_ref()?)))
}

/// A subnet that EC2 says is blocked, and is not excluded.
fn blocked(survey: &Survey, subnet: &Subnet, modes: &[&str]) -> Result<Option<Proof>, Unread> {
    let block = known(&survey.vpc.public_access, BLOCK)?;
    let own = subnet.blocked.as_deref().unwrap_or(if items(&survey.vpc.exclusions).is_empty() {
        &block.mode
    } else {
        "off"
    });
    Ok(modes.contains(&own).then(|| Proof {
        read: BLOCK,
        resource: subnet.id.clone(),
        field: "InternetGatewayBlockMode",
        seen: own.to_string(),
        wanted: "off, or an exclusion".into(),
    }))
}

/// LB-07
pub fn not_reachable(survey: &Survey) -> Judged {
    let subnets = known(&survey.vpc.subnets, SUBNETS)?;
    let tagged =
        |one: &&Subnet| one.tags.get(EXTERNAL).is_some_and(|tag| tag.is_empty() || tag == "1");
    let mut sick = Vec::new();
    for subnet in subnets.iter().filter(tagged) {
        let found = way(survey, &subnet.id)?;
        if matches!(found, Way::Elsewhere(_)) {
            continue;
        }
        let proof = match found {
            Way::InternetGateway(_) => blocked(survey, subnet, &[BOTH_WAYS, "block-ingress"])?,
            _ => Some(Proof {
                read: TABLES,
                resource: subnet.id.clone(),
                field: "Routes, default",
                seen: told(&found),
                wanted: format!("igw-…, as the tag {EXTERNAL} says"),
            }),
        };
        if let Some(proof) = proof {
            sick.push(Sick::proven(
                format!("the internet does not reach load balancers in {}", named(subnet)),
                proof,
                "keep the tag to subnets whose default route is an internet gateway (`egress: internet`)",
            ).or(format!("aws ec2 delete-tags --resources {} --tags Key={EXTERNAL}", subnet.id)));
        }
    }
    Ok(sick)
}
