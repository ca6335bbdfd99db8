//! What the nodes of a group are made of, with every default filled in: image, capacity, volume, metadata service, updates.

use serde_json::{Map, Value};

use crate::blueprint::model::{self, CapacityType, MaxUnavailable, UpdateStrategy, VolumeType};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::rules::{NG_18, NG_20, NG_22, NG_32};

/// The image of a group's nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ami {
    /// An AMI type of EKS: of the image, or of what it was built from.
    pub kind: String,
    /// Where the type is written.
    pub place: String,
    /// A release of EKS's AMI; `None`: the newest.
    pub release: Option<String>,
    /// `None`: EKS's own.
    pub image: Option<Image>,
}

impl Ami {
    /// `None`: the type is of no family that EKS has.
    pub fn family(&self) -> Option<&'static eks::AmiFamily> {
        eks::ami_family(&self.kind)
    }

    /// Whether the resource controller gives its pods their addresses; an unknown type counts as Linux.
    pub fn is_windows(&self) -> bool {
        self.boots() == Some(eks::Boot::PowerShell)
    }

    /// How its nodes are told what to do; `None`: the type is not known.
    pub fn boots(&self) -> Option<eks::Boot> {
        self.family().map(|family| family.boot)
    }
}

/// An image of the author's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    Id(String),
    /// Name of an SSM parameter that holds an id.
    Parameter(String),
}

/// Where the instances come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capacity {
    OnDemand,
    Spot,
    /// Id of an On-Demand Capacity Reservation.
    Reservation(String),
    /// Id of a Capacity Block.
    Block(String),
}

impl Capacity {
    /// EKS's word.
    pub fn word(&self) -> &'static str {
        match self {
            Capacity::OnDemand | Capacity::Reservation(_) => "ON_DEMAND",
            Capacity::Spot => "SPOT",
            Capacity::Block(_) => "CAPACITY_BLOCK",
        }
    }

    /// The id of what was reserved.
    pub fn reserved(&self) -> Option<&String> {
        match self {
            Capacity::OnDemand | Capacity::Spot => None,
            Capacity::Reservation(id) | Capacity::Block(id) => Some(id),
        }
    }
}

/// The root volume of each node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// GiB.
    pub size: u32,
    pub kind: VolumeType,
    pub iops: Option<u32>,
    /// MiB a second.
    pub throughput: Option<u32>,
    pub kms_key: Option<String>,
    /// Where the size is written.
    pub size_place: String,
}

/// How the instance metadata service answers on the nodes; tokens are always required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imds {
    pub hop_limit: u32,
    pub ipv6: bool,
}

/// Nodes that an update takes down at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    Nodes(u32),
    PerCent(u32),
}

/// How EKS replaces the nodes of a group when its version or launch template changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    pub unavailable: Unavailable,
    /// `None`: EKS's own, which is new nodes first.
    pub strategy: Option<UpdateStrategy>,
    pub force: Option<bool>,
}

/// What the author hands to the nodes' own configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnConfig {
    /// The spec of a NodeConfig.
    pub node_config: Option<OwnWords>,
    /// Bottlerocket's settings.
    pub bottlerocket: Option<OwnWords>,
}

/// Words of another language in a blueprint.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnWords {
    /// Where they are.
    pub place: String,
    pub words: Map<String, Value>,
    /// Of a whole document: what is written around them.
    pub around: Map<String, Value>,
}

/// `default` is the type that follows from the instance types.
pub fn ami(
    place: &str,
    group: &model::NodeGroup,
    default: impl FnOnce() -> String,
    findings: &mut Vec<Diagnostic>,
) -> Ami {
    let written = group.ami.clone().unwrap_or_default();
    findings.extend(twice(place, group.ami_type.is_some() && group.ami.is_some(), "amiType"));
    let image = match (written.id, written.ssm_parameter) {
        (Some(id), Some(_)) => {
            let finding = NG_20.at(
                key(&key(place, "ami"), "ssmParameter"),
                "`id` and `ssmParameter` both name the image",
            );
            findings.push(finding.hint("keep one of the two"));
            Some(Image::Id(id))
        }
        (Some(id), None) => Some(Image::Id(id)),
        (None, parameter) => parameter.map(Image::Parameter),
    };
    if image.is_some() && written.r#type.is_none() && group.ami_type.is_none() {
        let finding = NG_20.at(
            key(place, "ami"),
            "an image without `type`: how its nodes are configured is not known",
        );
        findings.push(finding.hint(format!(
            "add the AMI type that it was built from, such as `type: {}`",
            eks::AMI_INTEL
        )));
    }
    let short = written.r#type.is_none() && group.ami_type.is_some();
    Ami {
        kind: written.r#type.or_else(|| group.ami_type.clone()).unwrap_or_else(default),
        place: if short { key(place, "amiType") } else { key(&key(place, "ami"), "type") },
        release: written.release_version,
        image,
    }
}

/// A short form beside what it is short for.
fn twice(place: &str, both: bool, short: &str) -> Option<Diagnostic> {
    let (long, inner) = match short {
        "amiType" => ("ami", "type"),
        _ => ("volume", "size"),
    };
    both.then(|| {
        NG_18
            .at(key(place, short), format!("`{short}` is short for `{long}`, and both are set"))
            .also(key(place, long), "here too")
            .hint(format!("move it into `{long}: {{ {inner}: … }}`"))
    })
}

