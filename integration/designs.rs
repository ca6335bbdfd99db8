//! Designs of real clusters: what their blueprints come to is compared with what is known of them, and `designs/README.md` says what differs
//! and what stands around the network.

use std::collections::{BTreeMap, BTreeSet};

use eksnet::line::Compiled;
use serde_json::{Map, Value, json};

use crate::support::{build, build_over, root};

type Facts = BTreeMap<String, Map<String, Value>>;

fn folder() -> std::path::PathBuf {
    root().join("integration/designs")
}

fn facts() -> Facts {
    let text = std::fs::read_to_string(folder().join("facts.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn blueprint(design: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{design}.yaml"))).unwrap()
}

/// The cells of every row of the table below a heading of the page.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let page = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let section = page.split("\n## ").find(|part| part.starts_with(heading));
    let section = section.unwrap_or_else(|| panic!("no section {heading}"));
    let lines = section.lines().filter(|line| line.starts_with("| ")).skip(2);
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_string()).collect()
    };
    lines.map(cells).collect()
}

/// Resources of a type with their properties.
fn of<'c>(
    built: &'c Compiled,
    kind: &'static str,
) -> impl Iterator<Item = (&'c String, &'c Value)> {
    let resources = built.template.resources().filter(move |(_, one)| one["Type"] == kind);
    resources.map(|(id, one)| (id, &one["Properties"]))
}

fn count(built: &Compiled, kind: &'static str) -> Value {
    json!(of(built, kind).count())
}

/// The tag `Name`, without the blueprint's name before it.
fn named(built: &Compiled, properties: &Value) -> String {
    let tags = &properties["Tags"];
    let listed = tags.as_array().into_iter().flatten().find(|tag| tag["Key"] == "Name");
    let name = listed.map_or(&tags["Name"], |tag| &tag["Value"]).as_str().unwrap();
    name.strip_prefix(&format!("{}-", built.intent.name)).unwrap_or(name).to_string()
}

/// Tier by the logical id of each subnet.
fn tiers(built: &Compiled) -> BTreeMap<String, String> {
    let tier = |properties: &Value| {
        let name = named(built, properties);
        let tier = built.intent.tiers.iter().map(|tier| &tier.name);
        let longest =
            tier.filter(|tier| name.starts_with(&format!("{tier}-"))).max_by_key(|own| own.len());
        longest.unwrap().clone()
    };
    of(built, "AWS::EC2::Subnet").map(|(id, own)| (id.clone(), tier(own))).collect()
}

fn services(built: &Compiled, kind: &str) -> Value {
    let own = of(built, "AWS::EC2::VPCEndpoint").filter(|(_, own)| own["VpcEndpointType"] == kind);
    let region = format!(".{}.", built.intent.region.name);
    let service = |own: &Value| {
        let name = own["ServiceName"].to_string();
        let name = name.trim_matches(['"', '}', ']']).to_string();
        name.rsplit_once(&region).map(|(_, service)| service.to_string()).unwrap_or(name)
    };
    let mut found: Vec<String> = own.map(|(_, own)| service(own)).collect();
    found.sort();
    json!(found)
}

