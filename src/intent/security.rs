//! Security groups, network ACLs and alarms with every default filled in.

use ipnet::IpNet;

use crate::blueprint::model::{
    self, AclAction, AclEgressRule, AclIngressRule, AclRules, ControlPlaneRules, DefaultGroup,
    EgressRule, GroupMode, GroupRules, IngressRule, NetworkAcls, Ports, Protocol,
};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::{alarms, ids, ports};

use super::parse::{self, keep};
use super::{Choices, Tags, placeholders};
use crate::rules::SG_03;

/// Who may reach what.
#[derive(Clone, Debug, Default)]
pub struct Security {
    /// Nodes, and pods with custom networking, have groups of their own.
    pub least_privilege: bool,
    /// And everything between these groups and EKS's own, while nodes are replaced.
    pub joining: bool,
    /// The VPC's default group loses its rules after the deployment.
    pub default_closed: bool,
    /// On every group of the stack.
    pub tags: Tags,
    /// Whether the author lets anybody in there, whatever is wrong with the rule.
    pub callers_named: bool,
    /// Into the group that EKS makes.
    pub control_plane: Vec<Traffic>,
    pub nodes: Rules,
    pub pods: Rules,
    /// A network ACL for each tier.
    pub acls: bool,
    pub alarms: Option<Alarms>,
}

/// An author's own rules by direction; both empty where none are written.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub ingress: Vec<Traffic>,
    pub egress: Vec<Traffic>,
}

impl Rules {
    /// Those of both directions, for rules that judge each alone.
    pub fn all(&self) -> impl Iterator<Item = &Traffic> {
        self.ingress.iter().chain(&self.egress)
    }
}

/// What an author's rules of a network ACL say.
#[derive(Clone, Debug, Default)]
pub struct Acl {
    /// Before everything else, eksnet's own rules included.
    pub denied: Rules,
    pub allowed: Rules,
}

impl Acl {
    /// Of both directions, denials first.
    pub fn all(&self) -> impl Iterator<Item = &Traffic> {
        self.denied.all().chain(self.allowed.all())
    }
}

/// What an author lets through, or keeps out of a network ACL.
#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    pub peer: Peer,
    pub protocol: Protocol,
    /// `None`: all of them.
    pub ports: Option<(u16, u16)>,
    pub why: String,
    pub path: String,
}

/// Who is at the other end of a rule: a range, or a security group or prefix list by its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    Range(IpNet),
    Group(String),
    PrefixList(String),
}

impl Peer {
    /// Whether the rule is open to every address of its family.
    pub fn is_everybody(&self) -> bool {
        matches!(self, Peer::Range(range) if range.prefix_len() == 0)
    }
}

/// The stack's alarms; `notify` is the ARN of an SNS topic, `None`: an alarm tells nobody.
#[derive(Clone, Debug)]
pub struct Alarms {
    pub notify: Option<String>,
    /// Per cent.
    pub threshold: u32,
    /// A role and an alarm for cni-metrics-helper.
    pub metrics_helper: bool,
}

const GROUPS: &str = "securityGroups";

