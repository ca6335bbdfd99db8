//! What one node and its pods ask for, and what a subnet of a size holds: before any address is given out.

mod groups;
mod held;
mod machine;
mod others;
pub mod room;
mod shape;
mod warm_pool;

pub use groups::{Footprint, GroupDemand, of_groups};
pub use held::{AtMost, Held};
pub use machine::{Density, Limit, Machine, System, density_of, machines, max_pods};
pub use others::{Other, Taker, others};
pub use shape::Shape;
pub use warm_pool::WarmPool;
