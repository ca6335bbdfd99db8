//! What a survey costs: the calls of the binary, counted by a double of EC2, EKS and STS that answers each with as little as it may.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Run, run};

const VPC: &str = "vpc-0123456789abcdef0";

type Calls = Arc<Mutex<BTreeMap<String, usize>>>;

/// The double, and the calls that it has answered; one of them may be refused.
fn double(refused: Option<String>) -> (String, Calls) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let calls = Calls::default();
    let seen = Arc::clone(&calls);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let seen = Arc::clone(&seen);
            let refused = refused.clone();
            std::thread::spawn(
                move || while answered(&stream, &seen, refused.as_deref()).is_some() {},
            );
        }
    });
    (address, calls)
}

/// One request; nothing where the connection has ended.
fn answered(stream: &TcpStream, calls: &Calls, refused: Option<&str>) -> Option<()> {
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
    // CloudWatch is asked in CBOR.
    let body = String::from_utf8_lossy(&body);
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let path = first.split_whitespace().nth(1).unwrap_or_default();
    let (name, kind, text) = match action {
        Some(action) => (action.to_string(), "text/xml", of_query(action, &body)),
        None => {
            let (name, value) = of_eks(path.split('?').next().unwrap_or_default());
            (name, "application/json", value.to_string())
        }
    };
    let is_refused = refused == Some(name.as_str());
    let (status, text) = match is_refused {
        false => ("200 OK", text),
        true if action.is_some() => ("403 Forbidden\r\nx-own: 1", "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>".to_string()),
        true => ("403 Forbidden\r\nx-amzn-errortype: AccessDeniedException", json!({ "message": "no" }).to_string()),
    };
    *calls.lock().unwrap().entry(name).or_default() += 1;
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
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
        "DescribeSubnets" => format!("<subnetSet>{}</subnetSet>", (0..9).map(subnet).collect::<String>()),
        "DescribeNetworkInterfaces" => format!("<networkInterfaceSet>{}</networkInterfaceSet>", (0..9).map(interface).collect::<String>()),
        "DescribeNatGateways" => format!("<natGatewaySet>{}</natGatewaySet>", (0..3).map(nat).collect::<String>()),
        "DescribeRouteTables" => format!("<routeTableSet>{}</routeTableSet>", (0..4).map(table).collect::<String>()),
        "DescribeSecurityGroups" => "<securityGroupInfo><item><groupId>sg-1</groupId><groupName>nodes</groupName></item></securityGroupInfo>".to_string(),
        "DescribeSecurityGroupRules" => "<securityGroupRuleSet><item><securityGroupRuleId>sgr-1</securityGroupRuleId><groupId>sg-1</groupId><isEgress>false</isEgress><ipProtocol>-1</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort><cidrIpv4>10.0.0.0/16</cidrIpv4></item></securityGroupRuleSet>".to_string(),
        "DescribeVpcBlockPublicAccessOptions" => "<vpcBlockPublicAccessOptions><internetGatewayBlockMode>off</internetGatewayBlockMode><state>default-state</state></vpcBlockPublicAccessOptions>".to_string(),
        "GetCallerIdentity" => return "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>".to_string(),
        "ListAttachedRolePolicies" | "ListRolePolicies" | "GetRole" | "DescribeAutoScalingGroups" | "DescribeScalingActivities" => {
            return format!("<{action}Response><{action}Result>{}</{action}Result></{action}Response>", of_roles_and_groups(action, body));
        }
        _ => String::new(),
    };
    format!("<{action}Response><requestId>r</requestId>{inner}</{action}Response>")
}

/// As eksnet's own: the nodes pull, and aws-node has a role by Pod Identity.
fn of_roles_and_groups(action: &str, body: &str) -> String {
    let policy = if body.contains("RoleName=nodes") {
        "AmazonEC2ContainerRegistryPullOnly"
    } else {
        "AmazonEKSClusterPolicy"
    };
    match action {
        "ListAttachedRolePolicies" => format!(
            "<AttachedPolicies><member><PolicyName>{policy}</PolicyName><PolicyArn>arn:aws:iam::aws:policy/{policy}</PolicyArn></member></AttachedPolicies><IsTruncated>false</IsTruncated>"
        ),
        "ListRolePolicies" => "<PolicyNames/><IsTruncated>false</IsTruncated>".to_string(),
        "DescribeAutoScalingGroups" => "<AutoScalingGroups><member><AutoScalingGroupName>asg-1</AutoScalingGroupName><MinSize>3</MinSize><MaxSize>6</MaxSize><DesiredCapacity>3</DesiredCapacity><VPCZoneIdentifier>subnet-3,subnet-4,subnet-5</VPCZoneIdentifier></member></AutoScalingGroups>".to_string(),
        _ => String::new(),
    }
}

/// One in each subnet: of a NAT gateway, of a node, of the control plane.
fn interface(at: usize) -> String {
    let attachment = match at / 3 {
        1 => format!(
            "<attachment><instanceId>i-{at}</instanceId><deviceIndex>0</deviceIndex><status>attached</status></attachment>"
        ),
        _ => String::new(),
    };
    let address = format!("10.0.{}.9", at * 16);
    format!(
        "<item><networkInterfaceId>eni-{at}</networkInterfaceId><subnetId>subnet-{at}</subnetId><vpcId>{VPC}</vpcId><status>in-use</status>{attachment}<privateIpAddressesSet><item><privateIpAddress>{address}</privateIpAddress><primary>true</primary></item></privateIpAddressesSet></item>"
    )
}

fn nat(at: usize) -> String {
    format!(
        "<item><natGatewayId>nat-{at}</natGatewayId><subnetId>subnet-{at}</subnetId><vpcId>{VPC}</vpcId><state>available</state></item>"
    )
}