/// Where nothing is written, the group that EKS makes is the only one, and there are no network ACLs and no alarms.
pub fn resolve(
    blueprint: &model::Blueprint,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Security {
    let written = blueprint.security_groups.clone().unwrap_or_default();
    let default_closed = written.default_group == Some(DefaultGroup::Closed);
    if default_closed {
        choices.note(
            "securityGroups.defaultGroup",
            "closed",
            "eksnet removes its rules through EC2 after the deployment: CloudFormation cannot",
        );
    }
    Security {
        least_privilege: matches!(
            written.mode,
            Some(GroupMode::LeastPrivilege | GroupMode::Joining)
        ),
        joining: written.mode == Some(GroupMode::Joining),
        default_closed,
        tags: placeholders::filled(written.tags.as_ref(), placeholders::Words::of(blueprint)),
        callers_named: written
            .control_plane
            .as_ref()
            .and_then(|rules| rules.ingress.as_ref())
            .is_some_and(|rules| !rules.is_empty()),
        control_plane: control_plane(written.control_plane.as_ref(), findings),
        nodes: rules(written.nodes.as_ref(), &key(GROUPS, "nodes"), findings),
        pods: rules(written.pods.as_ref(), &key(GROUPS, "pods"), findings),
        acls: blueprint.network_acls == Some(NetworkAcls::PerTier),
        alarms: blueprint.alarms.as_ref().map(|alarms| {
            alarmed(
                alarms,
                blueprint.cluster.is_some()
                    && blueprint.node_groups.as_ref().is_some_and(|groups| !groups.is_empty()),
                choices,
            )
        }),
    }
}

fn alarmed(written: &model::Alarms, nodes: bool, choices: &mut Choices) -> Alarms {
    if written.threshold.is_none() {
        choices.note(
            "alarms.threshold",
            format!("{} per cent", alarms::THRESHOLD),
            "time to act before nothing is left (MON-03)",
        );
    }
    if written.notify.is_none() {
        choices.note(
            "alarms.notify",
            "nobody",
            "the alarms are only visible in CloudWatch; name the ARN of an SNS topic",
        );
    }
    Alarms {
        notify: written.notify.clone(),
        threshold: written.threshold.unwrap_or(alarms::THRESHOLD),
        metrics_helper: nodes && written.cni_metrics_helper.unwrap_or(true),
    }
}

/// Whoever is let in at the API comes on 443.
fn control_plane(
    written: Option<&ControlPlaneRules>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Traffic> {
    let mut rules = ingress(
        written.and_then(|rules| rules.ingress.as_ref()),
        &key(GROUPS, "controlPlane"),
        findings,
    );
    for rule in
        rules.iter_mut().filter(|rule| rule.ports.is_none() && rule.protocol == Protocol::Tcp)
    {
        rule.ports = Some((ports::HTTPS, ports::HTTPS));
    }
    rules
}

/// The rules of a group.
fn rules(written: Option<&GroupRules>, place: &str, findings: &mut Vec<Diagnostic>) -> Rules {
    let Some(written) = written else {
        return Rules::default();
    };
    let out = written.egress.iter().flatten().map(Written::from).enumerate();
    Rules {
        ingress: ingress(written.ingress.as_ref(), place, findings),
        egress: all(out, &key(place, "egress"), findings),
    }
}

fn ingress(
    written: Option<&Vec<IngressRule>>,
    place: &str,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Traffic> {
    let rules = written.into_iter().flatten().map(Written::from).enumerate();
    all(rules, &key(place, "ingress"), findings)
}

/// The rules of a tier's network ACL.
pub fn acl(written: Option<&AclRules>, place: &str, findings: &mut Vec<Diagnostic>) -> Acl {
    let Some(written) = written else {
        return Acl::default();
    };
    let mut of = |action: AclAction| Rules {
        ingress: all(
            with(&written.ingress, |rule| rule.action, action),
            &key(place, "ingress"),
            findings,
        ),
        egress: all(
            with(&written.egress, |rule| rule.action, action),
            &key(place, "egress"),
            findings,
        ),
    };
    Acl { denied: of(AclAction::Deny), allowed: of(AclAction::Allow) }
}

/// The rules with an action, each with its place in the list.
fn with<'w, R>(
    rules: &'w Option<Vec<R>>,
    own: impl Fn(&R) -> Option<AclAction>,
    action: AclAction,
) -> impl Iterator<Item = (usize, Written<'w>)>
where
    Written<'w>: From<&'w R>,
{
    let rules = rules.iter().flatten().enumerate();
    let rules = rules.filter(move |(_, rule)| own(rule).unwrap_or_default() == action);
    rules.map(|(at, rule)| (at, rule.into()))
}

/// A rule of any list, as it is written.
struct Written<'w> {
    /// `from` or `to`.
    side: &'static str,
    peer: &'w str,
    protocol: Option<Protocol>,
    ports: Option<&'w Ports>,
    why: Option<&'w String>,
}

macro_rules! written {
    ($rule:ty, $side:literal, $peer:ident) => {
        impl<'w> From<&'w $rule> for Written<'w> {
            fn from(rule: &'w $rule) -> Self {
                Written {
                    side: $side,
                    peer: &rule.$peer,
                    protocol: rule.protocol,
                    ports: rule.ports.as_ref(),
                    why: rule.why.as_ref(),
                }
            }
        }
    };
}

written!(IngressRule, "from", from);
written!(EgressRule, "to", to);
written!(AclIngressRule, "from", from);
written!(AclEgressRule, "to", to);

fn all<'w>(
    rules: impl Iterator<Item = (usize, Written<'w>)>,
    place: &str,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Traffic> {
    rules.filter_map(|(at, rule)| traffic(&rule, format!("{place}[{at}]"), findings)).collect()
}

fn traffic(written: &Written<'_>, path: String, findings: &mut Vec<Diagnostic>) -> Option<Traffic> {
    let peer = keep(parsed_peer(&key(&path, written.side), written.peer), findings);
    let ports =
        written.ports.map(|ports| keep(parsed_ports(&key(&path, "ports"), ports), findings));
    let protocol = written.protocol.unwrap_or(Protocol::Tcp);
    if written.ports.is_some() && matches!(protocol, Protocol::Icmp | Protocol::All) {
        findings.push(
            SG_03
                .at(key(&path, "ports"), "ports belong to tcp and udp")
                .hint("remove `ports`, or set `protocol: tcp`"),
        );
    }
    findings.extend(written.why.and_then(|why| described(&key(&path, "why"), why)));
    // All ports are the same as none named.
    let ports = ports.flatten().filter(|ports| *ports != (0, u16::MAX));
    let why = written.why.cloned().unwrap_or_default();
    Some(Traffic { peer: peer?, protocol, ports, why, path })
}

/// EC2 takes few letters in a rule's description.
fn described(place: &str, why: &str) -> Option<Diagnostic> {
    let odd = why
        .chars()
        .find(|letter| !letter.is_ascii_alphanumeric() && !ports::DESCRIPTION.contains(*letter));
    if ports::DESCRIPTION_LENGTH < why.chars().count() {
        return Some(
            SG_03
                .at(
                    place,
                    format!("a description has {} characters at most", ports::DESCRIPTION_LENGTH),
                )
                .hint("shorten it"),
        );
    }
    odd.map(|letter| {
        SG_03
            .at(place, format!("EC2 does not accept `{letter}` in a description"))
            .hint(format!("letters of English, digits, spaces and `{}`", ports::DESCRIPTION.trim()))
    })
}

fn parsed_peer(place: &str, text: &str) -> Result<Peer, Diagnostic> {
    if ids::is("sg-", text) {
        return Ok(Peer::Group(text.to_string()));
    }
    if ids::is("pl-", text) {
        return Ok(Peer::PrefixList(text.to_string()));
    }
    if text.contains([':', '/', '.']) {
        return parse::range(place, text).map(Peer::Range);
    }
    let finding = SG_03
        .at(place, format!("`{text}` is neither a range, nor a security group, nor a prefix list"));
    Err(finding.hint("a CIDR such as `10.0.0.0/8`, or an id with 8 or 17 hexadecimal digits, such as `sg-0123456789abcdef0` or `pl-0123456789abcdef0`"))
}

fn parsed_ports(place: &str, ports: &Ports) -> Result<(u16, u16), Diagnostic> {
    let text = match ports {
        Ports::One(port) => return Ok((*port, *port)),
        Ports::Range(text) => text,
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (from.trim().parse::<u16>(), to.trim().parse::<u16>()) {
        (Ok(from), Ok(to)) if from <= to => Ok((from, to)),
        (Ok(from), Ok(to)) => Err(SG_03
            .at(place, format!("`{text}` begins above its end"))
            .hint(format!("set `{to}-{from}`"))),
        _ => Err(SG_03
            .at(place, format!("invalid port or range of ports `{text}`"))
            .hint("set `443`, or `30000-32767`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_one_or_a_range_in_order() {
        let parsed = |text: &str| parsed_ports("p", &Ports::Range(text.to_string()));
        assert_eq!(parsed("30000-32767").unwrap(), (30000, 32767));
        assert_eq!(parsed("443").unwrap(), (443, 443));
        assert!(parsed("32767-30000").unwrap_err().hint.unwrap().contains("30000-32767"));
        for wrong in ["https", "0-65536", "-", ""] {
            assert_eq!(parsed(wrong).unwrap_err().rule, "SG-03", "{wrong}");
        }
    }

    #[test]
    fn a_peer_is_a_range_a_group_or_a_prefix_list() {
        let peer = |text: &str| parsed_peer("p", text);
        assert_eq!(peer("sg-01234567").unwrap(), Peer::Group("sg-01234567".into()));
        assert_eq!(peer("pl-01234567").unwrap(), Peer::PrefixList("pl-01234567".into()));
        assert!(peer("::/0").unwrap().is_everybody() && peer("0.0.0.0/0").unwrap().is_everybody());
        assert_eq!(peer("10.0.0.1/8").unwrap_err().rule, "VPC-02");
        assert_eq!(peer("10.0.0.1").unwrap_err().rule, "NET-01");
        assert_eq!(peer("office").unwrap_err().rule, "SG-03");
    }
}
