//! What a survey costs: the calls of the binary, counted by a double of EC2, EKS and STS that answers each with as little as it may.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::run;

const VPC: &str = "vpc-0123456789abcdef0";

type Calls = Arc<Mutex<BTreeMap<String, usize>>>;

/// The double, and the calls that it has answered.
fn double() -> (String, Calls) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let calls = Calls::default();
    let seen = Arc::clone(&calls);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let seen = Arc::clone(&seen);
            std::thread::spawn(move || while answered(&stream, &seen).is_some() {});
        }
    });
    (address, calls)
}

/// One request; nothing where the connection has ended.
fn answered(stream: &TcpStream, calls: &Calls) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| 0 < *read)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        let lower = line.to_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let path = first.split_whitespace().nth(1).unwrap_or_default();
    let (name, kind, text) = match action {
        Some(action) => (action.to_string(), "text/xml", of_query(action, &body)),
        None => {
            let (name, value) = of_eks(path.split('?').next().unwrap_or_default());
            (name, "application/json", value.to_string())
        }
    };
    *calls.lock().unwrap().entry(name).or_default() += 1;
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        text.len()
    );
    let mut stream = stream;
    stream.write_all((head + &text).as_bytes()).ok()
}

fn of_query(action: &str, body: &str) -> String {
    let inner = match action {
        "DescribeVpcs" => format!(
            "<vpcSet><item><vpcId>{VPC}</vpcId><ownerId>111122223333</ownerId><state>available</state><cidrBlock>10.0.0.0/16</cidrBlock><dhcpOptionsId>dopt-1</dhcpOptionsId><cidrBlockAssociationSet><item><associationId>vpc-cidr-assoc-1</associationId><cidrBlock>10.0.0.0/16</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState></item></cidrBlockAssociationSet></item></vpcSet>"
        ),
        "DescribeVpcAttribute" => {
            let name = if body.contains("enableDnsSupport") { "enableDnsSupport" } else { "enableDnsHostnames" };
            format!("<vpcId>{VPC}</vpcId><{name}><value>true</value></{name}>")
        }
        "DescribeSubnets" => format!("<subnetSet>{}</subnetSet>", (0..6).map(subnet).collect::<String>()),
        "DescribeRouteTables" => format!("<routeTableSet>{}</routeTableSet>", (0..4).map(table).collect::<String>()),
        "DescribeSecurityGroups" => "<securityGroupInfo><item><groupId>sg-1</groupId><groupName>nodes</groupName></item></securityGroupInfo>".to_string(),
        "DescribeSecurityGroupRules" => "<securityGroupRuleSet><item><securityGroupRuleId>sgr-1</securityGroupRuleId><groupId>sg-1</groupId><isEgress>false</isEgress><ipProtocol>-1</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort><cidrIpv4>10.0.0.0/16</cidrIpv4></item></securityGroupRuleSet>".to_string(),
        "DescribeVpcBlockPublicAccessOptions" => "<vpcBlockPublicAccessOptions><internetGatewayBlockMode>off</internetGatewayBlockMode><state>default-state</state></vpcBlockPublicAccessOptions>".to_string(),
        "GetCallerIdentity" => return "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>".to_string(),
        _ => String::new(),
    };
    format!("<{action}Response><requestId>r</requestId>{inner}</{action}Response>")
}

fn subnet(at: usize) -> String {
    let zone = at % 3;
    format!(
        "<item><subnetId>subnet-{at}</subnetId><vpcId>{VPC}</vpcId><state>available</state><cidrBlock>10.0.{}.0/20</cidrBlock><availableIpAddressCount>4000</availableIpAddressCount><availabilityZone>eu-west-1{}</availabilityZone><availabilityZoneId>euw1-az{}</availabilityZoneId></item>",
        at * 16,
        ["a", "b", "c"][zone],
        zone + 1
    )
}

