//! What AWS fixes, as data: bounds, tables and matrices with their source and the date they were read.

pub mod accelerators;
pub mod addons;
pub mod alarms;
pub mod cloudformation;
pub mod aws_node;
pub mod eks;
pub mod endpoints;
pub mod ids;
pub mod instances;
pub mod kinds;
pub mod kubernetes;
pub mod logs;
pub mod messages;
pub mod nat;
pub mod orphans;
pub mod overlays;
pub mod permissions;
pub mod ports;
pub mod quotas;
pub mod regions;
pub mod reserved;
pub mod routes;
pub mod subnets;
pub mod survey;
pub mod vpc;
