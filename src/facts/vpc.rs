//! VPC CIDRs: bounds, classes of ranges, and which class may join which.
//! Source: VPC user guide, VPC CIDR blocks and "IPv4 CIDR block association restrictions", read 2026-11-20.

use ipnet::Ipv4Net;

/// Rule VPC-01.
pub const LARGEST: u8 = 16;
pub const SMALLEST: u8 = 28;

/// IPv6 blocks of a VPC, in steps of four; Amazon's own; and the one length of a subnet. Rules V6-01, V6-02.
pub const IPV6_LARGEST: u8 = 44;
pub const IPV6_SMALLEST: u8 = 60;
/// Global unicast addresses. Rule V6-04.
pub const IPV6_PUBLIC: &str = "2000::/3";
pub const IPV6_STEP: u8 = 4;
pub const IPV6_AMAZON: u8 = 56;
pub const IPV6_SUBNET: u8 = 64;

/// IPv4 CIDRs per VPC, primary included: quota and its highest value. Rule VPC-28 (L-83CA0A9D).
pub const CIDRS: usize = 5;
pub const CIDRS_AT_MOST: usize = 50;

/// Which association rules a range falls under. Rule VPC-20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Ten,
    OneSevenTwo,
    OneNineTwo,
    CarrierGrade,
    Benchmark,
    Public,
}

/// Shared address space, RFC 6598. Rule VPC-23.
pub const CARRIER_GRADE: &str = "100.64.0.0/10";

const CLASSES: &[(Class, &str)] = &[
    (Class::Ten, "10.0.0.0/8"),
    (Class::OneSevenTwo, "172.16.0.0/12"),
    (Class::OneNineTwo, "192.168.0.0/16"),
    (Class::CarrierGrade, CARRIER_GRADE),
    (Class::Benchmark, "198.19.0.0/16"),
];

/// Every host's own range (RFC 3927).
pub const LINK_LOCAL: &str = "169.254.0.0/16";

/// Ranges no VPC can have: CreateVpc answers "The CIDR is invalid". It accepts 240.0.0.0/4. Tried on AWS by cdk-preflight
/// (rules/ec2, pf-ec2-vpc-cidr-reserved-range), read 2026-11-29. Rules VPC-04, VPC-05.
pub const UNUSABLE: &[&str] = &["0.0.0.0/8", "127.0.0.0/8", LINK_LOCAL, "224.0.0.0/4"];

/// Reserved for future use (RFC 1112), which many hosts and routers drop: given to nobody who does not ask for it.
pub const FUTURE: &str = "240.0.0.0/4";

/// The Docker bridge. Rule VPC-06.
pub const DOCKER: &str = "172.17.0.0/16";

/// Any associated block in the first forbids new ones from the second. Rule VPC-21.
pub const LOW_TEN: (&str, &str) = ("10.0.0.0/15", "10.0.0.0/16");

/// No secondary CIDR of a 172.16/12 VPC may touch this. Rule VPC-20.
pub const DEFAULT_VPC: &str = "172.31.0.0/16";

/// For CIDRs written in the facts only: it panics on any other text.
pub fn net(text: &str) -> Ipv4Net {
    text.parse().expect("a CIDR written in the facts, as a test holds")
}

/// By the whole range: one that is wider than 10.0.0.0/8 and the like counts as public. Rule VPC-20.
pub fn class(cidr: Ipv4Net) -> Class {
    CLASSES
        .iter()
        .find(|(_, range)| net(range).contains(&cidr))
        .map_or(Class::Public, |(class, _)| *class)
}

/// Whether a VPC whose primary is of class `primary` may take a secondary CIDR of class `added`.
pub fn may_join(primary: Class, added: Class) -> bool {
    match (primary, added) {
        (_, Class::Benchmark) => false,
        (_, Class::CarrierGrade | Class::Public) => true,
        (primary, added) => primary == added,
    }
}

/// What may be added to a VPC of class `primary`, in words.
pub fn joinable(primary: Class) -> &'static str {
    match primary {
        Class::Ten => "10.0.0.0/8, 100.64.0.0/10 and publicly routable ranges",
        Class::OneSevenTwo => {
            "172.16.0.0/12 outside 172.31.0.0/16, 100.64.0.0/10 and publicly routable ranges"
        }
        Class::OneNineTwo => "192.168.0.0/16, 100.64.0.0/10 and publicly routable ranges",
        Class::CarrierGrade | Class::Benchmark | Class::Public => {
            "100.64.0.0/10 and publicly routable ranges"
        }
    }
}

/// Whether ranges are every IPv4 address together, as `0.0.0.0/1` and `128.0.0.0/1` are.
pub fn covers_everything(ranges: &[Ipv4Net]) -> bool {
    Ipv4Net::aggregate(&ranges.to_vec()).iter().any(|range| range.prefix_len() == 0)
}

/// Whether the two share an address: prefixes do only where one holds the other.
pub fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cidrs_written_here_are_cidrs() {
        let written = CLASSES.iter().map(|(_, range)| *range).chain(UNUSABLE.iter().copied());
        for text in written.chain([DOCKER, LOW_TEN.0, LOW_TEN.1, DEFAULT_VPC]) {
            assert_eq!(net(text), net(text).trunc(), "{text}");
        }
    }

    #[test]
    fn no_private_family_joins_another_and_none_takes_the_benchmark_range() {
        let families = [Class::Ten, Class::OneSevenTwo, Class::OneNineTwo];
        for primary in families {
            for added in families {
                assert_eq!(may_join(primary, added), primary == added);
            }
            assert!(!may_join(primary, Class::Benchmark));
            assert!(may_join(primary, Class::CarrierGrade));
        }
        assert!(!may_join(Class::CarrierGrade, Class::Ten));
    }
}
