//! The ports to AWS, in our own types. They translate, never choose. Only this folder names an AWS SDK, and only when the
//! feature `aws` is on; the offline commands use none of it.

pub mod port;

#[cfg(feature = "aws")]
mod account;
#[cfg(feature = "aws")]
mod cloudformation;
#[cfg(feature = "aws")]
mod ec2;
#[cfg(feature = "aws")]
mod eks;
#[cfg(feature = "aws")]
mod filter;
#[cfg(feature = "aws")]
mod kubernetes;
pub mod observe;
#[cfg(feature = "aws")]
mod leftovers;
#[cfg(feature = "aws")]
mod orphans;
#[cfg(feature = "aws")]
mod pools;
#[cfg(feature = "aws")]
mod room;
#[cfg(feature = "aws")]
mod session;
#[cfg(feature = "aws")]
mod settings;
#[cfg(feature = "aws")]
pub mod survey;
#[cfg(feature = "aws")]
mod token;
#[cfg(feature = "aws")]
mod vpcs;

#[cfg(feature = "aws")]
pub use kubernetes::ClusterApi;
pub use observe::World;
pub use port::{Accounts, Clusters, Connected, Kubernetes, Networks, Pools, Refusal, Stacks};
#[cfg(feature = "aws")]
pub use session::{Account, Target, connect, day, moment};