fn ranges(built: &Compiled, tier: &str, wanted: &Value) -> Value {
    let tiers = tiers(built);
    let own = of(built, "AWS::EC2::Subnet").filter(|(id, _)| tiers[*id] == tier);
    let mut found: Vec<ipnet::Ipv4Net> =
        own.map(|(_, own)| own["CidrBlock"].as_str().unwrap().parse().unwrap()).collect();
    found.sort();
    if wanted.is_array() {
        return json!(found.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    let lengths: BTreeSet<u8> = found.iter().map(|cidr| cidr.prefix_len()).collect();
    json!({ "count": found.len(), "prefixLength": lengths.first().filter(|_| lengths.len() == 1) })
}

fn cluster(built: &Compiled, fact: &str) -> Value {
    let (_, own) = of(built, "AWS::EKS::Cluster").next().unwrap();
    let network = &own["ResourcesVpcConfig"];
    let tiers = tiers(built);
    match fact {
        "privateEndpoint" => network["EndpointPrivateAccess"].clone(),
        "publicEndpoint" => network["EndpointPublicAccess"].clone(),
        "secretsKey" => json!(own["EncryptionConfig"].is_array()),
        "version" => own["Version"].clone(),
        "remoteNetworks" => json!(own["RemoteNetworkConfig"].is_object()),
        "logging" => {
            let types = &own["Logging"]["ClusterLogging"]["EnabledTypes"];
            json!(
                types.as_array().into_iter().flatten().map(|one| &one["Type"]).collect::<Vec<_>>()
            )
        }
        "subnets" => {
            let ids = network["SubnetIds"].as_array().unwrap().iter();
            let own: BTreeSet<_> = ids.map(|id| &tiers[id["Ref"].as_str().unwrap()]).collect();
            json!(own.into_iter().cloned().collect::<Vec<_>>().join(" and "))
        }
        other => panic!("{other}"),
    }
}

/// The values of the vpc-cni add-on.
fn values(built: &Compiled) -> Value {
    let of_cni = |own: &&Value| own["AddonName"] == "vpc-cni";
    let Some(own) = of(built, "AWS::EKS::Addon").map(|(_, own)| own).find(of_cni) else {
        return Value::Null;
    };
    let text = own["ConfigurationValues"]["Fn::Sub"].as_str();
    let text = text.or(own["ConfigurationValues"].as_str()).unwrap_or("{}");
    serde_json::from_str(text).unwrap()
}

fn configuration(built: &Compiled, fact: &str, wanted: &Value) -> Value {
    let own = &values(built)[fact];
    if *wanted == json!(true) { json!(own.is_object()) } else { own.clone() }
}

/// What the launch template of a node group says.
fn data<'c>(built: &'c Compiled, group: &Value) -> &'c Value {
    let template = group["LaunchTemplate"]["Id"]["Ref"].as_str().unwrap();
    &built.template.resource(template).unwrap()["Properties"]["LaunchTemplateData"]
}

fn node_group(built: &Compiled, name: &str, fact: &str) -> Value {
    let found = of(built, "AWS::EKS::Nodegroup").find(|(_, own)| named(built, own) == name);
    let Some((_, own)) = found else { return Value::Null };
    match fact {
        // A group of a Capacity Block has its type in the launch template.
        "instanceTypes" if own["InstanceTypes"].is_null() => {
            json!([data(built, own)["InstanceType"]])
        }
        "instanceTypes" => own["InstanceTypes"].clone(),
        "min" => own["ScalingConfig"]["MinSize"].clone(),
        "desired" => own["ScalingConfig"]["DesiredSize"].clone(),
        "max" => own["ScalingConfig"]["MaxSize"].clone(),
        "capacity" => own["CapacityType"].clone(),
        "ami" => own["AmiType"].clone(),
        "disk" => {
            let disks = data(built, own)["BlockDeviceMappings"].as_array().unwrap();
            disks.last().unwrap()["Ebs"]["VolumeSize"].clone()
        }
        other => panic!("{other}"),
    }
}

