//! What was changed and is not everywhere yet: rules of pods that are older than a setting, ranges that the control plane has not learned.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::observed::survey::{Endpoint, Event, Interface, Pod, Survey, Webhook};
use crate::survey::age::is_settled;

use super::cast::{EVENTS, INTERFACES, PODS, SLICES, is_on, settings};
use super::egress::EXTERNAL;
use super::verdict::{Judged, Proof, Sick, known};

const REVISIONS: &str = "k8s:list controllerrevisions";

/// SN-05
pub fn older_than_the_setting(survey: &Survey) -> Judged {
    let Some(env) = settings(survey)?.filter(|env| !is_on(Some(*env), EXTERNAL)) else {
        return Ok(Vec::new());
    };
    let revisions = known(&survey.kubernetes.aws_node_revisions, REVISIONS)?;
    let last = revisions.iter().rposition(|one| is_on(Some(&one.env), EXTERNAL));
    let pair = last.and_then(|at| Some((&revisions[at], revisions.get(at + 1)?)));
    let Some((before, after)) = pair else { return Ok(Vec::new()) };
    // A template that comes again keeps the moment of its first time.
    let Some(since) = before.created.as_ref().max(after.created.as_ref()) else {
        return Ok(Vec::new());
    };
    let old = |pod: &&Pod| {
        let here = !pod.host_network && pod.phase == "Running";
        here && pod.created.as_ref().is_some_and(|created| created < since)
    };
    let pods: Vec<&Pod> = known(&survey.kubernetes.pods, PODS)?.iter().filter(old).collect();
    let Some(first) = pods.first() else { return Ok(Vec::new()) };
    let proof = Proof {
        read: REVISIONS,
        resource: format!("kube-system/aws-node, revision {}", before.number),
        field: "env",
        seen: format!("{EXTERNAL}=true until {since}"),
        wanted: format!(
            "pods that are younger: it is {} now",
            env.get(EXTERNAL).map_or("false", String::as_str)
        ),
    };
    let sick = Sick::proven(
        format!(
            "{} pods are older than the change of SNAT and keep the rules from before it",
            pods.len()
        ),
        proof,
        "kubectl rollout restart the workloads whose pods are older, or replace the nodes",
    );
    Ok(vec![sick.and(Proof {
        read: PODS,
        resource: format!("{}/{}", first.namespace, first.name),
        field: "metadata.creationTimestamp",
        seen: first.created.clone().unwrap_or_default(),
        wanted: format!("after {since}"),
    })])
}

/// WH-03
pub fn range_not_learned(survey: &Survey) -> Judged {
    let webhooks = known(&survey.kubernetes.webhooks, "k8s:list webhookconfigurations")?;
    let events = known(&survey.kubernetes.events, EVENTS)?;
    let slices = known(&survey.kubernetes.endpoint_slices, SLICES)?;
    let interfaces = known(&survey.vpc.interfaces, INTERFACES)?;
    known(&survey.vpc.vpc, "ec2:DescribeVpcs")?;
    let cidrs = survey.vpc.cidrs();
    let mut sick = Vec::new();
    for webhook in webhooks {
        let fails = |event: &&Event| {
            event.message.contains("failed calling webhook")
                && event.message.contains(&format!("\"{}\"", webhook.name))
        };
        let Some(event) = events.iter().find(fails) else { continue };
        let own = slices.iter().filter(|one| {
            let service = one.service.as_ref().map(|name| format!("{}/{name}", one.namespace));
            service.is_some() && service == webhook.service
        });
        let mut endpoints = own.flat_map(|slice| &slice.endpoints);
        // The first range is as old as the VPC.
        let range = endpoints.find_map(|one| range_of(one, cidrs.get(1..).unwrap_or_default()));
        let Some((address, range)) = range else { continue };
        if !is_new(interfaces, range, &survey.header.read) {
            continue;
        }
        sick.push(unlearned(webhook, event, (address, range)));
    }
    Ok(sick)
}

fn range_of(endpoint: &Endpoint, cidrs: &[Ipv4Net]) -> Option<(Ipv4Addr, Ipv4Net)> {
    let addresses = endpoint.addresses.iter().filter_map(|text| text.parse::<Ipv4Addr>().ok());
    let mut found = addresses.filter_map(|address| {
        let range = cidrs.iter().find(|cidr| cidr.contains(&address))?;
        Some((address, *range))
    });
    found.next()
}

/// Whether every interface in a range was attached within the hour before a moment.
fn is_new(interfaces: &[Interface], range: Ipv4Net, now: &str) -> bool {
    let inside = |one: &&Interface| one.addresses.iter().any(|own| range.contains(&own.private));
    let young = |one: &Interface| {
        let since = one.attachment.as_ref().and_then(|attachment| attachment.since.as_ref());
        since.and_then(|since| is_settled(since, now)) == Some(false)
    };
    let mut inside = interfaces.iter().filter(inside).peekable();
    inside.peek().is_some() && inside.all(young)
}

fn unlearned(webhook: &Webhook, event: &Event, (address, range): (Ipv4Addr, Ipv4Net)) -> Sick {
    let proof = Proof {
        read: SLICES,
        resource: webhook.service.clone().unwrap_or_default(),
        field: "endpoints.addresses",
        seen: format!("{address}, in {range}: all its interfaces are younger than an hour"),
        wanted: "a range that the control plane knows: this takes up to an hour".into(),
    };
    Sick::proven(
        format!("the API does not reach the webhook {} in the new range {range} yet", webhook.name),
        proof,
        "wait until the range is an hour old, or run the webhook's pods in an older one meanwhile",
    )
    .and(Proof {
        read: EVENTS,
        resource: event.about.clone(),
        field: "message",
        seen: event.message.clone(),
        wanted: "no such event".into(),
    })
}
