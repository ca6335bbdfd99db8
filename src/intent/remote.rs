//! Networks of hybrid nodes.

use ipnet::Ipv4Net;

use crate::blueprint::model::{self, RouteOwner};
use crate::diagnostic::Diagnostic;

use super::parse::{self, keep};

/// IPv4 ranges of hybrid nodes and of their pods, which the control plane calls.
#[derive(Clone, Debug, Default)]
pub struct RemoteNetworks {
    pub nodes: Vec<Ipv4Net>,
    pub pods: Vec<Ipv4Net>,
    pub routes: RouteOwner,
}

impl RemoteNetworks {
    /// Nodes' first; ranges that overlap are in it as they are written.
    pub fn all(&self) -> impl Iterator<Item = Ipv4Net> {
        self.nodes.iter().chain(&self.pods).copied()
    }
}

pub fn resolve(
    written: Option<&model::RemoteNetworks>,
    findings: &mut Vec<Diagnostic>,
) -> RemoteNetworks {
    let mut list = |name: &str, texts: Option<&Vec<String>>| {
        let places = texts.into_iter().flatten().enumerate();
        places
            .filter_map(|(at, text)| {
                keep(parse::cidr(&format!("cluster.remoteNetworks.{name}[{at}]"), text), findings)
            })
            .collect()
    };
    let nodes = list("nodes", written.and_then(|remote| remote.nodes.as_ref()));
    let pods = list("pods", written.and_then(|remote| remote.pods.as_ref()));
    let routes = written.and_then(|remote| remote.routes).unwrap_or_default();
    RemoteNetworks { nodes, pods, routes }
}
