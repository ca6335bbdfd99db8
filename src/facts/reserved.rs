//! Ranges with a purpose of their own, which nobody on the internet has.
//! Source: RFC 6890 with the IANA IPv4 and IPv6 special-purpose address registries, RFC 5771, RFC 4291, read 2026-11-27.

use ipnet::IpNet;

/// What a range is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    ThisNetwork,
    Private,
    /// Shared address space, RFC 6598.
    Shared,
    Loopback,
    LinkLocal,
    Protocol,
    Documentation,
    Benchmarking,
    Multicast,
    Future,
}

impl Purpose {
    /// What findings say that the range is for.
    pub fn word(self) -> &'static str {
        match self {
            Purpose::ThisNetwork => "\"this network\"",
            Purpose::Private => "private addresses",
            Purpose::Shared => "shared address space",
            Purpose::Loopback => "loopback",
            Purpose::LinkLocal => "link-local addresses",
            Purpose::Protocol => "IETF protocols",
            Purpose::Documentation => "documentation",
            Purpose::Benchmarking => "benchmarks",
            Purpose::Multicast => "multicast",
            Purpose::Future => "future use",
        }
    }
}

pub const RANGES: &[(&str, Purpose)] = &[
    ("0.0.0.0/8", Purpose::ThisNetwork),
    ("10.0.0.0/8", Purpose::Private),
    ("100.64.0.0/10", Purpose::Shared),
    ("127.0.0.0/8", Purpose::Loopback),
    ("169.254.0.0/16", Purpose::LinkLocal),
    ("172.16.0.0/12", Purpose::Private),
    ("192.0.0.0/24", Purpose::Protocol),
    ("192.0.2.0/24", Purpose::Documentation),
    ("192.168.0.0/16", Purpose::Private),
    ("198.18.0.0/15", Purpose::Benchmarking),
    ("198.51.100.0/24", Purpose::Documentation),
    ("203.0.113.0/24", Purpose::Documentation),
    ("224.0.0.0/4", Purpose::Multicast),
    ("240.0.0.0/4", Purpose::Future),
    ("::/128", Purpose::ThisNetwork),
    ("::1/128", Purpose::Loopback),
    ("2001:db8::/32", Purpose::Documentation),
    ("3fff::/20", Purpose::Documentation),
    ("fc00::/7", Purpose::Private),
    ("fe80::/10", Purpose::LinkLocal),
    ("ff00::/8", Purpose::Multicast),
];

/// The first row that shares an address with `range`. A range that is wider than the row, such as 0.0.0.0/0, shares some too.
pub fn touched(range: IpNet) -> Option<(IpNet, Purpose)> {
    rows().find(|(row, _)| row.contains(&range) || range.contains(row))
}

/// What all of `range` is reserved for.
pub fn purpose(range: IpNet) -> Option<Purpose> {
    rows().find(|(row, _)| row.contains(&range)).map(|(_, purpose)| purpose)
}

fn rows() -> impl Iterator<Item = (IpNet, Purpose)> {
    let parsed = |text: &str| text.parse().expect("a range of this table, as a test holds");
    RANGES.iter().map(move |(text, purpose)| (parsed(text), *purpose))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_range_and_no_two_overlap() {
        let rows: Vec<_> = rows().collect();
        for (at, (row, _)) in rows.iter().enumerate() {
            assert_eq!(*row, row.trunc());
            assert!(
                rows[..at].iter().all(|(other, _)| !other.contains(row) && !row.contains(other)),
                "{row}"
            );
        }
    }

    #[test]
    fn a_range_beside_a_row_is_nobodys() {
        let of = |text: &str| purpose(text.parse().unwrap());
        assert_eq!(of("198.18.0.0/15"), Some(Purpose::Benchmarking));
        assert_eq!(of("198.19.255.0/24"), Some(Purpose::Benchmarking));
        assert_eq!(of("198.20.0.0/15"), None);
        assert_eq!(of("198.16.0.0/15"), None);
        assert_eq!(of("203.0.113.0/24"), Some(Purpose::Documentation));
        assert_eq!(of("203.0.112.0/24"), None);
        assert_eq!(of("2001:db8:1::/48"), Some(Purpose::Documentation));
        assert_eq!(of("2a05:d000::/25"), None);
        assert!(touched("192.0.0.0/23".parse().unwrap()).is_some());
        assert!(touched("192.0.4.0/22".parse().unwrap()).is_none());
    }
}