/// (fact, what is known, what the template has) of everything that is known of a design.
fn compared(built: &Compiled, known: &Map<String, Value>) -> Vec<(String, Value, Value)> {
    let mut found = Vec::new();
    for (fact, wanted) in known.iter().filter(|(fact, _)| !AROUND.contains(&fact.as_str())) {
        let inner = wanted.as_object().into_iter().flatten();
        let mut each = |read: &dyn Fn(&str, &Value) -> Value| {
            let rows = inner.clone();
            found.extend(
                rows.map(|(key, value)| (format!("{fact}.{key}"), value.clone(), read(key, value))),
            );
        };
        match fact.as_str() {
            "subnets" => each(&|tier, value| ranges(built, tier, value)),
            "cluster" => each(&|key, _| cluster(built, key)),
            "awsNode" => each(&|key, _| values(built)["env"][key].clone()),
            "addonConfiguration" => each(&|key, value| configuration(built, key, value)),
            "nodeGroups" => {
                for (name, group) in inner {
                    let facts = group.as_object().unwrap().iter();
                    found.extend(facts.map(|(key, value)| {
                        let own = node_group(built, name, key);
                        (format!("{fact}.{name}.{key}"), value.clone(), own)
                    }));
                }
            }
            "natGateways" => {
                found.push((fact.clone(), wanted.clone(), count(built, "AWS::EC2::NatGateway")))
            }
            "elasticIps" => {
                found.push((fact.clone(), wanted.clone(), count(built, "AWS::EC2::EIP")))
            }
            "gatewayEndpoints" => {
                found.push((fact.clone(), wanted.clone(), services(built, "Gateway")))
            }
            "interfaceEndpoints" => {
                found.push((fact.clone(), wanted.clone(), services(built, "Interface")))
            }
            other => panic!("{other}"),
        }
    }
    found
}

/// Facts about a design that are in no template.
const AROUND: &[&str] = &["source", "tool", "needs"];

/// Lists whose order means something are node groups' types alone.
fn is_same(fact: &str, known: &Value, own: &Value) -> bool {
    let sorted = |value: &Value| {
        let mut texts: Vec<String> =
            value.as_array().into_iter().flatten().map(Value::to_string).collect();
        texts.sort();
        texts
    };
    let ordered = fact.starts_with("nodeGroups");
    known == own || !ordered && known.is_array() && own.is_array() && sorted(known) == sorted(own)
}

/// Every difference has its reason on the page, and nothing there is made up.
#[test]
fn templates_of_designs_hold_the_facts() {
    let (mut differ, mut all) = (BTreeSet::new(), 0);
    for (design, known) in facts() {
        let built = build(&blueprint(&design));
        for (fact, wanted, own) in compared(&built, &known) {
            all += 1;
            if !is_same(&fact, &wanted, &own) {
                let cells = [design.clone(), fact, wanted.to_string(), own.to_string()];
                differ.insert(cells.map(|cell| cell.replace(['"', '`'], "")).to_vec());
            }
        }
    }
    let written = rows("Facts that differ").into_iter();
    let written: BTreeSet<Vec<String>> =
        written.map(|row| row[..4].iter().map(|cell| cell.replace('`', "")).collect()).collect();
    assert_eq!(differ, written, "of {all} facts");
    assert!(200 < all, "{all}");
}

/// Each thing that a design needs beside its network is said somewhere, with its reason where no blueprint says it.
#[test]
fn everything_that_designs_need_is_on_the_page() {
    let rows = rows("What belongs around the network");
    let ways: BTreeMap<&str, &[String]> =
        rows.iter().map(|row| (row[0].trim_matches('`'), &row[1..])).collect();
    let mut needed = BTreeSet::new();
    for (design, known) in facts() {
        let text = blueprint(&design);
        for need in known["needs"].as_array().unwrap().iter().map(|need| need.as_str().unwrap()) {
            needed.insert(need.to_string());
            let way = ways.get(need).unwrap_or_else(|| panic!("{need} of {design}"));
            let key = way[1].split('`').nth(1).unwrap_or_default();
            let last = key.rsplit(['.', '/']).next().unwrap();
            let said = match way[0].as_str() {
                "key" | "patch" => !last.is_empty() && text.contains(last),
                "another stack" | "the cluster" | "nothing" => true,
                other => panic!("{need}: {other}"),
            };
            assert!(said, "{design} needs {need}: `{key}` is not in its blueprint");
        }
    }
    assert_eq!(needed, ways.keys().map(ToString::to_string).collect());
}

