//! A range for services that hides nothing: outside of the VPC and of what is connected to it.

use ipnet::Ipv4Net;

use crate::facts::{eks, vpc};

/// The first range that overlaps none of `taken`: the defaults, then what is left of the private ranges, from the end that is used
/// least.
pub fn free(taken: &[Ipv4Net]) -> Option<Ipv4Net> {
    let defaults = eks::SERVICE_DEFAULTS.iter().map(|text| vpc::net(text));
    let mut candidates = defaults.chain(eks::SERVICE_LENGTHS.iter().flat_map(|len| private(*len)));
    candidates.find(|candidate| !taken.iter().any(|other| vpc::overlap(*other, *candidate)))
}

fn private(len: u8) -> impl Iterator<Item = Ipv4Net> {
    let docker = vpc::net(vpc::DOCKER);
    let within = move |text: &&str| {
        let mut blocks: Vec<Ipv4Net> = vpc::net(text).subnets(len).into_iter().flatten().collect();
        blocks.reverse();
        blocks
    };
    let ranges = eks::SERVICE_RANGES.iter();
    ranges.flat_map(within).filter(move |net| !vpc::overlap(*net, docker))
}

/// A range where the blueprint names none. Where every private range is connected, 10.0.0.0/8 is the summary that means "everything
/// private" sooner than a network.
pub fn chosen(own: &[Ipv4Net], connected: &[Ipv4Net]) -> (Ipv4Net, &'static str) {
    let with = |others: Vec<Ipv4Net>| free(&[own, &others].concat());
    if let Some(range) = with(connected.to_vec()) {
        return (
            range,
            "private, and outside of the VPC and of what is connected to it; it can never be changed (SVC-05)",
        );
    }
    let narrow = connected.iter().filter(|range| !is_everything_private(**range));
    let range = with(narrow.copied().collect()).or_else(|| with(Vec::new()));
    let range = range.unwrap_or_else(|| vpc::net(eks::SERVICE_DEFAULTS[0]));
    (
        range,
        "private, and outside of the VPC; every private range is connected to it; it can never be changed (SVC-05)",
    )
}

/// Whether a range names no network: a default route, in halves too, or 10.0.0.0/8, by which people say "everything private".
pub fn is_everything_private(range: Ipv4Net) -> bool {
    let parent = vpc::net(eks::SERVICE_PARENT);
    range == parent || range.prefix_len() < parent.prefix_len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(own: &[&str], connected: &[&str]) -> String {
        let nets = |texts: &[&str]| texts.iter().map(|text| vpc::net(text)).collect::<Vec<_>>();
        chosen(&nets(own), &nets(connected)).0.to_string()
    }

    #[test]
    fn services_keep_out_of_everything_that_is_connected_while_there_is_room() {
        assert_eq!(of(&["10.40.0.0/16"], &["10.0.0.0/8"]), "172.20.0.0/16");
        assert_eq!(of(&["10.40.0.0/16"], &["172.16.0.0/12", "10.0.0.0/8"]), "192.168.0.0/20");
        assert_eq!(of(&["192.168.0.0/16"], &["172.16.0.0/12", "10.0.0.0/9"]), "10.255.0.0/16");
        let all = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
        assert_eq!(of(&["10.40.0.0/16"], &all), "10.100.0.0/16");
        assert_eq!(
            of(
                &["10.0.0.0/8", "192.168.0.0/16"],
                &["172.18.0.0/15", "172.20.0.0/14", "172.24.0.0/13"]
            ),
            "172.16.0.0/16",
            "not Docker's"
        );
    }
}
