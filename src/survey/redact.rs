//! A survey that can be shared: ids, accounts, names and public addresses are replaced, each by the same token wherever it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::Value;

use crate::facts::ports::CLUSTER_TAG;
use crate::facts::subnets::DISCOVERY_CLUSTER_TAG;
use crate::observed::Survey;

use super::{items, owner};

/// Replaces what tells who and where. Zones, types, states, private ranges and the words of AWS stay.
pub fn redacted(survey: &Survey) -> Survey {
    let mut value = serde_json::to_value(survey).unwrap_or_default();
    let mut tokens = Tokens { public: public(survey), ..Tokens::default() };
    // Texts name what is read after them: every name has its token before the first text is written.
    tokens.walk(&mut value.clone(), "");
    tokens.walk(&mut value, "");
    let mut redacted: Survey = serde_json::from_value(value).unwrap_or_default();
    redacted.header.redacted = true;
    redacted
}

/// Names of zones, instance types and metrics: AWS gave them, and labels and ENIConfigs repeat them.
fn public(survey: &Survey) -> BTreeSet<String> {
    let zones = items(&survey.vpc.subnets).iter().map(|subnet| subnet.zone_name.clone());
    let types = items(&survey.eks.instance_types).iter().map(|kind| kind.name.clone());
    let metrics = items(&survey.account.metrics).iter().map(|metric| metric.name.clone());
    zones.chain(types).chain(metrics).collect()
}

/// [`crate::observed::Part::Unasked`] in a document.
const UNASKED: &str = "unasked";

#[derive(Default)]
struct Tokens {
    /// Names that stay.
    public: BTreeSet<String>,
    /// Token by original, each kind counted on its own.
    given: BTreeMap<String, String>,
    counts: BTreeMap<String, u64>,
}

/// Keys whose values are names that people gave.
const NAMES: [&str; 22] = [
    "name",
    "cluster",
    "node",
    "pod",
    "service",
    "namespace",
    "about",
    "principal",
    "username",
    "role",
    "nodeRole",
    "profile",
    "privateDns",
    "endpoint",
    "oidcIssuer",
    "authority",
    "owner",
    "launchTemplate",
    "serviceAccount",
    "serviceAccountRole",
    "configuration",
    "url",
];

/// Keys whose whole content is a word of AWS's or of Kubernetes', and stays.
const WORDS: [&str; 34] = [
    "kind",
    "state",
    "status",
    "region",
    "zoneId",
    "zoneName",
    "service",
    "destination",
    "eksnet",
    "read",
    "instanceType",
    "instanceTypes",
    "protocol",
    "version",
    "releaseVersion",
    "amiType",
    "capacityType",
    "ipFamily",
    "authenticationMode",
    "platformVersion",
    "reason",
    "phase",
    "mode",
    "hypervisor",
    "architectures",
    "logging",
    "category",
    "code",
    "action",
    "image",
    "images",
    "tenancy",
    "effect",
    "failurePolicy",
];

/// Names that AWS and Kubernetes gave; most readers look for them.
const KNOWN: [&str; 19] = [
    "amazon-vpc-cni",
    "aws-node",
    "kube-proxy",
    "coredns",
    "kube-system",
    "vpc-cni",
    "default",
    "eks-pod-identity-agent",
    "aws-load-balancer-controller",
    "node-local-dns",
    "kube-dns",
    "AWS",
    "amazon",
    "aws-vpc-cni-init",
    "aws-eks-nodeagent",
    "aws-ebs-csi-driver",
    "self",
    "calico-node",
    "cilium",
];

/// Keys whose content is a map of labels or tags.
const LABELS: [&str; 5] = ["tags", "labels", "annotations", "matchLabels", "selector"];

