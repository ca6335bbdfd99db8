//! A blueprint that names what exists, with what was guessed in comments; a rung of the ladder may be written into it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use crate::blueprint::{self, nearest};
use crate::diagnostic::{Diagnostic, Failure};
use crate::facts::eks;
use crate::facts::endpoints::{Kind, SERVICES};
use crate::line::{self, Request, Stopped};
use crate::observed::survey::Subnet;
use crate::observed::{Observed, Survey};
use crate::survey::{Way, found, items, owner_of, unread, way_out};
use crate::template::word;

use super::Rung;

/// What a subnet is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Guess {
    Public,
    Nodes,
    Pods,
    ControlPlane,
    Private,
    Isolated,
}

const ANY_GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));
const INTERNAL: &str = "kubernetes.io/role/internal-elb";
const EXTERNAL: &str = "kubernetes.io/role/elb";

/// A name for the blueprint: of the cluster, else of the VPC.
pub fn name(survey: &Survey) -> String {
    let vpc = survey.vpc.vpc.read().and_then(Option::as_ref);
    let tag = vpc.and_then(|vpc| vpc.tags.get("Name"));
    let word = survey.header.cluster.as_ref().or(tag).map_or("existing", String::as_str);
    let letters = word
        .chars()
        .map(|one| if one.is_ascii_alphanumeric() { one.to_ascii_lowercase() } else { '-' });
    let plain: String = letters.collect();
    let plain = plain.trim_matches(|one: char| !one.is_ascii_lowercase()).to_string();
    let plain = plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    format!("{}-network", if plain.is_empty() { "existing" } else { &plain })
}

/// The blueprint's text; nothing is named of a VPC whose subnets were not read.
pub fn text(survey: &Survey, rung: Option<Rung>, range: Option<&str>) -> Result<String, Failure> {
    let unread = unread::parts(survey, true);
    let needed = ["vpc.vpc", "vpc.subnets", "vpc.routeTables"];
    if let Some(part) = unread.iter().find(|one| needed.contains(&one.part.as_str())) {
        return Err(Failure::new("it is not known what exists in the VPC")
            .because(format!("{}: {}", part.action, part.why))
            .hint("allow what `eksnet iam survey` prints, and make a new survey"));
    }
    if let Some(owner) = found::owner_of_others(survey).filter(|_| nothing_to_name(survey)) {
        return Err(Failure::new("nothing in the VPC can be named")
            .because(format!("the account {owner} owns it and shares no IPv4 subnet"))
            .hint("have its owner share subnets, or make the survey in the owner's account"));
    }
    Ok(accepted(|left| written(survey, (rung, range), left), survey))
}

fn nothing_to_name(survey: &Survey) -> bool {
    items(&survey.vpc.subnets).iter().all(|subnet| subnet.cidr.is_none())
}

/// The first text that compiles: all that was read, then without what stands in its way. Where nothing helps it is all that was read.
fn accepted(write: impl Fn(&LeftOut) -> String, survey: &Survey) -> String {
    let all = write(&LeftOut::default());
    let Some(reason) = refusal(&all, survey) else { return all };
    let ways =
        [(true, false, false), (false, true, false), (true, true, false), (true, true, true)];
    let left = ways.map(|(custom, endpoints, cluster)| LeftOut {
        custom: custom.then(|| reason.clone()),
        endpoints: endpoints.then(|| reason.clone()),
        cluster: cluster.then(|| reason.clone()),
    });
    let mut texts = left.iter().map(write);
    texts.find(|text| refusal(text, survey).is_none()).unwrap_or(all)
}

/// Why parts of what exists are not named.
#[derive(Default)]
struct LeftOut {
    custom: Option<String>,
    endpoints: Option<String>,
    cluster: Option<String>,
}

/// What stops a text from compiling.
fn refusal(text: &str, survey: &Survey) -> Option<String> {
    let reading = blueprint::read("init", text.as_bytes().to_vec());
    let first = |findings: &[Diagnostic]| {
        let error = findings.iter().find(|one| one.is_error());
        error.map(|one| format!("{} [{}]", one.message, one.rule))
    };
    let Some(document) = reading.document else { return first(&reading.findings) };
    let request = Request { found: reading.findings, ..Request::new(document) };
    let observed = Observed { survey: Some(Box::new(survey.clone())), ..Observed::default() };
    match line::compile(Request { observed, ..request }) {
        Ok(_) => None,
        Err(Stopped::Findings(_, findings)) => first(&findings),
        Err(Stopped::Failure(failure)) => Some(failure.chain()),
    }
}