fn table(at: usize) -> String {
    let (target, id) = if at == 0 { ("gatewayId", "igw-1") } else { ("natGatewayId", "nat-1") };
    format!(
        "<item><routeTableId>rtb-{at}</routeTableId><routeSet><item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state></item><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><{target}>{id}</{target}><state>active</state></item></routeSet></item>"
    )
}

/// The verb of EKS's that a path is, and its answer.
fn of_eks(path: &str) -> (String, Value) {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let name = parts.last().copied().unwrap_or_default();
    let (verb, value) = match parts.as_slice() {
        ["clusters", _] => (
            "DescribeCluster",
            json!({ "cluster": {
            "name": "prod", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod", "status": "ACTIVE", "version": "1.34",
            "endpoint": "https://127.0.0.1:1", "resourcesVpcConfig": { "vpcId": VPC, "subnetIds": ["subnet-0"] },
        } }),
        ),
        ["clusters", _, "node-groups"] => ("ListNodegroups", json!({ "nodegroups": ["general"] })),
        ["clusters", _, "node-groups", _] => (
            "DescribeNodegroup",
            json!({ "nodegroup": { "nodegroupName": name, "instanceTypes": ["m6i.large"] } }),
        ),
        ["clusters", _, "addons"] => {
            ("ListAddons", json!({ "addons": ["vpc-cni", "coredns", "kube-proxy"] }))
        }
        ["clusters", _, "addons", _] => {
            ("DescribeAddon", json!({ "addon": { "addonName": name, "status": "ACTIVE" } }))
        }
        ["clusters", _, "access-entries"] => (
            "ListAccessEntries",
            json!({ "accessEntries": ["arn:aws:iam::111122223333:role/nodes", "arn:aws:iam::111122223333:role/ops"] }),
        ),
        ["clusters", _, "access-entries", _] => {
            ("DescribeAccessEntry", json!({ "accessEntry": { "type": "EC2_LINUX" } }))
        }
        ["clusters", _, "updates"] => ("ListUpdates", json!({ "updateIds": ["1", "2"] })),
        ["clusters", _, "updates", _] => {
            ("DescribeUpdate", json!({ "update": { "id": name, "status": "Successful" } }))
        }
        ["clusters", _, "fargate-profiles"] => {
            ("ListFargateProfiles", json!({ "fargateProfileNames": [] }))
        }
        ["clusters", _, "pod-identity-associations"] => {
            ("ListPodIdentityAssociations", json!({ "associations": [] }))
        }
        ["clusters", _, "insights"] => ("ListInsights", json!({ "insights": [] })),
        _ => (path, json!({})),
    };
    (verb.to_string(), value)
}

/// Each thing is read once, and what nothing leads to is not asked for.
#[test]
fn a_survey_of_three_zones_is_forty_calls() {
    let (address, calls) = double();
    let folder = tempfile::tempdir().unwrap();
    let environment = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", address.as_str()),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_MAX_ATTEMPTS", "1"),
    ];
    let arguments = ["survey", "--cluster", "prod", "--region", "eu-west-1"];
    let ran = run(folder.path(), &arguments, &environment);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let survey = ran.json();
    let counted = |list: &str| survey["vpc"][list]["read"].as_array().map(Vec::len);
    assert_eq!((counted("subnets"), counted("routeTables")), (Some(6), Some(4)), "{}", ran.out);
    assert_eq!(survey["eks"]["addons"]["read"].as_array().map(Vec::len), Some(3));
    assert_eq!(survey["header"]["account"], "111122223333");
    let calls = calls.lock().unwrap();
    let all: usize = calls.values().sum();
    assert!(all <= 40, "{all}: {calls:#?}");
    let each = ["DescribeVpcs", "DescribeSubnets", "DescribeInternetGateways", "DescribeCluster"];
    let twice: Vec<&str> = each.into_iter().filter(|call| calls[*call] != 1).collect();
    assert!(twice.is_empty(), "{twice:?}: {calls:#?}");
}
