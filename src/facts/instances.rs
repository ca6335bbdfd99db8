//! Instance types: interfaces, addresses per interface, vCPUs.
//! Source: `instances.csv` beside this file, whose first line says where it comes from and when; `eksnet instances --from-ec2`
//! reads EC2 and prints the file anew.

#![expect(clippy::disallowed_types, reason = "asked by name only")]

use std::collections::HashMap;
use std::sync::OnceLock;

use super::eks;

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
    pub memory_mib: Option<u64>,
    /// Branch interfaces for security groups for pods; `None`: no trunk. Rule SGP-01.
    pub branches: Option<u64>,
    /// Network cards, of which aws-node uses the default one only unless it is told otherwise.
    pub cards: usize,
}

impl Instance {
    /// Pods that EKS itself holds a managed node to, where it knows nothing of prefixes: the VPC's addresses, up to its limit. It sets this
    /// beside what a launch template says, unless the template names an AMI. EKS user guide, choosing an instance type.
    pub fn pods_by_eks(&self) -> u64 {
        let large = self.vcpus.is_some_and(|vcpus| eks::LARGE_VCPUS < vcpus);
        let cap = if large { eks::POD_CAP_LARGE } else { eks::POD_CAP };
        (self.interfaces * (self.addresses - 1) + eks::HOST_NETWORK_PODS).min(cap)
    }
}

/// The named instance type, or `None` if it is not in the table.
pub fn find(name: &str) -> Option<&'static Instance> {
    table().get(name)
}

/// A type that the table lacks, with the limits of the nearest relative that it has: `r9g.large` as `r8g.large`, or else as the
/// type of that size with the fewest addresses. `None` where the family has no family's form, or where no type has such a size and the
/// family is known: families that are new come with sizes of their own. Rule NG-10.
pub fn like(name: &str) -> Option<&'static Instance> {
    let (family, size) = name.split_once('.')?;
    let (letters, generation, rest) = parts(family)?;
    let mut known = table().keys().filter_map(|name| name.split_once('.'));
    if !known.clone().any(|(_, own)| own == size) {
        let new = is_size(size) && !known.any(|(own, _)| own == family);
        return smallest_of(letters, generation).filter(|_| new);
    }
    let sized = || {
        all().into_iter().filter(|one| one.name.split_once('.').map(|(_, own)| own) == Some(size))
    };
    let relatives = sized().filter_map(|one| {
        let (own, of, attributes) = parts(one.name.split_once('.')?.0)?;
        (own == letters && attributes == rest).then_some((of.abs_diff(generation), one))
    });
    relatives.min_by_key(|(distance, one)| (*distance, one.name)).map(|(_, one)| one).or_else(
        || {
            let arm = rest.starts_with('g');
            // Whatever is newer than the table is a Nitro type.
            let alike = || sized().filter(|one| one.arm == arm && one.prefixes);
            let near =
                alike().filter_map(|one| Some((distance_of(one, letters, generation)?, one)));
            let near = near.min_by_key(|(distance, one)| (*distance, few(one)));
            near.map(|(_, one)| one).or_else(|| alike().min_by_key(|one| few(one)))
        },
    )
}

/// Generations between a type and a family of the same letters.
fn distance_of(one: &Instance, letters: &str, generation: u32) -> Option<u32> {
    let (own, of, _) = parts(one.name.split_once('.')?.0)?;
    (own == letters).then_some(of.abs_diff(generation))
}

/// The order of caution: types with few addresses first.
fn few(one: &Instance) -> (u64, &'static str) {
    (one.interfaces * one.addresses, one.name)
}

/// Of the same letters and the nearest generation, the type with the fewest addresses.
fn smallest_of(letters: &str, generation: u32) -> Option<&'static Instance> {
    let relatives =
        all().into_iter().filter_map(|one| Some((distance_of(one, letters, generation)?, one)));
    relatives.min_by_key(|(distance, one)| (*distance, few(one))).map(|(_, one)| one)
}

/// `36xlarge`, `metal-24xl`: the sizes that have a number.
fn is_size(size: &str) -> bool {
    let number = size
        .strip_suffix("xlarge")
        .or_else(|| size.strip_prefix("metal-").and_then(|rest| rest.strip_suffix("xl")));
    number.is_some_and(|text| {
        (1..=3).contains(&text.len()) && text.bytes().all(|one| one.is_ascii_digit())
    })
}

/// `r`, 8, `gd` of `r8gd`. Generations have one digit so far, and the next ones a 1 before it.
fn parts(family: &str) -> Option<(&str, u32, &str)> {
    let end = family.find(|letter: char| !letter.is_ascii_lowercase())?;
    let (letters, rest) = family.split_at(end);
    rest.chars().next().filter(char::is_ascii_digit)?;
    let tens =
        rest.starts_with('1') && rest[1..].starts_with(|letter: char| letter.is_ascii_digit());
    let (digits, rest) = rest.split_at(1 + usize::from(tens));
    let generation = digits.parse().ok()?;
    let form = rest
        .chars()
        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    ((1..=4).contains(&letters.len())
        && form
        && !rest.starts_with(|letter: char| letter.is_ascii_digit()))
    .then_some((letters, generation, rest))
}

/// Every type of the table in alphabetical order, for suggestions and completions.
pub fn names() -> Vec<&'static str> {
    all().into_iter().map(|instance| instance.name).collect()
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
    TABLE.get_or_init(|| {
        rows().skip(1).filter_map(row).map(|instance| (instance.name, instance)).collect()
    })
}