fn written(survey: &Survey, (rung, range): (Option<Rung>, Option<&str>), left: &LeftOut) -> String {
    let mut tiers: BTreeMap<Guess, Vec<&Subnet>> = BTreeMap::new();
    for subnet in items(&survey.vpc.subnets).iter().filter(|one| one.cidr.is_some()) {
        tiers.entry(guess(survey, subnet)).or_default().push(subnet);
    }
    let node = tiers.contains_key(&Guess::Nodes);
    let moves = [Rung::SubnetDiscovery, Rung::CustomNetworking, Rung::NodesInNewSubnets];
    let mut out = head(survey, rung.filter(|own| node && moves.contains(own)).and(range));
    for (guess, subnets) in &tiers {
        out.push_str(&tier(*guess, subnets));
    }
    if tiers.is_empty() {
        out.push_str("  - { name: data, size: /24 }              # the VPC has no subnet yet\n");
    }
    out.push_str(&new_tier(rung.filter(|_| node && range.is_some()), range.unwrap_or_default()));
    let Some(cluster) = survey.eks.found() else { return out };
    if let Some(why) = &left.cluster {
        let name = comment(&cluster.name);
        out.push_str(&format!("\n# The cluster {name} is not named here: {}\n", comment(why)));
        return out;
    }
    match &left.endpoints {
        Some(why) => out.push_str(&format!(
            "\n# Endpoints that the nodes' subnets lack are not created here: {}\n",
            comment(why)
        )),
        None => out.push_str(&endpoints(survey, tiers.get(&Guess::Nodes))),
    }
    out.push_str(&format!("\ncluster: {{ existing: {} }}\n", word(&cluster.name)));
    let custom = match &left.custom {
        Some(_) => Custom::Off,
        None => custom(survey, tiers.get(&Guess::Pods)),
    };
    out.extend(left.custom.iter().map(|why| {
        format!("# How pods get their addresses is not named here: {}\n", comment(why))
    }));
    out.push_str(&managed(survey, settings(rung.filter(|_| node), custom)));
    out
}

fn head(survey: &Survey, range: Option<&str>) -> String {
    let vpc = survey.vpc.vpc.read().and_then(Option::as_ref);
    let owner = vpc.map_or("an unknown owner".to_string(), |vpc| owner_of(&vpc.tags).to_string());
    let cidrs: Vec<String> = survey.vpc.cidrs().iter().map(ToString::to_string).collect();
    let secondary = range.map_or(String::new(), |range| format!("\n  secondaryCidrs: [{range}]"));
    format!(
        "# What exists in {vpc}, as it was read on {day}. Nothing of it is changed: what is added here becomes a stack of its own.\n\
         apiVersion: eksnet/v1\nkind: Blueprint\nmetadata:\n  name: {name}             # of this blueprint and its stack\n  region: {region}\n\n\
         vpc:\n  id: {vpc}       # {cidrs}; made by {owner}{secondary}\n\n\
         tiers:\n",
        vpc = word(&survey.header.vpc),
        owner = comment(&owner),
        day = comment(survey.header.day()),
        name = name(survey),
        region = word(&survey.header.region),
        cidrs = cidrs.join(", "),
    )
}

/// In a comment: a text of others must not end its line.
fn comment(text: &str) -> String {
    text.chars()
        .map(
            |one| {
                if one.is_control() || "\u{85}\u{2028}\u{2029}".contains(one) { ' ' } else { one }
            },
        )
        .collect()
}

/// By what lives in it, then by its way out.
fn guess(survey: &Survey, subnet: &Subnet) -> Guess {
    let pods = items(&survey.kubernetes.eni_configs).iter().any(|one| one.subnet == subnet.id);
    let grouped = items(&survey.eks.node_groups).iter().any(|one| one.subnets.contains(&subnet.id));
    let running = items(&survey.eks.instances).iter().any(|one| one.subnet == subnet.id);
    let control = survey.eks.found().is_some_and(|one| one.subnets.contains(&subnet.id));
    match way_out(&survey.vpc, &subnet.id, ANY_GROUP) {
        Some(Way::InternetGateway(_)) if !(grouped || running) => Guess::Public,
        _ if pods => Guess::Pods,
        _ if grouped || running => Guess::Nodes,
        _ if control => Guess::ControlPlane,
        Some(way) if way.is_open() => Guess::Private,
        _ => Guess::Isolated,
    }
}