/// Public ones, those of nodes, and those of the control plane.
fn subnet(at: usize) -> String {
    let zone = at % 3;
    format!(
        "<item><subnetId>subnet-{at}</subnetId><vpcId>{VPC}</vpcId><state>available</state><cidrBlock>10.0.{}.0/20</cidrBlock><availableIpAddressCount>4090</availableIpAddressCount><availabilityZone>eu-west-1{}</availabilityZone><availabilityZoneId>euw1-az{}</availabilityZoneId></item>",
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
            "roleArn": "arn:aws:iam::111122223333:role/cluster",
            "endpoint": "https://127.0.0.1:1", "resourcesVpcConfig": { "vpcId": VPC, "subnetIds": ["subnet-6", "subnet-7", "subnet-8"] },
        } }),
        ),
        ["clusters", _, "node-groups"] => ("ListNodegroups", json!({ "nodegroups": ["general"] })),
        ["clusters", _, "node-groups", _] => (
            "DescribeNodegroup",
            json!({ "nodegroup": {
                "nodegroupName": name, "instanceTypes": ["m6i.large"], "nodeRole": "arn:aws:iam::111122223333:role/nodes",
                "subnets": ["subnet-3", "subnet-4", "subnet-5"], "resources": { "autoScalingGroups": [{ "name": "asg-1" }] },
            } }),
        ),
        ["clusters", _, "addons"] => (
            "ListAddons",
            json!({ "addons": ["vpc-cni", "coredns", "kube-proxy", "eks-pod-identity-agent"] }),
        ),
        ["clusters", _, "addons", _] => (
            "DescribeAddon",
            json!({ "addon": { "addonName": name, "status": "ACTIVE", "addonVersion": "v1.20.4-eksbuild.1" } }),
        ),
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
            let own = json!([{ "associationId": "a-1", "namespace": "kube-system", "serviceAccount": "aws-node" }]);
            ("ListPodIdentityAssociations", json!({ "associations": own }))
        }
        ["clusters", _, "insights"] => ("ListInsights", json!({ "insights": [] })),
        ["addons", "supported-versions"] => ("DescribeAddonVersions", json!({ "addons": [] })),
        // Of CloudWatch, which answers in CBOR: an empty map of 0xa0 is no text, and whatever is no answer is no figure.
        [.., "operation", verb] => (*verb, json!({})),
        _ => (path, json!({})),
    };
    (verb.to_string(), value)
}

/// `eksnet survey` of the double's cluster.
fn surveyed(refused: Option<&str>, more: &[&str]) -> (Run, BTreeMap<String, usize>) {
    let (address, calls) = double(refused.map(str::to_string));
    let folder = tempfile::tempdir().unwrap();
    let environment = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", address.as_str()),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_MAX_ATTEMPTS", "1"),
    ];
    let arguments = ["survey", "--cluster", "prod", "--region", "eu-west-1"];
    let ran = run(folder.path(), &[&arguments, more].concat(), &environment);
    let calls = calls.lock().unwrap().clone();
    (ran, calls)
}

/// Each thing is read once, and what nothing leads to is not asked for. The cluster is the one of `three-tiers`: nine subnets, a node group,
/// four add-ons with versions, two access entries, two updates.
#[test]
fn a_survey_of_three_zones_is_some_forty_calls() {
    let (ran, calls) = surveyed(None, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let survey = ran.json();
    let counted = |list: &str| survey["vpc"][list]["read"].as_array().map(Vec::len);
    assert_eq!((counted("subnets"), counted("routeTables")), (Some(9), Some(4)), "{}", ran.out);
    assert_eq!(survey["eks"]["addons"]["read"].as_array().map(Vec::len), Some(4));
    assert_eq!(survey["header"]["account"], "111122223333");
    let all: usize = calls.values().sum();
    assert!(all <= 45, "{all}: {calls:#?}");
    let each = ["DescribeVpcs", "DescribeSubnets", "DescribeInternetGateways", "DescribeCluster"];
    let twice: Vec<&str> = each.into_iter().filter(|call| calls[*call] != 1).collect();
    assert!(twice.is_empty(), "{twice:?}: {calls:#?}");
    // Only those of nodes: what the others have is explained by their interfaces.
    assert_eq!(calls["GetSubnetCidrReservations"], 3, "{calls:#?}");
}

/// A part may be read with several calls, and only one of them is refused: its right is the one to add.
#[test]
fn a_refused_call_is_named_by_its_own_action() {
    let (_, calls) = surveyed(Some("nothing"), &["--no-kubernetes"]);
    for call in
        ["DescribeAddonVersions", "ListRolePolicies", "DescribeScalingActivities", "GetMetricData"]
    {
        assert!(calls.contains_key(call), "{call}: {calls:?}");
    }
    let mut wrong = Vec::new();
    // Without the cluster there is nothing to read.
    for call in calls.keys().filter(|call| *call != "DescribeCluster") {
        let (ran, _) = surveyed(Some(call), &["--no-kubernetes"]);
        // The double answers CloudWatch with nothing that it understands, whether it refuses or not.
        let own = |named: &&str| *call == "GetMetricData" || *named != "cloudwatch:GetMetricData";
        let named = ran.out.lines().filter_map(|line| line.trim().strip_prefix("\"action\": \""));
        let mut named: Vec<&str> =
            named.map(|line| line.trim_end_matches([',', '"'])).filter(own).collect();
        named.sort_unstable();
        named.dedup();
        let is_own = |one: &&str| one.split(':').nth(1) == Some(call);
        if named.is_empty() || !named.iter().all(is_own) {
            wrong.push(format!("{call}: {named:?} {}", ran.err));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