fn row(line: &'static str) -> Option<Instance> {
    let cells: Vec<&str> = line.split(',').collect();
    let [
        name,
        interfaces,
        addresses,
        hypervisor,
        bare_metal,
        cards,
        _,
        vcpus,
        arch,
        memory,
        trunking,
        branches,
    ] = cells[..]
    else {
        return None;
    };
    Some(Instance {
        name,
        cards: cards.split(';').count(),
        interfaces: interfaces.parse().ok()?,
        addresses: addresses.parse().ok()?,
        prefixes: hypervisor == "nitro" || bare_metal == "true",
        vcpus: vcpus.parse().ok(),
        arm: arch == "arm64",
        memory_mib: memory.parse().ok(),
        branches: branches.parse().ok().filter(|_| trunking == "true"),
    })
}

/// What EC2 says of a type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Described {
    pub name: String,
    pub hypervisor: String,
    pub bare_metal: bool,
    /// Most interfaces of each network card, by its index.
    pub cards: Vec<(i32, i32)>,
    pub default_card: i32,
    /// IPv4 addresses per interface.
    pub addresses: i32,
    pub vcpus: i32,
    pub arm: bool,
    pub memory_mib: i64,
}

/// The file anew: what EC2 says now over what stands, `sources` and the day in its first line. EC2 does not tell trunks and branch
/// interfaces: those that stand are kept, a new type has none until somebody adds them.
pub fn merged(described: &[Described], day: &str, sources: &str) -> String {
    let mut by_name: std::collections::BTreeMap<&str, String> =
        rows().skip(1).filter_map(|row| Some((row.split(',').next()?, row.to_string()))).collect();
    for one in described {
        let trunk = by_name
            .get(one.name.as_str())
            .and_then(|row| row.splitn(11, ',').nth(10))
            .unwrap_or(",")
            .to_string();
        by_name.insert(&one.name, format!("{},{trunk}", one.row()));
    }
    let header = rows().next().unwrap_or_default();
    let body: String = by_name.values().map(|row| format!("{row}\n")).collect();
    format!(
        "# as of {day}: {sources}; trunking and branch interfaces: amazon-vpc-resource-controller-k8s\n{header}\n{body}"
    )
}

impl Described {
    fn row(&self) -> String {
        let cards: Vec<String> =
            self.cards.iter().map(|(index, most)| format!("{index}:{most}")).collect();
        let most = self
            .cards
            .iter()
            .find(|(index, _)| *index == self.default_card)
            .map_or(0, |(_, most)| *most);
        let hypervisor = if self.hypervisor.is_empty() { "unknown" } else { &self.hypervisor };
        let arch = if self.arm { "arm64" } else { "amd64" };
        format!(
            "{},{most},{},{hypervisor},{},{},{},{},{arch},{}",
            self.name,
            self.addresses,
            self.bare_metal,
            cards.join(";"),
            self.default_card,
            self.vcpus,
            self.memory_mib
        )
    }
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
    fn the_file_read_anew_keeps_what_ec2_does_not_tell() {
        let new = Described {
            name: "z9.large".into(),
            hypervisor: "nitro".into(),
            cards: vec![(0, 4)],
            addresses: 15,
            vcpus: 2,
            ..Described::default()
        };
        let m5 = Described {
            name: "m5.large".into(),
            hypervisor: "nitro".into(),
            cards: vec![(0, 3)],
            addresses: 10,
            vcpus: 2,
            memory_mib: 8192,
            ..new.clone()
        };
        let text = merged(&[new, m5], "2027-01-02", "EC2");
        assert!(text.starts_with("# as of 2027-01-02: EC2;"));
        assert!(
            text.contains("\nz9.large,4,15,nitro,false,0:4,0,2,amd64,0,,\n"),
            "{}",
            text.lines().last().unwrap()
        );
        let before = rows().find(|row| row.starts_with("m5.large,")).unwrap();
        assert!(text.contains(&format!("\n{before}\n")), "{before}");
        assert_eq!(text.lines().count(), CSV.lines().count() + 1);
    }

    #[test]
    fn younger_types_have_the_limits_of_their_relatives() {
        let name = |text| like(text).map(|one| one.name);
        assert_eq!(name("r9g.large"), Some("r8g.large"));
        assert_eq!(name("r9gd.metal-24xl"), Some("r8gd.metal-24xl"));
        assert_eq!(name("t8i.nano"), Some("t3.nano"), "no new type is older than Nitro");
        assert_eq!(name("trn2u.48xlarge"), Some("trn2.48xlarge"));
        assert_eq!(name("m6i.lrge"), None);
        assert_eq!(name("m66i.large"), None);
        assert_eq!(name("r10g.large"), Some("r8g.large"));
        assert!(name("p6e-gb200.36xlarge").is_some_and(|one| one.starts_with("p6")));
        assert!(name("u7inh-32tb.480xlarge").is_some_and(|one| one.starts_with("u7")));
        assert_eq!(name("m6i.5xlarge"), None, "a family that is known has its sizes");
        assert_eq!(name("m11i.lrge"), None);
        assert_eq!(name("mé.large"), None);
        assert_eq!(name("large"), None);
        assert!(name("q1.large").is_some_and(|one| one.ends_with(".large")));
    }

    #[test]
    fn known_types_have_their_published_limits() {
        let m5 = find("m5.large").unwrap();
        assert_eq!(
            (m5.interfaces, m5.addresses, m5.prefixes, m5.vcpus, m5.branches),
            (3, 10, true, Some(2), Some(9))
        );
        let m4 = find("m4.4xlarge").unwrap();
        assert_eq!(
            (m4.interfaces * (m4.addresses - 1) + 2, m4.prefixes, m4.branches),
            (234, false, None)
        );
        assert!(find("c5.metal").unwrap().prefixes);
        assert_eq!(find("t3.medium").unwrap().branches, None);
    }
}
