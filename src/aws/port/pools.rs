//! What eksnet asks of VPC IPAM.

use ipnet::Ipv4Net;

use super::Answer;
use crate::observed::LivePool;

/// A range that is asked for before anything is deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct AllocationRequest {
    pub pool: String,
    pub netmask: u8,
    /// IPAM gives the same range for the same token.
    pub token: String,
    /// Tells the allocation from those of others.
    pub description: String,
    /// Ranges that it must not be in.
    pub disallowed: Vec<Ipv4Net>,
}

/// A range that IPAM gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Allocated {
    /// Such as `ipam-pool-alloc-0123456789abcdef0`.
    pub id: String,
    pub cidr: Ipv4Net,
}

/// A range of a VPC.
#[derive(Clone, Debug, PartialEq)]
pub struct Associated {
    /// Such as `vpc-cidr-assoc-0123456789abcdef0`.
    pub id: String,
    pub cidr: Ipv4Net,
    /// Whether the VPC was created with it.
    pub primary: bool,
}

/// Pools of IPAM that this account owns or that are shared with it, in one Region.
pub trait Pools {
    /// `None` where this account sees no such pool in the Region.
    async fn pool(&self, id: &str) -> Answer<Option<LivePool>>;
    /// The allocation of this description, if an earlier run made it.
    async fn allocation(&self, pool: &str, description: &str) -> Answer<Option<Allocated>>;
    /// A refusal too where IPAM's answer has no range.
    async fn allocate(&self, request: &AllocationRequest) -> Answer<Allocated>;
    /// Whether an allocation is listed, by its id. IPAM may list it seconds after it was made.
    async fn has_allocation(&self, pool: &str, id: &str) -> Answer<bool>;
    /// A VPC of a stack that still has a range: a deleted stack may leave one behind.
    async fn holder(&self, stack: &str, cidr: Ipv4Net) -> Answer<Option<String>>;
    /// Gives an allocation back; done as well if it is gone already.
    async fn give_back(&self, pool: &str, allocated: &Allocated) -> Answer<()>;
    /// The IPv4 ranges of a VPC.
    async fn ranges(&self, vpc: &str) -> Answer<Vec<Associated>>;
}
