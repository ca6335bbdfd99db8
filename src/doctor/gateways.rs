//! What CloudWatch tells of NAT gateways.

use crate::facts::alarms::{NAT_DROPPED, NAT_DROPPED_SHARE, NAT_METRIC, NAT_SENT};
use crate::observed::Unread;
use crate::observed::survey::{Metric, NatGateway, Survey};

use super::cast::METRICS;
use super::verdict::{Judged, NO_FIGURE, Proof, Sick, known};

/// SN-06
pub fn drops(survey: &Survey) -> Judged {
    let metrics = known(&survey.account.metrics, METRICS)?;
    let gateways = known(&survey.vpc.nat_gateways, "ec2:DescribeNatGateways")?;
    let of = |id: &str, name: &str| {
        let own = |one: &&Metric| one.resource == id && one.name == name;
        metrics.iter().find(own).map(|one| one.value)
    };
    let (mut sick, mut silent) = (Vec::new(), None);
    for gateway in gateways.iter().filter(|one| one.state == "available") {
        let Some(lost) = of(&gateway.id, NAT_METRIC) else {
            silent = silent.or(Some(&gateway.id));
            continue;
        };
        if 0.0 < lost {
            sick.push(no_port(gateway, lost));
            continue;
        }
        let dropped = of(&gateway.id, NAT_DROPPED).unwrap_or_default();
        let sent = of(&gateway.id, NAT_SENT).unwrap_or_default();
        if sent * NAT_DROPPED_SHARE < dropped {
            sick.push(dropping(gateway, dropped, sent));
        }
    }
    match silent.filter(|_| sick.is_empty()) {
        Some(id) => Err(Unread { action: METRICS.into(), why: format!("{NO_FIGURE} {id}") }),
        None => Ok(sick),
    }
}

fn no_port(gateway: &NatGateway, lost: f64) -> Sick {
    let proof = Proof {
        read: METRICS,
        resource: gateway.id.clone(),
        field: NAT_METRIC,
        seen: lost.to_string(),
        wanted: "0".into(),
    };
    Sick::proven(
        format!("{} has no ports left for some destinations: connections are dropped", gateway.id),
        proof,
        "add addresses to the gateway, or one gateway per zone",
    )
}

fn dropping(gateway: &NatGateway, dropped: f64, sent: f64) -> Sick {
    let proof = Proof {
        read: METRICS,
        resource: gateway.id.clone(),
        field: NAT_DROPPED,
        seen: format!("{dropped}, of {sent} packets sent"),
        wanted: format!("at most {} % of those sent", NAT_DROPPED_SHARE * 100.0),
    };
    Sick::proven(
        format!("{} drops packets", gateway.id),
        proof,
        "set `egress.nat` to one gateway per zone, so that each has less to carry; the AWS Health Dashboard shows issues of the service",
    )
    .or("one NAT gateway per zone, so that each has less to carry; the AWS Health Dashboard shows issues of the service")
}