fn tier(guess: Guess, subnets: &[&Subnet]) -> String {
    let tagged = |key: &str| subnets.iter().any(|one| one.tags.contains_key(key));
    let zones: BTreeSet<&String> = subnets.iter().map(|one| &one.zone_id).collect();
    let single = zones.len() == subnets.len();
    let (name, serves, why): (&str, &[&str], &str) = match guess {
        Guess::Public if tagged(EXTERNAL) => (
            "public",
            &["externalLoadBalancers"],
            "a route to the internet gateway, and the tag of external load balancers",
        ),
        Guess::Public => ("public", &[], "a route to the internet gateway"),
        Guess::Nodes if tagged(INTERNAL) => (
            "nodes",
            &["nodes", "internalLoadBalancers"],
            "nodes of the cluster, and the tag of internal load balancers",
        ),
        Guess::Nodes => ("nodes", &["nodes"], "nodes of the cluster"),
        Guess::Pods if single => ("pods", &["pods"], "ENIConfigs name them"),
        Guess::Pods => ("pods", &[], "ENIConfigs name them, several in a zone"),
        Guess::ControlPlane => ("control-plane", &["controlPlane"], "the cluster's interfaces"),
        Guess::Private => {
            ("private", &[], "a default route to somewhere else than the internet gateway")
        }
        Guess::Isolated => ("isolated", &[], "no default route"),
    };
    let mut ids: Vec<&Subnet> = subnets.to_vec();
    ids.sort_by_key(|one| (&one.zone_id, &one.id));
    let lines: String = ids
        .iter()
        .map(|one| {
            let cidr = one.cidr.map(|cidr| cidr.to_string()).unwrap_or_default();
            let (id, zone) = (word(&one.id), comment(&one.zone_name));
            format!("        - {id}   # {zone} {cidr}, {} free\n", one.available)
        })
        .collect();
    let serves = match serves {
        [] => String::new(),
        some => format!("    serves: [{}]\n", some.join(", ")),
    };
    format!(
        "  - name: {name}             # guessed: {why}\n    existing:\n      ids:\n{lines}{serves}"
    )
}

fn new_tier(rung: Option<Rung>, range: &str) -> String {
    match rung {
        Some(Rung::CustomNetworking | Rung::SubnetDiscovery) => format!(
            "  - name: new-pods             # new: rescue\n    size: /18\n    from: {range}\n    serves: [pods]\n    egress: {{ like: nodes }}\n"
        ),
        Some(Rung::NodesInNewSubnets) => format!(
            "  - name: new-nodes            # new: rescue\n    size: /18\n    from: {range}\n    serves: [nodes]\n    egress: {{ like: nodes }}\n"
        ),
        _ => String::new(),
    }
}

/// Nodes without a route out reach AWS by endpoints alone: what others did not make, the stack makes.
fn endpoints(survey: &Survey, nodes: Option<&Vec<&Subnet>>) -> String {
    let shut = |subnet: &&Subnet| {
        let way = way_out(&survey.vpc, &subnet.id, ANY_GROUP);
        way.is_some_and(|way| !way.is_open())
    };
    if survey.vpc.endpoints.read().is_none() || !nodes.is_some_and(|own| own.iter().any(shut)) {
        return String::new();
    }
    // Without private DNS, nobody who calls the service gets there.
    let stands = |name: &str| {
        let end = format!(".{name}");
        let others = items(&survey.vpc.endpoints).iter();
        others.filter(|one| one.private_dns).any(|one| one.service.ends_with(&end))
    };
    // The stack has no say in the route tables of others, so a gateway endpoint of its own would serve none of these nodes.
    let there: Vec<&str> = SERVICES
        .iter()
        .filter(|one| one.kind == Kind::Gateway || stands(one.in_aws()))
        .map(|one| one.name)
        .collect();
    format!(
        "\n# guessed: the nodes' subnets have no route to the internet. VPC endpoints that nodes need and the VPC lacks are created by this stack;\n\
         # remove the line if another route exists. `exclude` names what is not created: interface endpoints that exist, and gateway\n\
         # endpoints, which work by the nodes' own route tables (images need the one of s3 there: their owner adds it).\n\
         endpoints: {{ exclude: [{}] }}\n",
        there.join(", ")
    )
}

