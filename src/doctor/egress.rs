//! SNAT, the control plane's own interfaces, Fargate.

use crate::facts::ports::EVERYBODY;
use crate::observed::survey::{Subnet, Survey};
use crate::survey::{Way, free_addresses, items};

use super::cast::{
    AWS_NODE, SUBNETS, TABLES, all_named, by_table, cluster, is_on, named, node_subnets,
    pod_subnets, settings, told, way,
};
use super::facts::FREE;
use super::verdict::{Judged, Proof, Sick, known};

pub const EXTERNAL: &str = "AWS_VPC_K8S_CNI_EXTERNALSNAT";
const EXCLUDE: &str = "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS";
/// Free addresses that EKS asks for in the cluster's subnets to update it. EKS user guide, network requirements.
const TO_UPDATE: u64 = 5;

/// SN-01
pub fn unmasked_to_the_gateway(survey: &Survey) -> Judged {
    external(
        survey,
        |found, _| matches!(found, Way::InternetGateway(_)),
        "nat-…: pods have no public address",
    )
}

/// SN-02
pub fn unmasked_to_nowhere(survey: &Survey) -> Judged {
    let nodes = node_subnets(survey)?;
    let open = |subnet: &Subnet| {
        nodes.iter().any(|node| {
            node.id != subnet.id && way(survey, &node.id).is_ok_and(|way| way.is_open())
        })
    };
    external(
        survey,
        |found, subnet| !found.is_open() && open(subnet),
        "an egress path, as the nodes have",
    )
}

/// Pod subnets whose egress is a wrong one, with SNAT done by others.
fn external(survey: &Survey, wrong: impl Fn(&Way, &Subnet) -> bool, wanted: &str) -> Judged {
    if !is_on(settings(survey)?, EXTERNAL) {
        return Ok(Vec::new());
    }
    let mut sick = Vec::new();
    for (table, subnets) in by_table(survey, pod_subnets(survey)?) {
        let mut own = Vec::new();
        for subnet in subnets {
            if wrong(&way(survey, &subnet.id)?, subnet) {
                own.push(subnet);
            }
        }
        let Some(first) = own.first() else { continue };
        let proof = Proof {
            read: TABLES,
            resource: table.map_or(first.id.clone(), |table| table.id.clone()),
            field: "Routes, default",
            seen: told(&way(survey, &first.id)?),
            wanted: wanted.to_string(),
        };
        let subnets = all_named(&own);
        let cause = format!("pods in {subnets} leave with their own address and get no answer");
        sick.push(
            Sick::proven(
                cause,
                proof,
                "set `awsNode.snat.external: false`, or `egress` of the pod tier",
            )
            .or(format!("kubectl -n kube-system set env daemonset/aws-node {EXTERNAL}=false"))
            .and(Proof {
                read: AWS_NODE,
                resource: "kube-system/aws-node".into(),
                field: "env",
                seen: format!("{EXTERNAL}=true"),
                wanted: "false, or a NAT gateway behind the pods".into(),
            }),
        );
    }
    Ok(sick)
}

/// SN-04
pub fn everything_excluded(survey: &Survey) -> Judged {
    let env = settings(survey)?;
    let value = env
        .and_then(|env| env.get(EXCLUDE))
        .filter(|list| list.split(',').any(|one| one.trim() == EVERYBODY));
    let sick = value.map(|value| {
        let proof = Proof {
            read: AWS_NODE,
            resource: "kube-system/aws-node".into(),
            field: "env",
            seen: format!("{EXCLUDE}={value}"),
            wanted: format!("without {EVERYBODY}"),
        };
        Sick::proven("every other restart of aws-node cuts pods off: all destinations are excluded from SNAT", proof, "set `awsNode.snat.external: true` instead").or(format!("kubectl -n kube-system set env daemonset/aws-node {EXTERNAL}=true {EXCLUDE}-"))
    });
    Ok(sick.into_iter().collect())
}

/// CP-01
pub fn no_room_to_update(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    known(&survey.vpc.subnets, SUBNETS)?;
    let failed = items(&survey.eks.updates).iter().flat_map(|update| &update.errors);
    let codes: Vec<&String> = failed.map(|error| &error.code).collect();
    let mut sick = Vec::new();
    for id in &found.subnets {
        let subnet = survey.vpc.subnet(id);
        let free = subnet.map(|one| free_addresses(&survey.vpc, one).available);
        if subnet.is_some_and(|one| one.cidr.is_none())
            || free.is_some_and(|free| TO_UPDATE <= free)
        {
            continue;
        }
        let proof = Proof {
            read: SUBNETS,
            resource: id.clone(),
            field: FREE,
            seen: free.map_or("the subnet does not exist".to_string(), |free| free.to_string()),
            wanted: format!("{TO_UPDATE} or more"),
        };
        let one = Sick::proven(
            format!(
                "EKS cannot update the cluster: {} has no room for its interfaces",
                subnet.map_or(id.clone(), named)
            ),
            proof,
            "free addresses in it, or give the cluster other subnets of the same zones (aws eks update-cluster-config)",
        );
        let told = |code: &&String| Proof {
            read: "eks:DescribeUpdate",
            resource: found.name.clone(),
            field: "errors.errorCode",
            seen: (*code).clone(),
            wanted: "none".into(),
        };
        sick.push(codes.first().map(told).into_iter().fold(one, Sick::and));
    }
    Ok(sick)
}

/// CP-02
pub fn too_few_interfaces(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)?.filter(|one| one.status == "ACTIVE") else {
        return Ok(Vec::new());
    };
    let interfaces = known(&survey.vpc.interfaces, super::cast::INTERFACES)?;
    let description = format!("Amazon EKS {}", found.name);
    let own = interfaces.iter().filter(|one| one.description == description).count();
    if 2 <= own {
        return Ok(Vec::new());
    }
    let proof = Proof {
        read: super::cast::INTERFACES,
        resource: description,
        field: "Description",
        seen: own.to_string(),
        wanted: "2 to 4 interfaces".into(),
    };
    Ok(vec![Sick::proven(
        "the control plane has too few interfaces in the VPC: exec, logs and webhooks fail",
        proof,
        "see the cluster's health issues; EKS puts them back once the subnets have room",
    )])
}
