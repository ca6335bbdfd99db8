//! What the files of a node say.

use std::net::IpAddr;

use serde_json::Value;

use crate::facts::ports::EVERYBODY;

use super::super::verdict::{Judged, Proof, Sick};
use super::{API, Bundle, ETHTOOL, INTERFACES, LOG, METRICS, NETWORK, RESOLVERS, ROUTES, RULES};

/// Letters of a line that are shown.
const SHOWN: usize = 200;
const CHAIN: &str = "AWS-SNAT-CHAIN-0";
const EXTERNAL: &str = "AWS_VPC_K8S_CNI_EXTERNALSNAT";
const EXCLUDE: &str = "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS";

/// The last line with one of these words.
fn last<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    text.lines().rev().find(|line| words.iter().any(|word| line.contains(word)))
}

fn shown(line: &str) -> String {
    line.trim().chars().take(SHOWN).collect()
}

fn by_line(bundle: &Bundle, words: &[&str], sick: impl Fn(Proof) -> Sick) -> Judged {
    let found = last(bundle.text(LOG)?, words).map(|line| Proof {
        read: LOG,
        resource: bundle.instance().to_string(),
        field: "last line",
        seen: shown(line),
        wanted: "no such line".into(),
    });
    Ok(found.map(sick).into_iter().collect())
}

/// NJ-20
pub fn calls_refused(bundle: &Bundle) -> Judged {
    by_line(bundle, &["UnauthorizedOperation", "AccessDenied", "NoCredentialProviders"], |proof| {
        Sick::proven(
            "aws-node is not allowed to call EC2",
            proof,
            "attach AmazonEKS_CNI_Policy (IPv6: its own policy) to the role of aws-node",
        )
    })
}

/// IP-01
pub fn subnet_exhausted(bundle: &Bundle) -> Judged {
    by_line(bundle, &["InsufficientFreeAddressesInSubnet"], |proof| {
        Sick::proven(
            format!("the subnet of {}'s pods is exhausted", bundle.instance()),
            proof,
            "eksnet rescue --cluster … shows the ways to more addresses",
        )
    })
}

/// IP-02
pub fn no_whole_block(bundle: &Bundle) -> Judged {
    by_line(bundle, &["InsufficientCidrBlocks"], |proof| {
        Sick::proven(
            format!("no whole /28 is free in the subnet of {}'s pods", bundle.instance()),
            proof,
            "reserve a part of the subnet for prefixes; eksnet doctor --cluster … names the nodes to drain",
        )
    })
}

/// Numbers of a metric with its labels, in Prometheus' text form.
fn metric<'t>(text: &'t str, name: &str) -> impl Iterator<Item = (&'t str, f64)> {
    let name = name.to_string();
    text.lines().filter_map(move |line| {
        let rest = line.strip_prefix(name.as_str())?;
        let (labels, value) = rest.rsplit_once(' ')?;
        let own = labels.is_empty() || labels.starts_with('{');
        own.then_some((labels, value.trim().parse().ok()?))
    })
}

/// IP-11
pub fn calls_throttled(bundle: &Bundle) -> Judged {
    let words = ["RequestLimitExceeded", "Throttling"];
    let text = bundle.text(METRICS)?;
    let errors =
        metric(text, "awscni_aws_api_error_count").chain(metric(text, "awscni_ec2api_error_count"));
    let mut throttled = errors
        .filter(|(labels, count)| 0.0 < *count && words.iter().any(|word| labels.contains(word)));
    let by_metric = throttled.next().map(|(labels, count)| Proof {
        read: METRICS,
        resource: bundle.instance().to_string(),
        field: "awscni_aws_api_error_count",
        seen: format!("{count} with {}", shown(labels)),
        wanted: "0".into(),
    });
    let sick = |proof| {
        Sick::proven(
            "EC2 throttles aws-node: pods wait for their addresses",
            proof,
            "set ENABLE_PREFIX_DELEGATION, or larger warm targets, so that nodes call EC2 less often",
        )
    };
    match by_metric {
        Some(proof) => Ok(vec![sick(proof)]),
        None => by_line(bundle, &words, sick),
    }
}

