//! Which VPC endpoints there are: what the blueprint uses, and what its author adds or leaves out.

use ipnet::IpNet;

use crate::blueprint::model::{self, EndpointList, EndpointPolicy, EndpointsMode, Use};
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::endpoints::{self, Caller, Kind, Owner, Service};
use crate::facts::regions;

use super::parse::{self, keep};
use super::{Choices, Cluster, Security, Tier};
use crate::rules::{PE_30, PE_33, PE_35};

/// The VPC endpoints of the stack, each service at most once, and who may use them.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    pub services: Vec<Endpoint>,
    /// The tier whose subnets hold the interfaces; empty without any.
    pub tier: String,
    /// Only principals of the stack's own account may use them.
    pub own_account: bool,
    /// Who is let in at the interfaces.
    pub ingress: Ingress,
}

/// Who may call the interfaces of endpoints.
#[derive(Clone, Debug)]
pub struct Ingress {
    /// Every CIDR of the VPC.
    pub vpc: bool,
    pub ranges: Vec<IpNet>,
}

impl Default for Ingress {
    fn default() -> Self {
        Self { vpc: true, ranges: Vec::new() }
    }
}

/// An endpoint and the reason that it exists.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub service: &'static Service,
    /// Who calls it.
    pub caller: Caller,
}

impl Endpoints {
    /// Those of one kind: interfaces hold addresses, gateways do not.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Endpoint> {
        self.services.iter().filter(move |endpoint| endpoint.service.kind == kind)
    }

    /// Services that stay because they exist.
    pub fn kept(&self) -> Vec<String> {
        let former = self.services.iter().filter(|endpoint| endpoint.caller == Caller::Formerly);
        former.map(|endpoint| endpoint.service.name.to_string()).collect()
    }

    /// Whether calls of a service find an endpoint: those of S3 its gateway or its interface.
    pub fn has(&self, name: &str) -> bool {
        self.services.iter().any(|endpoint| endpoint.service.in_aws() == name)
    }

    /// Whether there is one of this name and kind.
    pub fn names(&self, name: &str) -> bool {
        self.services.iter().any(|endpoint| endpoint.service.name == name)
    }
}

/// Stands for every CIDR of the VPC in `ingress`.
const OWN_VPC: &str = "vpc";

/// What calls services.
#[derive(Clone, Copy)]
pub struct Networked<'s> {
    pub tiers: &'s [Tier],
    pub cluster: Option<&'s Cluster>,
    pub security: &'s Security,
    /// Services whose endpoints exist since an earlier eksnet derived them.
    pub kept: &'s [String],
    /// Such as `eu-west-1`.
    pub region: &'s str,
}

/// In alphabetical order; what is derived is noted as a choice. Rules PE-30, PE-33, PE-35.
pub fn resolve(
    written: Option<&model::Endpoints>,
    networked: Networked<'_>,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Endpoints {
    let (list, place) = match written {
        None | Some(model::Endpoints::Mode(EndpointsMode::None)) => return Endpoints::default(),
        Some(model::Endpoints::Mode(EndpointsMode::Auto)) => Default::default(),
        Some(model::Endpoints::Exactly(names)) => {
            (EndpointList { only: Some(names.clone()), ..EndpointList::default() }, "endpoints")
        }
        Some(model::Endpoints::These(list)) => (list.clone(), "endpoints.only"),
    };
    let mut services = match &list.only {
        Some(names) => {
            findings.extend(contradicts(&list));
            exactly((names, place), networked, findings)
        }
        None => derived(&list, networked, findings),
    };
    services.sort_by_key(|endpoint| endpoint.service.name);
    services.dedup_by_key(|endpoint| endpoint.service.name);
    let tier = list.tier.clone().unwrap_or_else(|| default_tier(networked.tiers));
    if list.only.is_none() {
        note(&services, choices);
    }
    let endpoints = Endpoints {
        services,
        tier,
        own_account: list.policy == Some(EndpointPolicy::OwnAccount),
        ingress: ingress(list.ingress.as_ref(), findings),
    };
    note_size(&endpoints, networked.tiers, choices);
    endpoints
}

/// Rule PE-35.
fn contradicts(list: &EndpointList) -> Option<Diagnostic> {
    let (word, _) = [("include", &list.include), ("exclude", &list.exclude)]
        .into_iter()
        .find(|(_, services)| services.is_some())?;
    let place = format!("endpoints.{word}");
    let finding = PE_35.at(place, format!("`only` is the whole list, and `{word}` changes `auto`"));
    Some(finding.also("endpoints.only", "here").hint(match word {
        "include" => "move its services into `only`",
        _ => "remove it: what `only` does not name has no endpoint",
    }))
}

