//! What eksnet asks of every account of a fleet.

use ipnet::Ipv4Net;

use super::Answer;

/// A VPC, whoever made it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnyVpc {
    pub id: String,
    /// Its tag `Name`.
    pub name: Option<String>,
    /// The CloudFormation stack that made it.
    pub stack: Option<String>,
    pub cidrs: Vec<Ipv4Net>,
}

/// What IPAM says of a range of a VPC.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Monitored {
    pub vpc: String,
    pub owner: String,
    pub region: String,
    pub cidr: Option<Ipv4Net>,
    /// `overlapping`: with another resource of the scope.
    pub overlapping: bool,
    /// `noncompliant`: with the rules of its pool.
    pub noncompliant: bool,
}

/// What a fleet reads of one account and Region; nothing here changes anything.
pub trait Vpcs {
    /// The account's number, and proof that the credentials work.
    async fn owner(&self) -> Answer<String>;
    /// Every VPC of the account in the Region.
    async fn vpcs(&self) -> Answer<Vec<AnyVpc>>;
    /// What the account's IPAM says of VPCs, in all accounts and Regions that it monitors; nothing where the account has none.
    async fn monitored(&self) -> Answer<Vec<Monitored>>;
}
