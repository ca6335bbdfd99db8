//! Regions, their partition and the zone ids of their availability zones.
//! Source: EC2 DescribeAvailabilityZones, read 2026-11-20. Local, Wavelength and Outposts zones are left out.
//! The European Sovereign Cloud and the isolated partitions: botocore's endpoints.json, eksctl's partitions.go, aws-cdk's vpc-endpoint.ts,
//! read 2026-11-28.

/// Regions whose CloudFormation has AWS::EC2::SubnetCidrReservation; in all others EC2 makes reservations after the stack.
/// CloudFormation registry schemas of 2026-10-20. Rule SUB-09.
pub const WITH_RESERVATIONS: &[&str] = &["us-east-1", "us-west-2"];

/// A partition: ARNs, domains and principals of one never work in another.
#[derive(Debug, PartialEq)]
pub struct Partition {
    pub name: &'static str,
    /// The domain of AWS's services.
    pub domain: &'static str,
    /// Who takes on the role of an instance. In China both: two reports saw EKS demand the second (cdk-eks-blueprints #558, aws-cdk #24696).
    pub ec2: &'static [&'static str],
}

const fn partition(
    name: &'static str,
    domain: &'static str,
    ec2: &'static [&'static str],
) -> Partition {
    Partition { name, domain, ec2 }
}

const EC2: &[&str] = &["ec2.amazonaws.com"];