/// IP-14
pub fn pool_empty(bundle: &Bundle) -> Judged {
    let text = bundle.text(METRICS)?;
    let number = |name: &str| metric(text, name).map(|(_, value)| value).sum::<f64>();
    let refused = number("awscni_no_available_ip_addresses");
    if refused <= 0.0 {
        return Ok(Vec::new());
    }
    let (total, assigned) =
        (number("awscni_total_ip_addresses"), number("awscni_assigned_ip_addresses"));
    let (interfaces, most) = (number("awscni_eni_allocated"), number("awscni_eni_max"));
    let full = 0.0 < most && most <= interfaces && total <= assigned;
    let proof = Proof {
        read: METRICS,
        resource: bundle.instance().to_string(),
        field: "awscni_no_available_ip_addresses",
        seen: format!(
            "{refused}, with {assigned} of {total} addresses assigned on {interfaces} of {most} interfaces"
        ),
        wanted: "0".into(),
    };
    let (cause, fix) = match full {
        true => (
            "the node accepts more pods than it has addresses for",
            "set maxPods of the node group to what its instance type has addresses for",
        ),
        false => (
            "aws-node had no address for pods",
            "see the last errors of ipamd.log: the subnet, the permissions or EC2's limits keep it from getting more",
        ),
    };
    Ok(vec![Sick::proven(cause, proof, fix)])
}

/// SN-04
pub fn everything_excluded(bundle: &Bundle) -> Judged {
    let settings = bundle.json(NETWORK)?;
    let mut listed = settings[EXCLUDE].as_array().into_iter().flatten();
    if !listed.any(|one| one == EVERYBODY) {
        return Ok(Vec::new());
    }
    let proof = Proof {
        read: NETWORK,
        resource: bundle.instance().to_string(),
        field: EXCLUDE,
        seen: settings[EXCLUDE].to_string(),
        wanted: format!("without {EVERYBODY}"),
    };
    Ok(vec![Sick::proven(
        "every other restart of aws-node cuts pods off: all destinations are excluded from SNAT",
        proof,
        format!("kubectl -n kube-system set env daemonset/aws-node {EXTERNAL}=true {EXCLUDE}-"),
    )])
}

/// SN-09
pub fn rules_missing(bundle: &Bundle) -> Judged {
    let settings = bundle.json(NETWORK)?;
    let rules = bundle.text(RULES)?;
    if settings[EXTERNAL] != false {
        return Ok(Vec::new());
    }
    let jumps = |line: &str| line.starts_with("-A POSTROUTING") && line.contains(CHAIN);
    let translates = |line: &str| line.starts_with("-A AWS-SNAT-CHAIN") && line.contains("-j SNAT");
    let (jump, snat) = (rules.lines().any(jumps), rules.lines().any(translates));
    if jump && snat {
        return Ok(Vec::new());
    }
    let proof = Proof {
        read: RULES,
        resource: bundle.instance().to_string(),
        field: "POSTROUTING",
        seen: if jump { "no rule with -j SNAT".into() } else { format!("no jump to {CHAIN}") },
        wanted: format!("a jump to {CHAIN}, and SNAT in it: {EXTERNAL} is false"),
    };
    Ok(vec![Sick::proven(
        "pods leave with their own address: aws-node's rules are missing on the node",
        proof,
        "find what rewrites iptables on the node (a firewall, another CNI plugin), then restart aws-node there",
    )])
}

/// NJ-25
pub fn interfaces_without_routes(bundle: &Bundle) -> Judged {
    let found = bundle.json(INTERFACES)?;
    let routes = bundle.text(ROUTES)?;
    let mut sick = Vec::new();
    for interface in interfaces(&found) {
        let Some(number) = interface["DeviceNumber"].as_u64().filter(|number| 0 < *number) else {
            continue;
        };
        // Without addresses for pods there is nothing to route.
        if interface["IsExcludedForPodIPs"] == true || is_bare(interface) {
            continue;
        }
        let table = interface["RouteTableID"].as_u64().filter(|id| 0 < *id).unwrap_or(number + 1);
        let named = format!("table {table}");
        let leads = |line: &str| {
            let own = line.ends_with(&named) || line.contains(&format!("{named} "));
            line.starts_with("default ") && own
        };
        if routes.lines().any(leads) {
            continue;
        }
        let id = interface["ID"].as_str().unwrap_or("an interface");
        let proof = Proof {
            read: ROUTES,
            resource: format!("{id} of {}", bundle.instance()),
            field: "default route",
            seen: format!("none in {named}"),
            wanted: format!("default via … {named}"),
        };
        sick.push(Sick::proven(
            format!("pods on {id} have no connection beyond the node: its route table is empty"),
            proof,
            "restart aws-node on the node; find what removes routes (a network manager, systemd-networkd)",
        ));
    }
    Ok(sick)
}

