//! What to do when the fullest subnets are full: the in-place way, a further tier.

use crate::facts::{subnets, vpc};
use crate::intent::{Intent, PodSubnets};

use super::AddressPlan;

impl AddressPlan {
    /// In words, about the subnet that is full first; `None` where nothing runs out.
    pub fn relief(&self, intent: &Intent) -> Option<String> {
        let cluster = intent.cluster.as_ref()?;
        let first = self.capacity.zones.iter().min_by_key(|zone| zone.nodes)?;
        let name = first.limited_by.split(' ').next()?;
        let (tier, len) = (intent.tier(name)?, self.of_tier(name).next()?.cidr.prefix_len());
        let zones = tier.zones.len();
        let how = match &cluster.pods_in {
            PodSubnets::Tier(_) if cluster.pod_tiers().contains(&name) => {
                "`customNetworking` pointed at it, and the node groups replaced"
            }
            PodSubnets::Discovered(tiers) if tiers.iter().any(|pods| pods == name) => {
                "which serves pods: aws-node finds it by its tag"
            }
            _ => "and further node groups in it",
        };
        let fits = |range| self.places(range, len) >= zones;
        if let Some(range) =
            std::iter::once(tier.pool).chain(intent.vpc.cidrs()).find(|range| fits(*range))
        {
            return Some(format!(
                "a second tier of /{len} fits into what is free in {range} ({zones} × /{len}), {how}"
            ));
        }
        let smaller =
            (len + 1..=subnets::SMALLEST).find(|len| self.places(tier.pool, *len) >= zones);
        let secondary = legal_secondary(intent)
            .map(|cidr| format!("a secondary CIDR, such as {cidr}, and a tier from it, {how}"));
        match (secondary, smaller) {
            (Some(secondary), _) => Some(secondary),
            (None, Some(len)) => Some(format!(
                "a second tier of /{len} fits into what is free in {}, {how}",
                tier.pool
            )),
            (None, None) => Some(
                "another VPC: nothing is free, and no further range may join this one".to_string(),
            ),
        }
    }

    /// How many subnets of a prefix length the free blocks of a range hold.
    fn places(&self, range: ipnet::Ipv4Net, len: u8) -> usize {
        let free =
            self.free.iter().filter(|block| range.contains(*block) && block.prefix_len() <= len);
        free.map(|block| 1usize << (len - block.prefix_len())).sum()
    }
}

/// A /16 that AWS would let the VPC add: carrier-grade ranges join any other (rules VPC-20 to VPC-24).
pub fn legal_secondary(intent: &Intent) -> Option<ipnet::Ipv4Net> {
    let mut candidates = vpc::net(vpc::CARRIER_GRADE).subnets(vpc::LARGEST).ok()?;
    candidates.find(|cidr| intent.vpc.cidrs().all(|own| !vpc::overlap(own, *cidr)))
}
