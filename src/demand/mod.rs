//! What one node and its pods ask for, and what a subnet of a size holds: before any address is given out.

mod groups;
mod held;
mod machine;
pub mod room;
mod warm_pool;

pub use groups::{Footprint, GroupDemand, of_groups, others, per_node};
pub use held::Held;
pub use machine::{Density, Limit, Machine, density_of, machines, max_pods};
