//! Instance types: interfaces, addresses per interface, vCPUs.
//! Source: `instances.csv` beside this file, from EC2 DescribeInstanceTypes in 17 regions, 2026-08-11.

use std::collections::HashMap;
use std::sync::OnceLock;

pub const AS_OF: &str = "2026-08-11";

static CSV: &str = include_str!("instances.csv");

/// What the pod network of one instance type depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instance {
    pub name: &'static str,
    /// Interfaces on the default network card.
    pub interfaces: u64,
    /// IPv4 addresses per interface, the interface's own included.
    pub addresses: u64,
    /// Nitro or bare metal: can take /28 prefixes. Rule PD-01.
    pub prefixes: bool,
    /// `None` where EC2's published data lacks it.
    pub vcpus: Option<u64>,
    pub arm: bool,
}

/// The named instance type, or `None` if it is not in the table.
pub fn find(name: &str) -> Option<&'static Instance> {
    table().get(name)
}

pub fn names() -> impl Iterator<Item = &'static str> {
    table().keys().copied()
}

fn table() -> &'static HashMap<&'static str, Instance> {
    static TABLE: OnceLock<HashMap<&'static str, Instance>> = OnceLock::new();
    TABLE.get_or_init(|| CSV.lines().skip(1).filter_map(row).map(|instance| (instance.name, instance)).collect())
}

fn row(line: &'static str) -> Option<Instance> {
    let mut cells = line.split(',');
    let name = cells.next()?;
    let interfaces = cells.next()?.parse().ok()?;
    let addresses = cells.next()?.parse().ok()?;
    let hypervisor = cells.next()?;
    let bare_metal = cells.next()?;
    let mut cells = cells.skip(2);
    let vcpus = cells.next()?.parse().ok();
    let arm = cells.next()? == "arm64";
    Some(Instance { name, interfaces, addresses, prefixes: hypervisor == "nitro" || bare_metal == "true", vcpus, arm })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(table().len(), CSV.lines().count() - 1);
    }

    #[test]
    fn known_types_have_their_published_limits() {
        let m5 = find("m5.large").unwrap();
        assert_eq!((m5.interfaces, m5.addresses, m5.prefixes, m5.vcpus), (3, 10, true, Some(2)));
        let m4 = find("m4.4xlarge").unwrap();
        assert_eq!((m4.interfaces * (m4.addresses - 1) + 2, m4.prefixes), (234, false));
        assert!(find("c5.metal").unwrap().prefixes);
    }
}
