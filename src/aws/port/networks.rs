//! What eksnet asks of EC2, and of Elastic Load Balancing.

use super::Answer;
use crate::facts::instances::Described;
use crate::observed::{LiveSubnet, Reservation};

/// What Kubernetes made in a VPC, outside the stack, and what would keep the VPC alive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Orphan {
    /// Of the AWS Load Balancer Controller or of EKS Auto Mode: an Application or a Network Load Balancer, by its ARN.
    Balancer {
        arn: String,
        name: String,
    },
    /// Of the service controller in Kubernetes' own cloud provider.
    ClassicBalancer {
        name: String,
    },
    /// By its ARN.
    TargetGroup {
        arn: String,
        name: String,
    },
    /// An interface attached to nothing, such as one that aws-node left behind.
    Interface {
        id: String,
        description: String,
        subnet: String,
    },
    SecurityGroup {
        id: String,
        name: String,
    },
    /// Of no Auto Scaling group of the stack's, with the cluster's tags: Karpenter's, or one of Auto Mode's.
    Instance {
        id: String,
        name: String,
        /// EKS terminates it with the cluster.
        auto: bool,
    },
    /// Of a persistent volume; `claim` is empty where its tags do not say.
    Volume {
        id: String,
        gib: i32,
        zone: String,
        claim: String,
    },
    Snapshot {
        id: String,
    },
}

impl std::fmt::Display for Orphan {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Orphan::Balancer { name, .. } => write!(out, "load balancer {name}"),
            Orphan::ClassicBalancer { name } => write!(out, "classic load balancer {name}"),
            Orphan::TargetGroup { name, .. } => write!(out, "target group {name}"),
            Orphan::Interface { id, description, .. } => {
                write!(out, "interface {id} ({description})")
            }
            Orphan::SecurityGroup { id, name } => write!(out, "security group {id} ({name})"),
            Orphan::Instance { id, name, .. } if name.is_empty() => write!(out, "instance {id}"),
            Orphan::Instance { id, name, .. } => write!(out, "instance {id} ({name})"),
            Orphan::Volume { id, gib, zone, claim } => {
                let of = if claim.is_empty() { String::new() } else { format!(", of {claim}") };
                write!(out, "volume {id} ({gib} GiB in {zone}{of})")
            }
            Orphan::Snapshot { id } => write!(out, "snapshot {id}"),
        }
    }
}

/// What was found in a VPC.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orphans {
    /// The cluster's own, in the order in which they can be removed.
    pub found: Vec<Orphan>,
    /// Of other owners, in words: they stay, and keep the VPC alive.
    pub others: Vec<String>,
    /// Volumes of the cluster's pods, and their snapshots: data, in nothing's way.
    pub volumes: Vec<Orphan>,
    /// What could not be read, and why: it may be in the way.
    pub unread: Vec<String>,
    /// Why volumes and snapshots could not be read.
    pub volumes_unread: Option<String>,
}

/// What a Region's network has, and the few changes of it that CloudFormation does not make.
pub trait Networks {
    /// Zone ids of the Region's availability zones, with their names.
    async fn zones(&self) -> Answer<Vec<(String, String)>>;
    /// Every subnet of a VPC, whoever made it.
    async fn subnets(&self, vpc: &str) -> Answer<Vec<LiveSubnet>>;
    /// Every instance type of the Region.
    async fn instance_types(&self) -> Answer<Vec<Described>>;
    /// What the cluster's controllers and aws-node left in the VPC, by the cluster's tags.
    async fn orphans(&self, vpc: &str, cluster: &str) -> Orphans;
    /// Removes one; done as well if it is gone already. For a security group its rules and those that name it go first.
    async fn remove(&self, orphan: &Orphan) -> Answer<()>;
    /// Takes every rule out of the VPC's default security group; how many there were.
    async fn close_default_group(&self, vpc: &str) -> Answer<usize>;
    /// Reservations of eksnet's in these subnets.
    async fn reservations(&self, subnets: &[String]) -> Answer<Vec<Reservation>>;
    /// Reserves a range of a subnet for /28 prefixes, under a description that marks it as eksnet's.
    async fn reserve(&self, subnet: &str, cidr: &str) -> Answer<()>;
    /// Gives up a reservation by its id; addresses that are in use in it stay.
    async fn release(&self, reservation: &str) -> Answer<()>;
    /// Sets tags of a resource, and takes those away whose keys are in `gone`.
    async fn tag(&self, resource: &str, tags: &[(String, String)], gone: &[String]) -> Answer<()>;
    /// Lets the VPC tell CloudWatch of its address units.
    async fn count_address_units(&self, vpc: &str) -> Answer<()>;
}