pub static AWS: Partition = partition("aws", "amazonaws.com", EC2);
static CHINA: Partition =
    partition("aws-cn", "amazonaws.com.cn", &["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]);
static GOV: Partition = partition("aws-us-gov", "amazonaws.com", EC2);
static EUSC: Partition = partition("aws-eusc", "amazonaws.eu", EC2);
static ISO: Partition = partition("aws-iso", "c2s.ic.gov", &["ec2.c2s.ic.gov"]);
static ISO_B: Partition = partition("aws-iso-b", "sc2s.sgov.gov", &["ec2.sc2s.sgov.gov"]);
static ISO_E: Partition = partition("aws-iso-e", "cloud.adc-e.uk", EC2);
static ISO_F: Partition = partition("aws-iso-f", "csp.hci.ic.gov", EC2);

/// One AWS Region.
#[derive(Debug, PartialEq)]
pub struct Region {
    pub name: &'static str,
    /// Zone ids are `<zone_prefix>-az<n>`.
    pub zone_prefix: &'static str,
    /// Numbers of the zones that EKS accepts for a cluster (rule CLU-04 takes three out).
    pub zones: &'static [u8],
    pub partition: &'static Partition,
    /// AWS publishes its zone ids. Where it does not, zones go by their names, and the prefix is a key of eksnet's own.
    pub ids_known: bool,
}

const fn region(name: &'static str, zone_prefix: &'static str, zones: &'static [u8]) -> Region {
    Region { name, zone_prefix, zones, partition: &AWS, ids_known: true }
}

const fn elsewhere(partition: &'static Partition, region: Region) -> Region {
    Region { partition, ..region }
}

/// A Region whose zone ids nobody outside of it can read.
const fn by_name(partition: &'static Partition, region: Region) -> Region {
    Region { partition, ids_known: false, ..region }
}

const TWO: &[u8] = &[1, 2];
const THREE: &[u8] = &[1, 2, 3];
const FOUR: &[u8] = &[1, 2, 3, 4];

/// Regions with an account of their own.
const REGISTRIES: &[(&str, &str)] = &[
    ("af-south-1", "877085696533"),
    ("ap-east-1", "800184023465"),
    ("ap-east-2", "533267051163"),
    ("ap-south-2", "900889452093"),
    ("ap-southeast-3", "296578399912"),
    ("ap-southeast-4", "491585149902"),
    ("ap-southeast-5", "151610086707"),
    ("ap-southeast-6", "333609536671"),
    ("ap-southeast-7", "121268973566"),
    ("ca-west-1", "761377655185"),
    ("cn-north-1", "918309763551"),
    ("cn-northwest-1", "961992271922"),
    ("eu-central-2", "900612956339"),
    ("eu-isoe-west-1", "249663109785"),
    ("eu-south-1", "590381155156"),
    ("eu-south-2", "455263428931"),
    ("eusc-de-east-1", "877088126301"),
    ("il-central-1", "066635153087"),
    ("me-central-1", "759879836304"),
    ("me-south-1", "558608220178"),
    ("mx-central-1", "730335286997"),
    ("us-gov-east-1", "151742754352"),
    ("us-gov-west-1", "013241004608"),
    ("us-iso-east-1", "725322719131"),
    ("us-iso-west-1", "608367168043"),
    ("us-isob-east-1", "187977181151"),
    ("us-isob-west-1", "321162350305"),
    ("us-isof-east-1", "171035529773"),
    ("us-isof-south-1", "676585237158"),
];

pub const REGIONS: &[Region] = &[
    region("af-south-1", "afs1", THREE),
    region("ap-east-1", "ape1", THREE),
    region("ap-east-2", "ape2", THREE),
    region("ap-northeast-1", "apne1", &[1, 2, 4]),
    region("ap-northeast-2", "apne2", FOUR),
    region("ap-northeast-3", "apne3", THREE),
    region("ap-south-1", "aps1", THREE),
    region("ap-south-2", "aps2", THREE),
    region("ap-southeast-1", "apse1", THREE),
    region("ap-southeast-2", "apse2", THREE),
    region("ap-southeast-3", "apse3", THREE),
    region("ap-southeast-4", "apse4", THREE),
    region("ap-southeast-5", "apse5", THREE),
    region("ap-southeast-6", "apse6", THREE),
    region("ap-southeast-7", "apse7", THREE),
    region("ca-central-1", "cac1", &[1, 2, 4]),
    region("ca-west-1", "caw1", THREE),
    // The third zone is closed to new accounts (eksctl #5783).
    elsewhere(&CHINA, region("cn-north-1", "cnn1", &[1, 2, 4])),
    elsewhere(&CHINA, region("cn-northwest-1", "cnnw1", THREE)),
    region("eu-central-1", "euc1", THREE),
    region("eu-central-2", "euc2", THREE),
    by_name(&ISO_E, region("eu-isoe-west-1", "euisoew1", THREE)),
    region("eu-north-1", "eun1", THREE),
    region("eu-south-1", "eus1", THREE),
    region("eu-south-2", "eus2", THREE),
    region("eu-west-1", "euw1", THREE),
    region("eu-west-2", "euw2", THREE),
    region("eu-west-3", "euw3", THREE),
    // Two zones so far.
    by_name(&EUSC, region("eusc-de-east-1", "euscde1", TWO)),
    region("il-central-1", "ilc1", THREE),
    region("me-central-1", "mec1", THREE),
    region("me-south-1", "mes1", THREE),
    region("mx-central-1", "mxc1", THREE),
    region("sa-east-1", "sae1", THREE),
    region("us-east-1", "use1", &[1, 2, 4, 5, 6]),
    region("us-east-2", "use2", THREE),
    elsewhere(&GOV, region("us-gov-east-1", "usge1", THREE)),
    elsewhere(&GOV, region("us-gov-west-1", "usgw1", THREE)),
    elsewhere(&ISO, region("us-iso-east-1", "usie1", THREE)),
    by_name(&ISO, region("us-iso-west-1", "usisow1", THREE)),
    elsewhere(&ISO_B, region("us-isob-east-1", "usibe1", THREE)),
    by_name(&ISO_B, region("us-isob-west-1", "usisobw1", THREE)),
    by_name(&ISO_F, region("us-isof-east-1", "usisofe1", THREE)),
    by_name(&ISO_F, region("us-isof-south-1", "usisofs1", THREE)),
    region("us-west-1", "usw1", &[1, 3]),
    region("us-west-2", "usw2", FOUR),
];

/// Zones in which EKS does not support control plane subnets. Rule CLU-04; EKS user guide, network requirements.
pub const REFUSED_ZONES: &[&str] = &["use1-az3", "usw1-az2", "cac1-az3"];

/// Those of them that every account has; the others only old accounts see. (Region, zone number)
const REFUSED_EVERYWHERE: &[(&str, u8)] = &[("us-east-1", 3)];

impl Region {
    /// The domain of AWS's services.
    pub fn domain(&self) -> &'static str {
        self.partition.domain
    }

    /// The account whose ECR holds the images of EKS's add-ons here. EKS user guide, container image registries; general knowledge, not
    /// verified again.
    pub fn registry(&self) -> &'static str {
        REGISTRIES
            .iter()
            .find(|(region, _)| *region == self.name)
            .map_or("602401143452", |(_, account)| account)
    }

    /// As ARNs of the Region begin: `aws`, `aws-cn`, `aws-us-gov` and so on.
    pub fn partition(&self) -> &'static str {
        self.partition.name
    }

    /// Numbers of the zones that every account has, those that EKS accepts first.
    pub fn every_account_has(&self) -> impl Iterator<Item = u8> {
        let more = REFUSED_EVERYWHERE.iter().filter(|(region, _)| *region == self.name);
        self.zones.iter().copied().chain(more.map(|(_, number)| *number))
    }

    /// The highest number of a zone that any account is known to have; letters go as far.
    pub fn last_zone(&self) -> u8 {
        let refused = REFUSED_ZONES.iter().filter_map(|id| self.number_of_id(id));
        self.zones.iter().copied().chain(refused).max().unwrap_or_default()
    }

    /// The id of zone `number`, the same in every account: `euw1-az2`.
    pub fn zone_id(&self, number: u8) -> String {
        format!("{}-az{number}", self.zone_prefix)
    }

    /// The zone's name in this Region, such as `eu-west-1b` of 2.
    pub fn zone_name(&self, number: u8) -> String {
        format!("{}{}", self.name, char::from(b'a' + number - 1))
    }

    /// The zone as a blueprint names it: by its id, where AWS publishes ids.
    pub fn spelled(&self, number: u8) -> String {
        if self.ids_known { self.zone_id(number) } else { self.zone_name(number) }
    }

    /// The zone's number in an id of this Region, such as 2 in `euw1-az2`.
    pub fn number_of_id(&self, id: &str) -> Option<u8> {
        let number = id.strip_prefix(self.zone_prefix)?.strip_prefix("-az")?.parse().ok()?;
        (self.ids_known && 1 <= number && number <= 26).then_some(number)
    }

    /// The zone's letter in a name of this Region, such as `b` in `eu-west-1b`.
    pub fn letter_of_name(&self, name: &str) -> Option<char> {
        let mut rest = name.strip_prefix(self.name)?.chars();
        let letter = rest.next().filter(char::is_ascii_lowercase)?;
        rest.next().is_none().then_some(letter)
    }
}

