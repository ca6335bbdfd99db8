//! Instance types: interfaces, addresses per interface, vCPUs.
//! Source: `instances.csv` beside this file, whose first line says where it comes from and when; `eksnet instances --from-ec2`
//! reads the account's Region and prints the file anew.

use std::collections::HashMap;
use std::sync::OnceLock;

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
    /// Branch interfaces for security groups for pods; `None`: no trunk. Rules SGP-01, CNI-04.
    pub branches: Option<u64>,
}

/// The named instance type, or `None` if it is not in the table.
pub fn find(name: &str) -> Option<&'static Instance> {
    table().get(name)
}

pub fn names() -> impl Iterator<Item = &'static str> {
    table().keys().copied()
}

/// All of them, by name.
pub fn all() -> Vec<&'static Instance> {
    let mut all: Vec<_> = table().values().collect();
    all.sort_by_key(|instance| instance.name);
    all
}

/// The day the table was read from EC2.
pub fn as_of() -> &'static str {
    CSV.trim_start_matches("# as of ").split(':').next().unwrap_or_default()
}

/// The file's rows as they stand, the header first.
pub fn rows() -> impl Iterator<Item = &'static str> {
    CSV.lines().filter(|line| !line.starts_with('#'))
}

fn table() -> &'static HashMap<&'static str, Instance> {
    static TABLE: OnceLock<HashMap<&'static str, Instance>> = OnceLock::new();
    TABLE.get_or_init(|| rows().skip(1).filter_map(row).map(|instance| (instance.name, instance)).collect())
}

fn row(line: &'static str) -> Option<Instance> {
    let cells: Vec<&str> = line.split(',').collect();
    let [name, interfaces, addresses, hypervisor, bare_metal, _, _, vcpus, arch, _, trunking, branches] = cells[..] else { return None };
    Some(Instance {
        name,
        interfaces: interfaces.parse().ok()?,
        addresses: addresses.parse().ok()?,
        prefixes: hypervisor == "nitro" || bare_metal == "true",
        vcpus: vcpus.parse().ok(),
        arm: arch == "arm64",
        branches: branches.parse().ok().filter(|_| trunking == "true"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(table().len(), rows().count() - 1);
        assert!(table().len() > 1_000);
    }

    #[test]
    fn the_table_says_of_which_day_it_is() {
        let parts: Vec<u32> = as_of().split('-').map(|part| part.parse().unwrap()).collect();
        assert!(parts.len() == 3 && parts[0] >= 2026, "{parts:?}");
    }

    #[test]
    fn known_types_have_their_published_limits() {
        let m5 = find("m5.large").unwrap();
        assert_eq!((m5.interfaces, m5.addresses, m5.prefixes, m5.vcpus, m5.branches), (3, 10, true, Some(2), Some(9)));
        let m4 = find("m4.4xlarge").unwrap();
        assert_eq!((m4.interfaces * (m4.addresses - 1) + 2, m4.prefixes, m4.branches), (234, false, None));
        assert!(find("c5.metal").unwrap().prefixes);
        assert_eq!(find("t3.medium").unwrap().branches, None);
    }
}
