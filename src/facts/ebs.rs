//! Volumes of EBS that an instance can start from, and what each type is bounded by.
//! Source: EBS user guide, general purpose and provisioned IOPS SSD volumes, read 2026-11-28.

/// A volume type. Numbers of operations and throughput are those that an author may ask for.
pub struct VolumeKind {
    pub name: &'static str,
    /// GiB.
    pub largest: u32,
    /// Input and output operations a second; `None`: the size decides.
    pub iops: Option<Operations>,
    /// Whether EC2 refuses a volume without a number of operations.
    pub iops_required: bool,
    /// MiB a second; `None`: the type decides.
    pub throughput: Option<Throughput>,
}

/// Bounds of input and output operations a second, and how many each GiB allows.
pub struct Operations {
    pub least: u32,
    pub most: u32,
    pub per_gib: u32,
}

/// Bounds of throughput, in MiB a second.
pub struct Throughput {
    pub least: u32,
    pub most: u32,
    /// Operations that each MiB a second asks for.
    pub operations_per_mib: u32,
}

/// GiB of the snapshots that EKS's Linux images start from: no volume of theirs is smaller. Windows has more (rule WIN-05).
pub const SNAPSHOT: u32 = 20;

/// Operations of a gp3 volume that says nothing.
pub const GP3_IOPS: u32 = 3_000;

pub const VOLUMES: &[VolumeKind] = &[
    VolumeKind {
        name: "gp3",
        largest: 65_536,
        iops: Some(Operations { least: GP3_IOPS, most: 80_000, per_gib: 500 }),
        iops_required: false,
        throughput: Some(Throughput { least: 125, most: 2_000, operations_per_mib: 4 }),
    },
    VolumeKind { name: "gp2", largest: 16_384, iops: None, iops_required: false, throughput: None },
    VolumeKind {
        name: "io1",
        largest: 16_384,
        iops: Some(Operations { least: 100, most: 64_000, per_gib: 50 }),
        iops_required: true,
        throughput: None,
    },
    VolumeKind {
        name: "io2",
        largest: 65_536,
        iops: Some(Operations { least: 100, most: 256_000, per_gib: 1_000 }),
        iops_required: true,
        throughput: None,
    },
];

/// Bounds of a type by its name in EBS; of any other name those of gp3.
pub fn find(name: &str) -> &'static VolumeKind {
    VOLUMES.iter().find(|kind| kind.name == name).unwrap_or(&VOLUMES[0])
}
