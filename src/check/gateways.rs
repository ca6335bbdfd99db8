//! Gateways that the blueprint names and others made, as the account sees them.

use super::placeholders;
use crate::diagnostic::Diagnostic;
use crate::intent::Intent;
use crate::intent::transit::{TransitGateway, VpnGateway};
use crate::observed::{Account, LiveTransitGateway, LiveVpnGateway};
use crate::rules::{TGW_10, TGW_11, TGW_12, TGW_13};

/// What was read of them. `None`: it was not, or nobody asked.
#[derive(Clone, Debug, Default)]
pub struct Gateways {
    /// The account's number.
    pub owner: Option<String>,
    pub transit: Option<Option<LiveTransitGateway>>,
    pub vpn: Option<Option<LiveVpnGateway>>,
}

impl Gateways {
    /// What of an account's reads is about gateways; a read that failed counts as none.
    pub fn of(account: &Account) -> Self {
        Self {
            owner: account.owner.read().cloned(),
            transit: account.transit_gateway.read().cloned(),
            vpn: account.vpn_gateway.read().cloned(),
        }
    }
}

const TRANSIT: &str = "egress.transitGateway";
/// How a finding names the read that proves it.
pub(super) const PREFLIGHT: &str = "read from the account";
const READ: &str = "ec2:DescribeTransitGateways";

/// Whether a resource of the stack exists, by logical id.
type Exists<'e> = &'e dyn Fn(&str) -> bool;

/// Rules TGW-10 to TGW-13, and DOC-02 for principals of other accounts, each as far as it was read.
pub fn check(intent: &Intent, exists: Exists<'_>, known: &Gateways) -> Vec<Diagnostic> {
    let owner = known.owner.as_deref();
    let mut findings: Vec<Diagnostic> =
        owner.into_iter().flat_map(|owner| placeholders::principals(intent, owner)).collect();
    findings = findings.into_iter().map(|one| proven(one, "sts:GetCallerIdentity")).collect();
    if let (Some(gateway), Some(live)) = (&intent.transit.gateway, &known.transit) {
        findings.extend(transit(exists, gateway, (live.as_ref(), owner)));
    }
    if let (Some(gateway), Some(live)) = (&intent.transit.vpn, &known.vpn) {
        findings.extend(vpn(exists, gateway, live.as_ref()));
    }
    findings
}

fn transit(
    exists: Exists<'_>,
    gateway: &TransitGateway,
    (live, owner): (Option<&LiveTransitGateway>, Option<&str>),
) -> Vec<Diagnostic> {
    let place = format!("{TRANSIT}.id");
    let Some(live) = live else {
        let message =
            format!("`{}` does not exist here, or is not shared with this account", gateway.id);
        let hint = "share it through AWS RAM, accept the share, and look for it in this Region";
        return vec![proven(TGW_10.at(place, message).hint(hint), READ)];
    };
    let mut findings = Vec::new();
    if !["available", "modifying"].contains(&live.state.as_str()) {
        let message = format!("`{}` is `{}`", gateway.id, live.state);
        findings.push(TGW_10.at(&place, message).hint("wait until it is available"));
    }
    let attached = exists("TransitGatewayAttachment");
    let foreign = owner.is_some_and(|owner| owner != live.owner);
    if foreign && !live.accepts && !attached {
        let message =
            format!("account {} has to accept the attachment to `{}`", live.owner, gateway.id);
        let hint = "its owner enables AutoAcceptSharedAttachments; or deploy without `destinations` and routes first, have the attachment accepted, then add them";
        findings.push(TGW_12.at(&place, message).hint(hint));
    }
    findings.extend(table(exists, gateway, (live, foreign)));
    findings.into_iter().map(|finding| proven(finding, READ)).collect()
}

/// An association that the gateway makes by itself, or that only its owner may make.
fn table(
    exists: Exists<'_>,
    gateway: &TransitGateway,
    (live, foreign): (&LiveTransitGateway, bool),
) -> Option<Diagnostic> {
    let table = gateway.route_table.as_ref()?;
    if exists("TransitGatewayAssociation") {
        return None;
    }
    let place = format!("{TRANSIT}.routeTable");
    if foreign {
        let message = format!(
            "`{table}` belongs to account {}: only its owner associates with it",
            live.owner
        );
        return Some(
            TGW_11
                .at(place, message)
                .hint("remove `routeTable`, and ask its owner for the association"),
        );
    }
    let default = live.default_table.as_ref()?;
    let message =
        format!("`{}` associates every attachment with `{default}` by itself", gateway.id);
    let hint = if default == table {
        "remove `routeTable`: the gateway does it"
    } else {
        "disable DefaultRouteTableAssociation on the gateway, or remove `routeTable`"
    };
    Some(TGW_11.at(place, message).hint(hint))
}

fn vpn(
    exists: Exists<'_>,
    gateway: &VpnGateway,
    live: Option<&LiveVpnGateway>,
) -> Option<Diagnostic> {
    let place = "egress.vpnGateway.id";
    let read = "ec2:DescribeVpnGateways";
    let Some(live) = live else {
        let message = format!("`{}` does not exist in this account and Region", gateway.id);
        return Some(proven(
            TGW_13.at(place, message).hint("use the id of a gateway that exists"),
            read,
        ));
    };
    if exists("VpnGatewayAttachment") {
        return None;
    }
    let message = match &live.vpc {
        Some(vpc) => format!("`{}` is attached to `{vpc}`", gateway.id),
        None if live.state != "available" => format!("`{}` is `{}`", gateway.id, live.state),
        None => return None,
    };
    Some(proven(TGW_13.at(place, message).hint("detach it there first, or use another one"), read))
}

fn proven(finding: Diagnostic, read: &str) -> Diagnostic {
    finding.label(format!("{PREFLIGHT}: {read}"))
}