/// How the cluster's custom networking is named: by zones, as eksnet names ENIConfigs, or by somebody else's rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Custom {
    Off,
    ByZone,
    Otherwise,
}

fn custom(survey: &Survey, pods: Option<&Vec<&Subnet>>) -> Custom {
    let settings = found::settings(survey);
    if settings.get("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG").is_none_or(|value| value != "true") {
        return Custom::Off;
    }
    let by_zone = items(&survey.kubernetes.eni_configs).iter().all(|config| {
        survey.vpc.subnet(&config.subnet).is_some_and(|subnet| subnet.zone_name == config.name)
    });
    let zones = |subnets: &Vec<&Subnet>| {
        subnets.iter().map(|one| &one.zone_id).collect::<BTreeSet<_>>().len() == subnets.len()
    };
    if by_zone && pods.is_some_and(zones) { Custom::ByZone } else { Custom::Otherwise }
}

/// Whether nobody but the cluster's own API sets aws-node up.
pub fn is_without_addon(survey: &Survey) -> bool {
    let addons = survey.eks.addons.read();
    addons.is_some_and(|all| !all.iter().any(|one| one.name == eks::VPC_CNI))
}

/// Settings reach a cluster without the add-on through its own API.
fn managed(survey: &Survey, text: String) -> String {
    if !is_without_addon(survey) {
        return text;
    }
    let own = "# guessed: the cluster does not have the add-on vpc-cni\nawsNode: { management: selfManaged, ";
    text.replace("awsNode: { ", own)
}

fn settings(rung: Option<Rung>, custom: Custom) -> String {
    let on = "customNetworking: { tier: pods }";
    let kept = match (rung, custom) {
        (None | Some(Rung::NodesInNewSubnets), Custom::ByZone) => {
            format!("awsNode: {{ {on} }}             # as it runs\n")
        }
        (Some(Rung::WarmPool), Custom::ByZone) => {
            return format!("awsNode: {{ prefixDelegation: false, warm: {{ ips: 2 }}, {on} }}\n");
        }
        (Some(Rung::PrefixDelegation), Custom::ByZone) => {
            return format!("awsNode: {{ prefixDelegation: true, {on} }}\n");
        }
        (_, Custom::Otherwise) => "# Custom networking is on, with ENIConfigs that are not named by zones: pods are counted in the nodes' subnets.\n".to_string(),
        _ => String::new(),
    };
    let text = match rung {
        Some(Rung::WarmPool) => "awsNode: { prefixDelegation: false, warm: { ips: 2 } }\n",
        Some(Rung::PrefixDelegation) => "awsNode: { prefixDelegation: true }\n",
        Some(Rung::CustomNetworking) => {
            "awsNode: { prefixDelegation: false, customNetworking: { tier: new-pods } }\n"
        }
        Some(Rung::SubnetDiscovery) => {
            "awsNode: { prefixDelegation: false, subnetDiscovery: true }\n"
        }
        Some(Rung::NodesInNewSubnets) => {
            "nodeGroups:\n  - { name: rescue, tier: new-nodes, instanceTypes: [m6i.xlarge], scaling: { min: 1, desired: 1, max: 10 } }\n"
        }
        _ => "",
    };
    kept + text
}

/// The rung that a word means: its number, or its name.
pub fn rung(word: &str) -> Result<Rung, String> {
    let all = [
        Rung::LeakedInterfaces,
        Rung::WarmPool,
        Rung::SubnetDiscovery,
        Rung::PrefixDelegation,
        Rung::CustomNetworking,
        Rung::NodesInNewSubnets,
    ];
    let number = word.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_number = number.and_then(|at| all.get(at));
    let found = by_number.or_else(|| all.iter().find(|rung| rung.word() == word));
    match found {
        Some(Rung::LeakedInterfaces) => {
            Err("rung 1 deletes interfaces, which no blueprint does; the ids are in the list"
                .to_string())
        }
        Some(rung) => Ok(*rung),
        None => {
            let near = nearest(word, all.iter().map(|rung| rung.word()));
            let near = near.map_or(String::new(), |near| format!(", did you mean `{near}`?"));
            Err(format!(
                "no rung `{word}`{near} (2 to 6, or the name beside the number in `eksnet rescue`)"
            ))
        }
    }
}