#[test]
fn keys_that_the_page_names_exist() {
    let keys = std::fs::read_to_string(root().join("docs/reference/keys.md")).unwrap();
    for row in rows("What belongs around the network").iter().filter(|row| row[1] == "key") {
        let key = row[2].split('`').nth(1).unwrap();
        assert!(keys.contains(&format!("| `{key}` |")), "{key}");
    }
}

/// A design is as stable as any blueprint.
#[test]
fn designs_keep_their_addresses_over_their_own_ledger() {
    for design in facts().keys() {
        let first = build(&blueprint(design));
        let again = build_over(&blueprint(design), Some(&first.plan.ledger));
        assert_eq!(first.template.to_json(), again.template.to_json(), "{design}");
    }
}

/// What designs need beside the blueprint's stack is a stack that imports the outputs.
#[test]
fn stacks_beside_import_what_their_blueprints_export() {
    let files = std::fs::read_dir(folder().join("beside")).unwrap();
    let mut texts = Vec::new();
    for path in files.map(|entry| entry.unwrap().path()) {
        let design = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let (built, beside) = (build(&blueprint(&design)), stack::read(&text));
        let imports = stack::imports(&beside.value);
        let exported = stack::exports(&built.template);
        let strange: Vec<_> = imports.difference(&exported).collect();
        assert!(strange.is_empty() && !imports.is_empty(), "{design}: {strange:?}");
        // Patches may name what the stack beside exports.
        let back = stack::imports(&built.template.value);
        let exported = stack::exports(&beside);
        let strange: Vec<_> = back.difference(&exported).collect();
        assert!(strange.is_empty(), "{design}: {strange:?}");
        texts.push(text);
    }
    let page = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let named = page.split("With a stack beside it").nth(1).unwrap();
    let named = named.split(':').next().unwrap();
    let numbers = named.split(|one: char| !one.is_ascii_digit()).filter(|one| one.len() == 2);
    assert_eq!(numbers.count(), texts.len());
    stack::lint(&texts);
}

/// Templates of stacks beside the blueprint's.
pub mod stack {
    use std::collections::BTreeSet;
    use std::process::Command;

    use eksnet::template::Template;
    use serde_json::Value;

    pub fn read(text: &str) -> Template {
        Template::parse(text).unwrap_or_else(|failure| panic!("{failure:?}\n{text}"))
    }

    pub fn exports(template: &Template) -> BTreeSet<String> {
        let outputs = template.value["Outputs"].as_object().into_iter().flatten();
        outputs.filter_map(|(_, one)| Some(one["Export"]["Name"].as_str()?.to_string())).collect()
    }

    /// Everything that is named by `Fn::ImportValue`.
    pub fn imports(value: &Value) -> BTreeSet<String> {
        match value {
            Value::Array(items) => items.iter().flat_map(imports).collect(),
            Value::Object(map) => {
                let own = map.get("Fn::ImportValue").and_then(Value::as_str).map(str::to_string);
                own.into_iter().chain(map.values().flat_map(imports)).collect()
            }
            _ => BTreeSet::new(),
        }
    }

    /// cfn-lint knows the properties of every type. A Local Zone is named by its name.
    pub fn lint(texts: &[String]) {
        let Some(python) = crate::python::environment() else { return };
        let folder = tempfile::tempdir().unwrap();
        let files = texts.iter().enumerate().map(|(at, text)| {
            let path = folder.path().join(format!("{at}.yaml"));
            std::fs::write(&path, text).unwrap();
            path
        });
        let files: Vec<_> = files.collect();
        let mut lint = Command::new(python.join("bin/cfn-lint"));
        let said =
            lint.args(["-r", "us-west-2", "-i", "W3010", "--"]).args(files).output().unwrap();
        let text = String::from_utf8_lossy(&said.stdout);
        assert!(said.status.success(), "{text}{}", String::from_utf8_lossy(&said.stderr));
    }
}
