//! A log bundle of one node, as eks-log-collector packs it: judged without AWS and without the cluster.

mod archive;
mod judge;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::diagnostic::Failure;
use crate::observed::Unread;

use super::check::{Check, Symptom};
use super::verdict::{Judged, LEFT_OUT, UNASKED, Verdict};
use super::{Diagnosis, checks, diagnosis_of};

/// What of an archive is judged.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    files: archive::Files,
}

const LOG: &str = "var_log/aws-routed-eni/ipamd.log";
const METRICS: &str = "ipamd/metrics.json";
const INTERFACES: &str = "ipamd/enis.json";
const NETWORK: &str = "ipamd/networkutils-env-settings.json";
const ROUTES: &str = "networking/iproute.txt";
const RULES: &str = "networking/iptables-save.txt";
const API: &str = "networking/curl_api_server.txt";
const RESOLVERS: &str = "networking/resolv.conf";
const INSTANCE: &str = "system/instance-id.txt";
/// Older collectors write it, newer ones do not.
const ETHTOOL: &str = "networking/ethtool.txt";

const WANTED: [&str; 10] =
    [LOG, METRICS, INTERFACES, NETWORK, ROUTES, RULES, API, RESOLVERS, INSTANCE, ETHTOOL];

/// Why a file is not known.
const NOT_THERE: &str = "it is not in the archive";

/// Reads the archive of a file.
pub fn open(path: &Path) -> Result<Bundle, Failure> {
    let file = File::open(path).map_err(|cause| unreadable(path).because(cause))?;
    from(path, file)
}

/// Reads an archive that comes from elsewhere, under a name.
pub fn from(name: &Path, archive: impl Read) -> Result<Bundle, Failure> {
    let packed = "eks-log-collector packs one: `eks_i-….tar.gz`";
    read(archive).map_err(|why| unreadable(name).because(why).hint(packed))
}

fn unreadable(name: &Path) -> Failure {
    Failure::new(format!("cannot read the log bundle `{}`", name.display()))
}

/// Reads an archive; an error says why it is refused.
pub fn read(archive: impl Read) -> Result<Bundle, String> {
    let files = archive::read(archive, |name| WANTED.contains(&name))?;
    if files.is_empty() {
        return Err("it has none of the files that eks-log-collector packs".to_string());
    }
    Ok(Bundle { files })
}

impl Bundle {
    /// The instance that it is of.
    pub fn instance(&self) -> &str {
        self.files.get(INSTANCE).map_or("the node", |text| text.trim())
    }

    fn text(&self, name: &str) -> Result<&str, Unread> {
        let why = if name == ETHTOOL { LEFT_OUT } else { NOT_THERE };
        let unread = || Unread { action: name.to_string(), why: why.to_string() };
        self.files.get(name).map(String::as_str).ok_or_else(unread)
    }

    /// A file that ipamd wrote as JSON; one that is not JSON was not read.
    fn json(&self, name: &str) -> Result<Value, Unread> {
        let text = self.text(name)?;
        let unread = |why: serde_json::Error| Unread { action: name.into(), why: why.to_string() };
        serde_json::from_str(text).map_err(unread)
    }
}

/// A check that a bundle can judge.
struct LogCheck {
    id: &'static str,
    judge: fn(&Bundle) -> Judged,
}

const LOG_CHECKS: &[LogCheck] = &[
    LogCheck { id: "NJ-10", judge: judge::names_do_not_resolve },
    LogCheck { id: "NJ-12", judge: judge::api_not_reached },
    LogCheck { id: "NJ-20", judge: judge::calls_refused },
    LogCheck { id: "NJ-25", judge: judge::interfaces_without_routes },
    LogCheck { id: "IP-01", judge: judge::subnet_exhausted },
    LogCheck { id: "IP-02", judge: judge::no_whole_block },
    LogCheck { id: "IP-11", judge: judge::calls_throttled },
    LogCheck { id: "IP-14", judge: judge::pool_empty },
    LogCheck { id: "DNS-06", judge: judge::lookups_dropped },
    LogCheck { id: "SN-04", judge: judge::everything_excluded },
    LogCheck { id: "SN-09", judge: judge::rules_missing },
];

fn of_bundle(_: &crate::observed::Survey) -> Judged {
    let why = UNASKED.to_string();
    Err(Unread { action: "eks-log-collector on the node".to_string(), why })
}

/// Checks that only a bundle can judge.
pub const ROWS: &[Check] = &[
    Check {
        id: "NJ-25",
        symptom: Symptom::Nodes,
        title: "every interface of a node needs its route table",
        proves: "aws-node sends packets of pods by the table of their interface, and the node has no default route in it.",
        reads: &[INTERFACES, ROUTES],
        follows: &[],
        judge: of_bundle,
    },
    Check {
        id: "SN-09",
        symptom: Symptom::Egress,
        title: "a node that translates needs aws-node's rules",
        proves: "SNAT is the node's own, and its iptables have no jump to aws-node's chain.",
        reads: &[NETWORK, RULES],
        follows: &[],
        judge: of_bundle,
    },
];

/// Judges a bundle by the checks that its files can decide.
pub fn judge(bundle: &Bundle, symptoms: &[Symptom]) -> Diagnosis {
    let verdicts = LOG_CHECKS.iter().filter_map(|one| {
        let check = checks().chain(ROWS).find(|check| check.id == one.id)?;
        Some((check, Verdict::of((one.judge)(bundle))))
    });
    diagnosis_of(verdicts, symptoms)
}
