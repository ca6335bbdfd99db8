//! NAT gateways: limits. Source: VPC user guide, NAT gateways, and VPC quotas, read 2026-11-20.

/// Simultaneous connections of one address to one destination (address, port and protocol). Rule NAT-06.
pub const CONNECTIONS: u64 = 55_000;

/// Public addresses of a zonal gateway: quota and its highest value. Rule NAT-06 (L-5F53652F).
pub const ADDRESSES: usize = 2;
pub const ADDRESSES_AT_MOST: usize = 8;

/// Addresses of a regional gateway in one zone. Rule NAT-03.
pub const REGIONAL_ADDRESSES_AT_MOST: usize = 32;

/// Ids of addresses that somebody brings begin with it.
pub const ALLOCATION: &str = "eipalloc-";

/// Elastic IPs of a Region unless the quota was raised. Rule NAT-02 (ec2 L-0263D0A3).
pub const ELASTIC_IPS: usize = 5;