/// As many zones as a Region has at most.
pub fn most_zones() -> usize {
    REGIONS.iter().map(|region| region.every_account_has().count()).max().unwrap_or_default()
}

/// Every Region that is known.
pub fn names() -> impl Iterator<Item = &'static str> {
    REGIONS.iter().map(|region| region.name)
}

/// `None`: the Region is newer than the table, or misspelled. Opted in or not makes no difference.
pub fn find(name: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_the_domain_and_the_principals_of_its_partition() {
        let of = |name| find(name).map(|region| (region.partition(), region.domain()));
        assert_eq!(of("eu-west-1"), Some(("aws", "amazonaws.com")));
        assert_eq!(of("cn-north-1"), Some(("aws-cn", "amazonaws.com.cn")));
        assert_eq!(of("us-gov-west-1"), Some(("aws-us-gov", "amazonaws.com")));
        assert_eq!(of("eusc-de-east-1"), Some(("aws-eusc", "amazonaws.eu")));
        assert_eq!(of("us-iso-east-1"), Some(("aws-iso", "c2s.ic.gov")));
        assert_eq!(of("us-isob-west-1"), Some(("aws-iso-b", "sc2s.sgov.gov")));
        for region in REGIONS {
            let china = region.name.starts_with("cn-");
            assert_eq!(china, region.partition.ec2.contains(&"ec2.amazonaws.com.cn"));
            assert_eq!(china, region.partition() == "aws-cn", "{}", region.name);
        }
    }

    #[test]
    fn zones_of_beijing_are_those_that_accounts_have() {
        assert_eq!(find("cn-north-1").unwrap().zones, [1, 2, 4]);
    }

    #[test]
    fn names_and_prefixes_of_regions_are_their_own() {
        let of = |what: fn(&Region) -> &str| {
            REGIONS.iter().map(what).collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!(of(|region| region.name), REGIONS.len());
        assert_eq!(of(|region| region.zone_prefix), REGIONS.len());
    }
}
