//! Regions, their partition and the zone ids of their availability zones.
//! Source: EC2 DescribeAvailabilityZones, read 2026-11-20. Local, Wavelength and Outposts zones are left out.

/// Regions whose CloudFormation has AWS::EC2::SubnetCidrReservation; in all others EC2 makes reservations after the stack.
/// CloudFormation registry schemas of 2026-10-20. Rule SUB-09.
pub const WITH_RESERVATIONS: &[&str] = &["us-east-1", "us-west-2"];

/// One AWS Region.
#[derive(Debug, PartialEq)]
pub struct Region {
    pub name: &'static str,
    /// Zone ids are `<zone_prefix>-az<n>`.
    pub zone_prefix: &'static str,
    /// Numbers of the zones that EKS accepts for a cluster (rule CLU-04 takes three out).
    pub zones: &'static [u8],
}

const fn region(name: &'static str, zone_prefix: &'static str, zones: &'static [u8]) -> Region {
    Region { name, zone_prefix, zones }
}

const THREE: &[u8] = &[1, 2, 3];
const FOUR: &[u8] = &[1, 2, 3, 4];

/// Regions with an account of their own.
const REGISTRIES: &[(&str, &str)] = &[
    ("af-south-1", "877085696533"),
    ("ap-east-1", "800184023465"),
    ("ap-south-2", "900889452093"),
    ("ap-southeast-3", "296578399912"),
    ("ap-southeast-4", "491585149902"),
    ("ap-southeast-5", "151610086707"),
    ("ca-west-1", "761377655185"),
    ("cn-north-1", "918309763551"),
    ("cn-northwest-1", "961992271922"),
    ("eu-central-2", "900612956339"),
    ("eu-south-1", "590381155156"),
    ("eu-south-2", "455263428931"),
    ("il-central-1", "066635153087"),
    ("me-central-1", "759879836304"),
    ("me-south-1", "558608220178"),
    ("us-gov-east-1", "151742754352"),
    ("us-gov-west-1", "013241004608"),
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
    region("cn-north-1", "cnn1", THREE),
    region("cn-northwest-1", "cnnw1", THREE),
    region("eu-central-1", "euc1", THREE),
    region("eu-central-2", "euc2", THREE),
    region("eu-north-1", "eun1", THREE),
    region("eu-south-1", "eus1", THREE),
    region("eu-south-2", "eus2", THREE),
    region("eu-west-1", "euw1", THREE),
    region("eu-west-2", "euw2", THREE),
    region("eu-west-3", "euw3", THREE),
    region("il-central-1", "ilc1", THREE),
    region("me-central-1", "mec1", THREE),
    region("me-south-1", "mes1", THREE),
    region("mx-central-1", "mxc1", THREE),
    region("sa-east-1", "sae1", THREE),
    region("us-east-1", "use1", &[1, 2, 4, 5, 6]),
    region("us-east-2", "use2", THREE),
    region("us-gov-east-1", "usge1", THREE),
    region("us-gov-west-1", "usgw1", THREE),
    region("us-west-1", "usw1", &[1, 3]),
    region("us-west-2", "usw2", FOUR),
];

/// Zones in which EKS makes no control plane. Rule CLU-04; EKS user guide, network requirements.
pub const REFUSED_ZONES: &[&str] = &["use1-az3", "usw1-az2", "cac1-az3"];

/// Those of them that every account has; the others only old accounts see. (Region, zone number)
const REFUSED_EVERYWHERE: &[(&str, u8)] = &[("us-east-1", 3)];

impl Region {
    /// The domain of AWS's services.
    pub fn domain(&self) -> &'static str {
        if self.partition() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }
    }

    /// The account whose ECR holds the images of EKS's add-ons here. EKS user guide, container image registries; general knowledge, not
    /// verified again.
    pub fn registry(&self) -> &'static str {
        REGISTRIES
            .iter()
            .find(|(region, _)| *region == self.name)
            .map_or("602401143452", |(_, account)| account)
    }

    pub fn partition(&self) -> &'static str {
        match self.name {
            name if name.starts_with("cn-") => "aws-cn",
            name if name.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// Numbers of the zones that every account has, those that EKS accepts first.
    pub fn every_account_has(&self) -> impl Iterator<Item = u8> {
        let more = REFUSED_EVERYWHERE.iter().filter(|(region, _)| *region == self.name);
        self.zones.iter().copied().chain(more.map(|(_, number)| *number))
    }

    pub fn zone_id(&self, number: u8) -> String {
        format!("{}-az{number}", self.zone_prefix)
    }

    /// The zone's number in an id of this Region, such as 2 in `euw1-az2`.
    pub fn number_of_id(&self, id: &str) -> Option<u8> {
        id.strip_prefix(self.zone_prefix)?
            .strip_prefix("-az")?
            .parse()
            .ok()
            .filter(|number| 1 <= *number && *number <= 26)
    }

    /// The zone's letter in a name of this Region, such as `b` in `eu-west-1b`.
    pub fn letter_of_name(&self, name: &str) -> Option<char> {
        let mut rest = name.strip_prefix(self.name)?.chars();
        let letter = rest.next().filter(char::is_ascii_lowercase)?;
        rest.next().is_none().then_some(letter)
    }
}

pub fn find(name: &str) -> Option<&'static Region> {
    REGIONS.iter().find(|region| region.name == name)
}
