//! Figures of CloudWatch: what NAT gateways dropped in the hour before the reading, and the address units of the VPC.

use aws_sdk_cloudwatch::types::{Dimension, Metric as Named, MetricDataQuery, MetricStat, ScanBy};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::aws::port::{Answer, Refusal};
use crate::aws::session::{Account, refusal};
use crate::facts::{alarms, eks};
use crate::observed::Part;
use crate::observed::survey::{Metric, VpcSurvey};
use crate::survey::{address_units, items};

/// A share of the address units from which CloudWatch is asked for them where nothing else leads to it.
const WORTH_A_CALL: u64 = 4;

const SUM: &str = "Sum";

/// One figure that is asked for.
struct Wanted {
    namespace: &'static str,
    name: &'static str,
    dimension: &'static str,
    resource: String,
    statistic: &'static str,
    period: u32,
}

/// Nothing is asked for where no gateway and not many addresses are. `moment` is now.
pub async fn read(account: &Account, vpc: &VpcSurvey, moment: &str) -> Part<Vec<Metric>> {
    let wanted = wanted(vpc);
    let mut found = Vec::new();
    for some in wanted.chunks(alarms::FIGURES_A_CALL) {
        match figures(account, some, moment).await {
            Ok(figures) => found.extend(figures),
            Err(refused) => return super::part("cloudwatch:GetMetricData", Err(refused)),
        }
    }
    Part::Read(found)
}

fn wanted(vpc: &VpcSurvey) -> Vec<Wanted> {
    let of_gateway = |id: &str, name: &'static str| Wanted {
        namespace: alarms::NAT_NAMESPACE,
        name,
        dimension: alarms::NAT_DIMENSION,
        resource: id.to_string(),
        statistic: SUM,
        period: alarms::HOUR,
    };
    let names = [alarms::NAT_METRIC, alarms::NAT_DROPPED, alarms::NAT_SENT];
    let gateways = items(&vpc.nat_gateways).iter().filter(|one| one.state == "available");
    let mut all: Vec<Wanted> =
        gateways.flat_map(|one| names.map(|name| of_gateway(&one.id, name))).collect();
    let id = vpc.vpc.read().and_then(Option::as_ref).map(|one| one.id.clone());
    let many = eks::ADDRESS_UNITS <= address_units(vpc) * WORTH_A_CALL;
    all.extend(id.filter(|_| many || !all.is_empty()).map(|resource| Wanted {
        namespace: alarms::UNITS_NAMESPACE,
        name: alarms::UNITS_METRIC,
        dimension: alarms::UNITS_DIMENSION,
        resource,
        statistic: "Maximum",
        period: alarms::DAY,
    }));
    all
}

async fn figures(account: &Account, wanted: &[Wanted], moment: &str) -> Answer<Vec<Metric>> {
    let now = DateTime::from_str(moment, Format::DateTime)
        .map_err(|error| Refusal::new("", error.to_string()))?;
    // Address units come once a day, and late.
    let longest = wanted.iter().map(|one| one.period).max().unwrap_or_default();
    let back = if longest == alarms::DAY { 2 * longest } else { longest };
    let queries = wanted.iter().enumerate().map(|(at, one)| query(at, one)).collect();
    let call = account.cloudwatch.get_metric_data().set_metric_data_queries(Some(queries));
    let call = call.start_time(DateTime::from_secs(now.secs() - i64::from(back))).end_time(now);
    let call = call.scan_by(ScanBy::TimestampDescending);
    let found = call.into_paginator().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(refusal)?;
    let results: Vec<_> = found.iter().flat_map(|page| page.metric_data_results()).collect();
    let figure = |(at, one): (usize, &Wanted)| {
        let id = id(at);
        let own = results.iter().filter(|result| result.id() == Some(&id));
        let values: Vec<f64> = own.flat_map(|result| result.values()).copied().collect();
        // An hour is two periods where it begins in one and ends in the next.
        let newest = *values.first()?;
        let value = if one.statistic == SUM { values.iter().sum() } else { newest };
        Some(Metric { name: one.name.into(), resource: one.resource.clone(), value })
    };
    Ok(wanted.iter().enumerate().filter_map(figure).collect())
}

fn id(at: usize) -> String {
    format!("m{at}")
}

fn query(at: usize, wanted: &Wanted) -> MetricDataQuery {
    let of = Dimension::builder().name(wanted.dimension).value(&wanted.resource).build();
    let metric = Named::builder()
        .namespace(wanted.namespace)
        .metric_name(wanted.name)
        .dimensions(of)
        .build();
    let figure = MetricStat::builder()
        .metric(metric)
        .period(i32::try_from(wanted.period).unwrap_or(i32::MAX))
        .stat(wanted.statistic)
        .build();
    MetricDataQuery::builder().id(id(at)).metric_stat(figure).return_data(true).build()
}

#[cfg(test)]
mod tests {
    use super::wanted;
    use crate::observed::Part;
    use crate::observed::survey::{Address, Interface, NatGateway, Vpc, VpcSurvey};

    #[test]
    fn cloudwatch_is_asked_where_there_is_something_to_tell() {
        let vpc = Vpc { id: "vpc-1".into(), ..Default::default() };
        let small = VpcSurvey { vpc: Part::Read(Some(vpc)), ..Default::default() };
        assert!(wanted(&small).is_empty());
        let gateway = |id: &str, state: &str| NatGateway {
            id: id.into(),
            state: state.into(),
            ..Default::default()
        };
        let gateways = vec![gateway("nat-1", "available"), gateway("nat-2", "deleted")];
        let with = VpcSurvey { nat_gateways: Part::Read(gateways), ..small.clone() };
        let told = wanted(&with);
        let names: Vec<_> = told.iter().map(|one| (one.name, one.resource.as_str())).collect();
        assert_eq!(
            names,
            [
                ("ErrorPortAllocation", "nat-1"),
                ("PacketsDropCount", "nat-1"),
                ("PacketsOutToDestination", "nat-1"),
                ("NetworkAddressUsage", "vpc-1"),
            ]
        );
        let held = vec![Address { private: [10, 0, 0, 1].into(), public: None }; 16_000];
        let large = Interface { addresses: held, ..Default::default() };
        let large = VpcSurvey { interfaces: Part::Read(vec![large]), ..small };
        assert_eq!(wanted(&large).len(), 1);
    }
}
