//! Edits that people make to a blueprint, each with a number to choose by.

use serde_json::{Value, json};

pub type Edit = (&'static str, fn(&mut Value, usize));

pub const EDITS: &[Edit] = &[
    ("tags", |text, n| text["metadata"]["tags"] = json!({ "team": format!("t{}", n % 3) })),
    ("version", |text, n| {
        set(text, &["cluster", "version"], json!(["1.34", "1.35", "1.36"][n % 3]))
    }),
    ("scaling", |text, n| {
        each(text, "nodeGroups", n, |group| group["scaling"] = json!({ "min": 2, "max": 7 }))
    }),
    ("disk", |text, n| each(text, "nodeGroups", n, |group| group["diskSize"] = json!(64))),
    ("labels", |text, n| {
        each(text, "nodeGroups", n, |group| group["labels"] = json!({ "a": "b" }))
    }),
    ("group renamed", |text, n| {
        each(text, "nodeGroups", n, |group| group["name"] = json!("renamed"))
    }),
    ("group added", |text, _| push(text, "nodeGroups", json!({ "name": "more" }))),
    ("instance types", |text, n| {
        each(text, "nodeGroups", n, |group| group["instanceTypes"] = json!(["m7i.2xlarge"]))
    }),
    ("spot", |text, n| each(text, "nodeGroups", n, |group| group["capacity"] = json!("spot"))),
    ("nat", |text, n| {
        text["egress"]["nat"] = json!(["none", "single", "perZone", "regional"][n % 4])
    }),
    ("egress", |text, n| {
        each(text, "tiers", n, |tier| tier["egress"] = json!(["none", "nat", "internet"][n % 3]))
    }),
    ("central egress", |text, _| {
        text["egress"]["transitGateway"] =
            json!({ "id": "tgw-0a1b2c3d4e5f60718", "destinations": ["0.0.0.0/0"] });
        every(text, "tiers", |tier| {
            if tier["egress"] == "nat" {
                tier["egress"] = json!("none")
            }
        });
    }),
    (
        "transit",
        |text, n| text["egress"]["transitGateway"] = json!({ "id": (["tgw-0a1b2c3d4e5f60718", "tgw-0000000000000000b"][n % 2]), "destinations": ["192.168.0.0/16"] }),
    ),
    ("transit table", |text, n| {
        set(
            text,
            &["egress", "transitGateway", "routeTable"],
            json!(["tgw-rtb-0000000000000000a", "tgw-rtb-0000000000000000b"][n % 2]),
        )
    }),
    ("no transit", |text, _| drop_key(text, &["egress"], "transitGateway")),
    ("route", |text, n| {
        each(
            text,
            "tiers",
            n,
            |tier| tier["routes"] = json!([{ "to": (["10.200.0.0/16", "172.31.0.0/16"][n % 2]), "via": "pcx-0a1b2c3d4e5f60718" }]),
        )
    }),
    ("default route", |text, n| {
        each(text, "tiers", n, |tier| {
            tier["egress"] = json!("none");
            tier["routes"] = json!([{ "to": "0.0.0.0/0", "via": "tgw-0a1b2c3d4e5f60718" }]);
        })
    }),
    ("tier added", |text, n| {
        push(
            text,
            "tiers",
            json!({ "name": "added", "size": "/28", "egress": (["none", "nat"][n % 2]) }),
        )
    }),
    ("tier removed", |text, n| {
        _ = text["tiers"]
            .as_array_mut()
            .filter(|tiers| 1 < tiers.len())
            .map(|tiers| tiers.remove(n % tiers.len()))
    }),
    ("tier renamed", |text, n| {
        each(text, "tiers", n, |tier| {
            tier["renamedFrom"] = tier["name"].clone();
            tier["name"] = json!("other");
        })
    }),
    ("tier anew", |text, n| each(text, "tiers", n, |tier| tier["name"] = json!("other"))),
    ("tier tags", |text, n| each(text, "tiers", n, |tier| tier["tags"] = json!({ "owner": "x" }))),
    ("secondary", |text, n| {
        text["vpc"]["secondaryCidrs"] = match n % 3 {
            0 => json!(["100.65.0.0/16"]),
            1 => json!(["100.64.0.0/16", "100.66.0.0/16", "100.67.0.0/16"]),
            _ => json!(["100.64.0.0/16", "100.70.0.0/16", "100.71.0.0/16", "100.72.0.0/16"]),
        }
    }),
    ("ipv6", |text, _| text["vpc"]["ipv6"] = json!("amazon")),
    (
        "flow logs",
        |text, n| text["vpc"]["flowLogs"] = json!({ "destination": "cloudWatchLogs", "retentionDays": 30, "interval": ([60, 600][n % 2]) }),
    ),
    ("no flow logs", |text, _| drop_key(text, &["vpc"], "flowLogs")),
    ("endpoints", |text, n| {
        text["endpoints"] =
            [json!("none"), json!("auto"), json!({ "include": ["sts"] })][n % 3].clone()
    }),
    ("endpoint access", |text, n| {
        set(
            text,
            &["cluster", "endpointAccess"],
            [
                json!({ "private": true, "public": false }),
                json!({ "private": true, "public": true, "publicCidrs": ["203.0.113.0/24"] }),
            ][n % 2]
                .clone(),
        )
    }),
    ("access", |text, n| {
        set(text, &["cluster", "access"], [json!([]), json!([{ "principal": "arn:aws:iam::111122223333:role/ci", "policy": "AmazonEKSViewPolicy" }])][n % 2].clone())
    }),
    ("cni role", |text, n| {
        set(text, &["awsNode", "role"], json!(["podIdentity", "irsa", "nodeRole"][n % 3]))
    }),
    ("prefixes", |text, n| set(text, &["awsNode", "prefixDelegation"], json!(n % 2 == 0))),
    ("cni env", |text, _| {
        set(text, &["awsNode", "env"], json!({ "AWS_VPC_K8S_CNI_LOGLEVEL": "INFO" }))
    }),
    ("auto", |text, _| {
        if text["cluster"].is_object() {
            text["cluster"]["autoMode"] = json!({});
            drop_key(text, &[], "nodeGroups");
            drop_key(text, &[], "awsNode");
        }
    }),
    ("no auto", |text, _| {
        if text["cluster"]["autoMode"].is_object() {
            drop_key(text, &["cluster"], "autoMode");
            text["nodeGroups"] = json!([{ "name": "general" }]);
        }
    }),
    ("fargate", |text, n| {
        if text["cluster"].is_object() {
            let profile = |at: usize| json!({ "name": format!("p{at}"), "tier": text["tiers"][1]["name"], "selectors": [{ "namespace": format!("ns{}", at + n % 2) }] });
            text["fargate"] = (0..[1, 2, 8][n % 3]).map(profile).collect();
        }
    }),
    ("groups", |text, n| {
        set(
            text,
            &["securityGroups", "mode"],
            json!(["shared", "joining", "leastPrivilege"][n % 3]),
        )
    }),
    ("callers", |text, n| {
        set(
            text,
            &["securityGroups", "controlPlane"],
            [
                json!({ "ingress": [{ "from": "10.80.0.0/16", "ports": 443 }] }),
                json!({ "ingress": [{ "from": "10.90.0.0/16" }] }),
                json!({ "ingress": [] }),
            ][n % 3]
                .clone(),
        )
    }),
    ("node rules", |text, n| {
        set(
            text,
            &["securityGroups", "nodes"],
            json!({ "ingress": [{ "from": (["10.80.0.0/16", "10.81.0.0/16"][n % 2]), "ports": 8080 }] }),
        )
    }),
    ("remote", |text, n| {
        set(
            text,
            &["cluster", "remoteNetworks"],
            json!({ "nodes": [(["10.80.0.0/16", "10.81.0.0/16"][n % 2])] }),
        )
    }),
    ("acls", |text, _| text["networkAcls"] = json!("perTier")),
    ("acl rules", |text, n| {
        text["networkAcls"] = json!("perTier");
        let rules: Vec<Value> = (0..12).map(|at| json!({ "from": format!("198.51.{}.0/24", 100 + 12 * (n % 3) + at), "ports": 8080 })).collect();
        each(text, "tiers", 0, |tier| tier["networkAcl"] = json!({ "ingress": rules }));
    }),
    ("zones", |text, n| text["zones"] = json!(2 + n % 2)),
    ("unprotected", |text, n| set(text, &["cluster", "deletionProtection"], json!(n % 2 == 0))),
    ("no cluster", |text, _| {
        ["cluster", "nodeGroups", "fargate", "addons", "awsNode", "alarms", "securityGroups"]
            .iter()
            .for_each(|key| drop_key(text, &[], key))
    }),
    ("addons", |text, n| {
        if text["cluster"].is_object() {
            text["addons"] = [
                json!(["coredns", "kube-proxy"]),
                json!(["coredns", "kube-proxy", "eks-pod-identity-agent", "aws-ebs-csi-driver"]),
            ][n % 2]
                .clone()
        }
    }),
    ("logging", |text, _| set(text, &["cluster", "logging"], json!(["api"]))),
];

fn set(text: &mut Value, path: &[&str], to: Value) {
    if text["cluster"].is_object() || path[0] == "egress" {
        let mut at = text;
        for part in &path[..path.len() - 1] {
            if !at[*part].is_object() {
                at[*part] = json!({});
            }
            at = &mut at[*part];
        }
        at[path[path.len() - 1]] = to;
    }
}

fn drop_key(text: &mut Value, path: &[&str], key: &str) {
    let at = path.iter().fold(text, |at, part| &mut at[*part]);
    _ = at.as_object_mut().map(|map| map.remove(key));
}

fn each(text: &mut Value, list: &str, n: usize, edit: impl FnOnce(&mut Value)) {
    let items = text[list].as_array_mut().filter(|items| !items.is_empty());
    _ = items.map(|items| {
        let at = n % items.len();
        edit(&mut items[at]);
    });
}

fn every(text: &mut Value, list: &str, edit: impl Fn(&mut Value)) {
    text[list].as_array_mut().into_iter().flatten().for_each(edit);
}

fn push(text: &mut Value, list: &str, item: Value) {
    _ = text[list].as_array_mut().map(|items| items.push(item));
}