/// On-Demand where nothing is written, and where a reservation and a block are, or neither (rule NG-22).
pub fn capacity(
    place: &str,
    written: Option<&model::Capacity>,
    findings: &mut Vec<Diagnostic>,
) -> Capacity {
    let place = key(place, "capacity");
    let reserved = match written {
        None | Some(model::Capacity::Market(CapacityType::OnDemand)) => return Capacity::OnDemand,
        Some(model::Capacity::Market(CapacityType::Spot)) => return Capacity::Spot,
        Some(model::Capacity::Reserved(reserved)) => reserved.clone(),
    };
    match (reserved.reservation, reserved.block) {
        (Some(id), None) => Capacity::Reservation(id),
        (None, Some(id)) => Capacity::Block(id),
        (reservation, _) => {
            let message = match reservation {
                Some(_) => "`reservation` and `block` exclude each other",
                None => "neither a reservation nor a block is named",
            };
            let finding = NG_22.at(place, message);
            findings.push(finding.hint("`{ reservation: cr-… }` or `{ block: cr-… }`"));
            Capacity::OnDemand
        }
    }
}

/// `diskSize` is short for the volume's size: both of them are a finding (rule NG-18).
pub fn volume(
    place: &str,
    group: &model::NodeGroup,
    windows: bool,
    findings: &mut Vec<Diagnostic>,
) -> Volume {
    let written = group.volume.clone().unwrap_or_default();
    findings.extend(twice(place, group.disk_size.is_some() && group.volume.is_some(), "diskSize"));
    let short = written.size.is_none() && group.disk_size.is_some();
    let default = if windows { eks::WINDOWS_DISK } else { eks::DISK };
    Volume {
        size: written.size.or(group.disk_size).unwrap_or(default),
        kind: written.r#type.unwrap_or_default(),
        iops: written.iops,
        throughput: written.throughput,
        kms_key: written.kms_key,
        size_place: if short { key(place, "diskSize") } else { key(&key(place, "volume"), "size") },
    }
}

/// Without a written value: one hop, which no pod off the host's network gets an answer over, and no IPv6.
pub fn imds(written: Option<&model::Imds>) -> Imds {
    Imds {
        hop_limit: written.and_then(|imds| imds.hop_limit).unwrap_or(eks::HOP_LIMIT),
        ipv6: written.and_then(|imds| imds.ipv6).unwrap_or(false),
    }
}

/// A count or share that EKS does not accept is a finding (rule NG-32), and EKS's default takes its place.
pub fn update(
    place: &str,
    written: Option<&model::Update>,
    findings: &mut Vec<Diagnostic>,
) -> Update {
    let place = key(&key(place, "update"), "maxUnavailable");
    let mut wrong = |text: &str| {
        let most = eks::UNAVAILABLE_AT_MOST;
        findings.push(
            NG_32
                .at(&place, format!("invalid `maxUnavailable` `{text}`"))
                .hint(format!("1 to {most} nodes, or a share of 1% to 100%")),
        );
        Unavailable::PerCent(eks::UNAVAILABLE_PER_CENT)
    };
    let unavailable = match written.and_then(|update| update.max_unavailable.as_ref()) {
        None => Unavailable::PerCent(eks::UNAVAILABLE_PER_CENT),
        Some(MaxUnavailable::Nodes(nodes)) if is_within(*nodes) => Unavailable::Nodes(*nodes),
        Some(MaxUnavailable::Nodes(nodes)) => wrong(&nodes.to_string()),
        Some(MaxUnavailable::Share(text)) => {
            let share = text.strip_suffix('%').and_then(|digits| digits.parse().ok());
            let share = share.filter(|share| is_within(*share));
            share.map_or_else(|| wrong(text), Unavailable::PerCent)
        }
    };
    Update {
        unavailable,
        strategy: written.and_then(|update| update.strategy),
        force: written.and_then(|update| update.force),
    }
}

fn is_within(count: u32) -> bool {
    (1..=eks::UNAVAILABLE_AT_MOST).contains(&u64::from(count))
}

/// A whole document, as nodeadm and Bottlerocket's guides show it, is accepted for the part that is the author's.
pub fn own_config(place: &str, group: &model::NodeGroup) -> OwnConfig {
    let of = |name: &str, whole: Option<&Map<String, Value>>, part: &str| {
        Some(own_words(key(place, name), whole?.clone(), part))
    };
    OwnConfig {
        node_config: of("nodeConfig", group.node_config.as_ref(), "spec"),
        bottlerocket: of("bottlerocket", group.bottlerocket.as_ref(), "settings"),
    }
}

fn own_words(place: String, mut whole: Map<String, Value>, part: &str) -> OwnWords {
    match whole.remove(part) {
        Some(Value::Object(words)) => OwnWords { place: key(&place, part), words, around: whole },
        other => {
            whole.extend(other.map(|value| (part.to_string(), value)));
            OwnWords { place, words: whole, around: Map::new() }
        }
    }
}