/// What the blueprint uses, with what its author adds and leaves out.
fn derived(
    list: &EndpointList,
    networked: Networked<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Endpoint> {
    let excluded =
        named((list.exclude.as_deref(), networked.region), "endpoints.exclude", findings);
    let included =
        named((list.include.as_deref(), networked.region), "endpoints.include", findings);
    let mut services: Vec<Endpoint> = used(networked);
    for service in included {
        if !services.iter().any(|own| own.service.name == service.name) {
            services.push(Endpoint { service, caller: Caller::OnRequest });
        }
    }
    for service in networked.kept.iter().filter_map(|name| endpoints::find(name)) {
        if !services.iter().any(|own| own.service.name == service.name) {
            services.push(Endpoint { service, caller: Caller::Formerly });
        }
    }
    services
        .retain(|endpoint| !excluded.iter().any(|service| service.name == endpoint.service.name));
    services
}

/// The services of a list, and no other.
fn exactly(
    (names, place): (&[String], &str),
    networked: Networked<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Endpoint> {
    let used = used(networked);
    let endpoint = |service: &'static Service| {
        let known = used.iter().find(|own| own.service.name == service.name);
        Endpoint { service, caller: known.map_or(Caller::OnRequest, |own| own.caller) }
    };
    named((Some(names), networked.region), place, findings).into_iter().map(endpoint).collect()
}

fn ingress(written: Option<&model::EndpointIngress>, findings: &mut Vec<Diagnostic>) -> Ingress {
    let words = match written {
        None | Some(model::EndpointIngress::Word(_)) => return Ingress::default(),
        Some(model::EndpointIngress::Ranges(words)) => words,
    };
    let places = words.iter().enumerate().filter(|(_, word)| *word != OWN_VPC);
    let ranges = places.filter_map(|(at, text)| {
        keep(parse::range(&format!("endpoints.ingress[{at}]"), text), findings)
    });
    Ingress { ranges: ranges.collect(), vpc: words.iter().any(|word| word == OWN_VPC) }
}

/// Interfaces cost by the hour, in every zone.
fn note_size(endpoints: &Endpoints, tiers: &[Tier], choices: &mut Choices) {
    let interfaces = endpoints.of(Kind::Interface).count();
    let zones =
        tiers.iter().find(|tier| tier.name == endpoints.tier).map_or(0, |tier| tier.zones.len());
    if 0 < interfaces {
        choices.note(
            "interfaces of endpoints",
            format!("{interfaces} in each of {zones} zones"),
            "each costs by the hour; `endpoints: [s3, …]` is exactly its list",
        );
    }
}

/// A whole name of the blueprint's Region stands for the service.
fn named(
    (words, region): (Option<&[String]>, &str),
    place: &str,
    findings: &mut Vec<Diagnostic>,
) -> Vec<&'static Service> {
    let mut services = Vec::new();
    for (at, word) in words.into_iter().flatten().enumerate() {
        let own = endpoints::behind_the_region(word, region);
        let found =
            endpoints::find(own.unwrap_or(word)).or_else(|| endpoints::without_a_region(word));
        let place = format!("{place}[{at}]");
        match found.or_else(|| endpoints::of_another(word)) {
            Some(service) => match out_of_reach(&place, service, region) {
                Some(finding) => findings.push(finding),
                None => services.push(service),
            },
            None => services.extend(unlisted(&place, (word, own.unwrap_or(word)), findings)),
        }
    }
    services
}

/// A service of another account in a Region that no endpoint of this one reaches.
fn out_of_reach(place: &str, service: &Service, region: &str) -> Option<Diagnostic> {
    let Owner::Another { whole, region: home } = service.owner else { return None };
    let here = regions::find(region)?;
    (here.partition != home.partition).then(|| {
        PE_30
            .at(place, format!("`{whole}` is in {}, another partition than {region}", home.name))
            .hint("an endpoint reaches services of its own partition only")
    })
}

/// A name like a known one is misspelled; any other may be of a service that came later.
fn unlisted(
    place: &str,
    (word, own): (&str, &str),
    findings: &mut Vec<Diagnostic>,
) -> Option<&'static Service> {
    let near = crate::blueprint::nearest(own, endpoints::names());
    let may_be_new = near.is_none() && !word.contains(endpoints::OF_OTHERS);
    let Some(service) = endpoints::unlisted(own).filter(|_| may_be_new) else {
        findings.push(unknown(place, word));
        return None;
    };
    let message = format!("this version of eksnet does not know an endpoint service `{word}`");
    findings.push(PE_33.at(place, message).hint(
        "EC2 decides whether it has endpoints; `aws ec2 describe-vpc-endpoint-services` lists all",
    ));
    Some(service)
}