/// Interfaces of all network cards; older versions of aws-node know one card.
fn interfaces(found: &Value) -> Vec<&Value> {
    let cards: Vec<&Value> = match found["ENIs"].is_null() {
        false => vec![found],
        true => found.as_object().into_iter().flatten().map(|(_, card)| card).collect(),
    };
    let all = cards.into_iter().filter_map(|card| card["ENIs"].as_object());
    all.flat_map(|map| map.values()).collect()
}

fn is_bare(interface: &Value) -> bool {
    interface["AvailableIPv4Cidrs"].as_object().is_none_or(serde_json::Map::is_empty)
}

/// NJ-10
pub fn names_do_not_resolve(bundle: &Bundle) -> Judged {
    let Some(line) = last(bundle.text(API)?, &["Could not resolve host"]) else {
        return Ok(Vec::new());
    };
    let proof = Proof {
        read: API,
        resource: bundle.instance().to_string(),
        field: "last line",
        seen: shown(line),
        wanted: "Connected to".into(),
    };
    let one = Sick::proven(
        "the name of the API does not resolve on the node",
        proof,
        "enable both DNS attributes of the VPC, and check which resolvers its DHCP options name",
    );
    let resolvers = resolvers(bundle.text(RESOLVERS)?);
    Ok(vec![one.and(Proof {
        read: RESOLVERS,
        resource: bundle.instance().to_string(),
        field: "nameserver",
        seen: resolvers.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", "),
        wanted: "the VPC's resolver (base + 2), or one that forwards private names to it".into(),
    })])
}

fn resolvers(text: &str) -> Vec<IpAddr> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    lines.filter_map(|rest| rest.trim().parse().ok()).collect()
}

/// NJ-12
pub fn api_not_reached(bundle: &Bundle) -> Judged {
    let text = bundle.text(API)?;
    let failed =
        ["Connection timed out", "Operation timed out", "Failed to connect", "Connection refused"];
    let reached = text.lines().any(|line| line.contains("Connected to"));
    if reached {
        return Ok(Vec::new());
    }
    let told = |read, text, words: &[&str]| last(text, words).map(|line| (read, line));
    let by_log = || Ok(told(LOG, bundle.text(LOG)?, &["Failed to check API server connectivity"]));
    let Some((read, line)) = told(API, text, &failed).map_or_else(by_log, |one| Ok(Some(one)))?
    else {
        return Ok(Vec::new());
    };
    let proof = Proof {
        read,
        resource: bundle.instance().to_string(),
        field: "last line",
        seen: shown(line),
        wanted: "Connected to".into(),
    };
    Ok(vec![Sick::proven(
        "the node does not reach the API at 443",
        proof,
        "allow tcp 443 to the cluster's interfaces in the node's security groups, network ACL and route table",
    )])
}

/// DNS-06
pub fn lookups_dropped(bundle: &Bundle) -> Judged {
    let counter = "linklocal_allowance_exceeded";
    let text = bundle.text(ETHTOOL)?;
    let counts =
        text.lines().filter_map(|line| line.trim().strip_prefix(counter)?.trim().strip_prefix(':'));
    let most: u64 = counts.filter_map(|count| count.trim().parse().ok()).max().unwrap_or(0);
    if most == 0 {
        return Ok(Vec::new());
    }
    let proof = Proof {
        read: ETHTOOL,
        resource: bundle.instance().to_string(),
        field: counter,
        seen: most.to_string(),
        wanted: "0".into(),
    };
    Ok(vec![Sick::proven(
        "DNS lookups are dropped: an interface sends at most 1,024 packets a second to the resolver",
        proof,
        "run NodeLocal DNSCache, more replicas of CoreDNS on more nodes, or set a lower `ndots`",
    )])
}
