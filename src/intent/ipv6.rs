//! Where the VPC's IPv6 block comes from.

use ipnet::Ipv6Net;

use crate::blueprint::model::{self, OwnIpv6};
use crate::diagnostic::Diagnostic;
use crate::facts::{ids, vpc};

use super::{Ipv6, Ipv6From, parse};
use crate::rules::{V6_01, V6_03, V6_04};

const PLACE: &str = "vpc.ipv6";

pub fn resolve(written: &model::Ipv6) -> Result<Ipv6, Diagnostic> {
    match written {
        model::Ipv6::From(_) => Ok(Ipv6 { from: Ipv6From::Amazon, len: vpc::IPV6_AMAZON }),
        model::Ipv6::Own(OwnIpv6 { pool: Some(pool), cidr: Some(cidr), ipam_pool: None, netmask: None }) => brought(pool, cidr),
        model::Ipv6::Own(OwnIpv6 { pool: None, cidr: None, ipam_pool: Some(pool), netmask }) => of_ipam(pool, netmask.as_ref()),
        model::Ipv6::Own(_) => Err(V6_03.at(PLACE, "neither a pool with a CIDR of it nor an IPAM pool")
            .hint("set `amazon`, or `{ pool: ipv6pool-ec2-…, cidr: 2001:db8:1200::/56 }`, or `{ ipamPool: ipam-pool-…, netmask: 56 }`")),
    }
}

fn brought(pool: &str, text: &str) -> Result<Ipv6, Diagnostic> {
    let place = "vpc.ipv6.cidr";
    if !ids::is("ipv6pool-ec2-", pool) && !ids::is("ipv6pool-coip-", pool) {
        return Err(V6_03
            .at("vpc.ipv6.pool", format!("invalid IPv6 pool id `{pool}`"))
            .hint("such as `ipv6pool-ec2-0123456789abcdef0`"));
    }
    let cidr = parse::ipv6(place, text)?;
    in_steps(cidr.prefix_len(), place)?;
    if !vpc::IPV6_PUBLIC.parse::<Ipv6Net>().is_ok_and(|public| public.contains(&cidr)) {
        return Err(V6_04
            .at(
                place,
                format!(
                    "`{cidr}` is not public: no internet gateway and no egress-only one carries it"
                ),
            )
            .hint("use a public block, or `amazon`"));
    }
    Ok(Ipv6 { from: Ipv6From::Pool { id: pool.to_string(), cidr }, len: cidr.prefix_len() })
}

fn of_ipam(pool: &str, netmask: Option<&model::Netmask>) -> Result<Ipv6, Diagnostic> {
    if !ids::is("ipam-pool-", pool) {
        return Err(V6_03
            .at("vpc.ipv6.ipamPool", format!("invalid IPAM pool id `{pool}`"))
            .hint("such as `ipam-pool-0123456789abcdef0`"));
    }
    let place = "vpc.ipv6.netmask";
    let len = netmask.map_or(Ok(vpc::IPV6_AMAZON), |netmask| {
        let hint = "such as `56`";
        let invalid = || V6_01.at(place, format!("`{netmask}` is not a prefix length")).hint(hint);
        netmask.bits().ok_or_else(invalid)
    })?;
    in_steps(len, place)?;
    Ok(Ipv6 { from: Ipv6From::Ipam { id: pool.to_string() }, len })
}

/// Rule V6-01.
fn in_steps(len: u8, place: &str) -> Result<(), Diagnostic> {
    if vpc::IPV6_LARGEST <= len && len <= vpc::IPV6_SMALLEST && len.is_multiple_of(vpc::IPV6_STEP) {
        return Ok(());
    }
    Err(V6_01
        .at(place, format!("EC2 accepts no IPv6 block of /{len} for a VPC"))
        .hint("one of /44, /48, /52, /56 and /60"))
}