fn unknown(place: &str, word: &str) -> Diagnostic {
    let finding = PE_30.at(place, format!("unknown endpoint service `{word}`"));
    if word.contains(endpoints::OF_OTHERS) {
        return finding.hint("name it whole, as its owner does: `com.amazonaws.vpce.<Region>.vpce-svc-0123456789abcdef0`");
    }
    let whole = word.rsplit("com.amazonaws.").next().and_then(|rest| rest.split_once('.'));
    let last = whole.map(|(_, name)| name);
    if let Some(service) = last.and_then(endpoints::find).filter(|_| word.contains("amazonaws.")) {
        let hint = format!("endpoints are of the Region of the VPC: name it `{}`", service.name);
        return finding.hint(hint);
    }
    let head = format!("{}.", last.unwrap_or(word));
    let parts: Vec<&str> = endpoints::names().filter(|name| name.starts_with(&head)).collect();
    if !parts.is_empty() {
        return finding.hint(format!("it has several: {}", parts.join(", ")));
    }
    match last
        .and_then(endpoints::find)
        .map(|service| service.name)
        .or_else(|| crate::blueprint::nearest(word, endpoints::names()))
    {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint("name it as behind `com.amazonaws.<Region>.`, such as `bedrock-runtime`; `aws ec2 describe-vpc-endpoint-services` lists all"),
    }
}

/// The services that the blueprint uses, each with its first caller.
fn used(networked: Networked<'_>) -> Vec<Endpoint> {
    let callers = callers(networked);
    let service = |service: &'static Service| {
        let caller = service.callers.iter().find(|caller| callers.contains(caller))?;
        Some(Endpoint { service, caller: *caller })
    };
    endpoints::SERVICES.iter().filter_map(service).collect()
}

/// What the blueprint has that calls AWS services.
pub fn callers(Networked { tiers, cluster, security, .. }: Networked<'_>) -> Vec<Caller> {
    let serves = |one| tiers.iter().any(|tier| tier.serves(one));
    let tagged = tiers.iter().any(|tier| tier.tags.contains_key(endpoints::KARPENTER_TAG));
    let addon = |name: &str| {
        cluster.is_some_and(|cluster| cluster.addons.iter().any(|addon| addon.name == name))
    };
    let scales = cluster
        .is_some_and(|cluster| cluster.node_groups.iter().any(|group| group.min < group.max));
    let auto = cluster.is_some_and(|cluster| cluster.auto.is_some());
    // Nodes of groups, of hands, or of Karpenter; all of them may be Auto Mode's.
    let own = cluster.is_none_or(|cluster| !auto || !cluster.node_groups.is_empty());
    let rows = [
        (Caller::Nodes, own && serves(Use::Nodes)),
        (Caller::AutoNodes, auto),
        (Caller::PodIdentity, addon(eks::POD_IDENTITY_AGENT)),
        (
            Caller::LoadBalancers,
            cluster.is_some()
                && own
                && (serves(Use::ExternalLoadBalancers) || serves(Use::InternalLoadBalancers)),
        ),
        (Caller::ClusterAutoscaler, scales),
        (Caller::Karpenter, tagged),
        (Caller::CloudWatch, endpoints::CLOUDWATCH_ADDONS.iter().any(|name| addon(name))),
        (
            Caller::MetricsHelper,
            security.alarms.as_ref().is_some_and(|alarms| alarms.metrics_helper),
        ),
        (Caller::SecretsKey, cluster.is_some_and(|cluster| cluster.secrets_key.is_some())),
    ];
    let addons = endpoints::SERVICES
        .iter()
        .flat_map(|service| service.callers)
        .filter(|caller| matches!(caller, Caller::Addon(name) if addon(name)));
    rows.into_iter()
        .filter(|(_, there)| *there)
        .map(|(caller, _)| caller)
        .chain(addons.copied())
        .collect()
}

fn default_tier(tiers: &[Tier]) -> String {
    let serving =
        |one| tiers.iter().find(|tier: &&Tier| tier.serves(one)).map(|tier| tier.name.clone());
    serving(Use::Nodes)
        .or_else(|| serving(Use::Pods))
        .or_else(|| tiers.first().map(|tier| tier.name.clone()))
        .unwrap_or_default()
}

fn note(services: &[Endpoint], choices: &mut Choices) {
    let mut callers: Vec<Caller> = services
        .iter()
        .map(|endpoint| endpoint.caller)
        .filter(|caller| *caller != Caller::OnRequest)
        .collect();
    callers.sort();
    callers.dedup();
    for caller in callers {
        let names: Vec<&str> = services
            .iter()
            .filter(|endpoint| endpoint.caller == caller)
            .map(|endpoint| endpoint.service.name)
            .collect();
        choices.note(
            format!("endpoints for {}", caller.word()),
            names.join(", "),
            match caller {
                Caller::Formerly => "it derived them, and they exist: `exclude` removes them",
                _ => "derived from what the blueprint uses",
            },
        );
    }
}