impl Tokens {
    fn walk(&mut self, value: &mut Value, key: &str) {
        match value {
            Value::Object(map) if LABELS.contains(&key) => {
                for (tag, mut value) in std::mem::take(map) {
                    if let Value::String(text) = &mut value {
                        *text = self.tag(&tag, text);
                    }
                    map.insert(self.tag_key(tag), value);
                }
            }
            Value::Object(map) if key == "roles" => {
                for (arn, mut role) in std::mem::take(map) {
                    self.walk(&mut role, "role");
                    map.insert(self.text("role", &arn), role);
                }
            }
            Value::Object(map) => {
                let keys: Vec<String> = map.keys().cloned().collect();
                for own in keys {
                    let is_part = ["read", "unread"].contains(&own.as_str());
                    let under = if is_part { key.to_string() } else { own.clone() };
                    if let Some(inner) = map.get_mut(&own) {
                        self.walk(inner, &under);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, key)),
            // A part that nobody asked for, wherever it stands.
            Value::String(text) if text == UNASKED => {}
            Value::String(text) => *text = self.text(key, text),
            _ => {}
        }
    }

    /// Keys that end in the cluster's name.
    fn tag_key(&mut self, key: String) -> String {
        const OF_CLUSTER: [&str; 2] = [CLUSTER_TAG, DISCOVERY_CLUSTER_TAG];
        let named = OF_CLUSTER.iter().find_map(|prefix| Some((prefix, key.strip_prefix(prefix)?)));
        named.map(|(prefix, name)| format!("{prefix}{}", self.name(name))).unwrap_or(key)
    }

    /// A name that people gave, in each of its parts: `namespace/name`.
    fn name(&mut self, text: &str) -> String {
        let kept = |part: &str| part.is_empty() || KNOWN.contains(&part);
        let parts = text.split('/').map(|part| match kept(part) || self.public.contains(part) {
            true => part.to_string(),
            false => self.token("name", part),
        });
        parts.collect::<Vec<_>>().join("/")
    }

    fn tag(&mut self, key: &str, value: &str) -> String {
        const TOLD: [&str; 8] = [
            "node.k8s.amazonaws.com/createdAt",
            "kubernetes.io/role/",
            "service.beta.kubernetes.io/aws-load-balancer-scheme",
            "karpenter.sh/",
            "topology.",
            "node.kubernetes.io/",
            "kubernetes.io/arch",
            "kubernetes.io/os",
        ];
        let told = TOLD.iter().any(|prefix| key.starts_with(prefix));
        if told || value.len() <= 1 || KNOWN.contains(&value) {
            value.to_string()
        } else if let Some((mark, name)) = owner::mark(key, value) {
            match name {
                "" => mark.to_string(),
                name => format!("{mark}{}", self.token("name", name)),
            }
        } else {
            self.token("name", value)
        }
    }

    fn text(&mut self, key: &str, text: &str) -> String {
        if let Some(id) = self.id(text) {
            return id;
        }
        if self.public.contains(text) {
            return text.to_string();
        }
        if let Some(arn) = self.principal(text) {
            return arn;
        }
        // Roles trust it by what follows the scheme.
        if let Some(issuer) = text.strip_prefix("https://").filter(|_| key == "oidcIssuer") {
            return format!("https://{}", self.token("name", issuer));
        }
        // An endpoint's service is AWS's or somebody's by id; all other services are of Kubernetes.
        if key == "pod" || key == "service" && !text.contains('.') {
            return self.name(text);
        }
        // Of a label selector.
        if key == "values" {
            return self.tag("", text);
        }
        if NAMES.contains(&key)
            && !text.is_empty()
            && !KNOWN.contains(&text)
            && !WORDS.contains(&key)
        {
            return self.token("name", text);
        }
        if WORDS.contains(&key) {
            return text.to_string();
        }
        self.inside(text)
    }

    /// A resource id, an account or a public address, as a whole.
    fn id(&mut self, text: &str) -> Option<String> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let number = self.number("account", text);
            return Some(format!("{:012}", 100_000_000_000 + number));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(self.address(address));
        }
        let (kind, rest) = text.rsplit_once('-')?;
        let is_id = (8..=17).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !kind.is_empty()
            && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        is_id.then(|| {
            let number = self.number(kind, text);
            format!("{kind}-{number:017x}")
        })
    }

    /// A principal of an account stays one, with another account and another name.
    fn principal(&mut self, text: &str) -> Option<String> {
        let mut parts = text.splitn(6, ':');
        let head = [parts.next()?, parts.next()?, parts.next()?];
        let (region, account) = (parts.next()?, self.id(parts.next()?)?);
        let (kind, name) = parts.next()?.split_once('/')?;
        (head[0] == "arn" && head[2] == "iam").then(|| {
            let name = self.token("name", name);
            format!("{}:{region}:{account}:{kind}/{name}", head.join(":"))
        })
    }

    /// Private addresses tell nobody anything, and figures depend on them.
    fn address(&mut self, address: Ipv4Addr) -> String {
        let shared = u32::from(address) >> 22 == u32::from(Ipv4Addr::new(100, 64, 0, 0)) >> 22;
        if address.is_private() || shared || address.is_unspecified() || address.is_link_local() {
            return address.to_string();
        }
        let number = self.number("address", &address.to_string());
        Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 18, 0, 0)) + number as u32).to_string()
    }

    /// Ids, accounts and addresses inside a longer text.
    fn inside(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut word = String::new();
        for letter in text.chars().chain([' ']) {
            if letter.is_ascii_alphanumeric() || letter == '-' || letter == '.' {
                word.push(letter);
                continue;
            }
            out.push_str(&self.word(&word));
            word.clear();
            out.push(letter);
        }
        out.pop();
        out
    }

    /// A word of a text: an id, also behind what its writer put before it, such as `aws-K8S-i-…`.
    fn word(&mut self, word: &str) -> String {
        if let Some(id) = self.id(word) {
            return id;
        }
        let second = word.rmatch_indices('-').nth(1).map(|(at, _)| at + 1);
        let tail = second.and_then(|at| Some((&word[..at], self.id(&word[at..])?)));
        tail.map_or_else(|| self.known(word), |(head, id)| format!("{head}{id}"))
    }

    /// A name that has a token already.
    fn known(&self, word: &str) -> String {
        self.given.get(&format!("name {word}")).cloned().unwrap_or_else(|| word.to_string())
    }

    fn token(&mut self, kind: &str, text: &str) -> String {
        let number = self.number(kind, text);
        self.given.entry(format!("{kind} {text}")).or_insert(format!("{kind}-{number}")).clone()
    }

    fn number(&mut self, kind: &str, text: &str) -> u64 {
        let key = format!("#{kind} {text}");
        if let Some(known) = self.given.get(&key) {
            return known.parse().unwrap_or(0);
        }
        let count = self.counts.entry(kind.to_string()).or_default();
        *count += 1;
        self.given.insert(key, count.to_string());
        *count
    }
}
