//! Blueprints that are nearly valid, grown from the language's own JSON Schema with values that people write: whatever is wrong with
//! one has a place and a rule, and one without an error becomes a template that holds together.

use eksnet::blueprint;
use eksnet::diagnostic::{Span, any_error};
use eksnet::render::reach::{self, SOMEBODY};
use eksnet::rules;
use eksnet::source::Source;
use eksnet::template::Template;
use serde_json::{Map, Value, json};

use crate::support::{CLEAN, build, findings};

/// How many cases a generated test runs: `usual` of them, or as many thousands as `EKSNET_CASES` says.
pub fn cases(usual: usize) -> usize {
    let asked = std::env::var("EKSNET_CASES").ok().and_then(|text| text.parse().ok());
    asked.map_or(usual, |thousands: usize| thousands * 1_000)
}

/// A small generator of its own: a seed is a blueprint.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).unwrap()
    }

    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        let at = self.roll(from.len());
        &from[at]
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }
}

/// What people write where a text is wanted, by the key it stands under; the last row is for all others.
const WORDS: &[(&[&str], &[&str])] = &[
    (
        &[
            "cidr",
            "from",
            "to",
            "serviceCidr",
            "secondaryCidrs",
            "keepFree",
            "destinations",
            "publicCidrs",
            "excludeCidrs",
            "nodes",
            "pods",
            "advertise",
            "cidrs",
        ],
        &[
            "10.40.0.0/16",
            "10.41.0.0/16",
            "10.40.64.0/20",
            "100.64.0.0/16",
            "100.64.0.0/10",
            "0.0.0.0/0",
            "::/0",
            "172.20.0.0/16",
            "192.168.0.0/16",
            "203.0.113.0/24",
            "10.0.0.0/8",
            "natGateways",
            "fd00::/8",
            "pl-01234567",
            "sg-01234567",
            "10.40.0.1/16",
            "x",
        ],
    ),
    (&["size"], &["/16", "/20", "/24", "/27", "/28", "/29", "auto", "24"]),
    (&["zones"], &["eu-west-1a", "eu-west-1b", "euw1-az1", "euw1-az2", "euw1-az3", "use1-az3"]),
    (
        &["tier", "serves", "name", "renamedFrom"],
        &[
            "public",
            "nodes",
            "pods",
            "control-plane",
            "general",
            "jobs",
            "transit",
            "a",
            "A",
            "coredns",
            "eks-pod-identity-agent",
            "",
        ],
    ),
    (
        &["via", "id", "routeTable"],
        &[
            "tgw-00000000000000001",
            "vgw-00000000000000001",
            "pcx-1",
            "eni-1",
            "vpce-1",
            "nat-1",
            "igw-1",
            "tgw-rtb-00000000000000001",
        ],
    ),
    (
        &["instanceTypes"],
        &[
            "m6i.large",
            "m6i.16xlarge",
            "t3.medium",
            "m4.large",
            "m7g.large",
            "p5.48xlarge",
            "m6i.lrge",
        ],
    ),
    (
        &["version"],
        &[
            "1.35",
            "1.34",
            "1.20",
            "default",
            "latest",
            "v1.21.1-eksbuild.1",
            "v1.9.0-eksbuild.1",
            "x",
        ],
    ),
    (&["include", "exclude"], &["s3", "kms", "ecr.api", "logs", "monitoring", "dynamodb", "x"]),
    (
        &["elasticIps", "addresses"],
        &[
            "eipalloc-00000000000000001",
            "eipalloc-00000000000000002",
            "eipalloc-00000000000000003",
            "x",
        ],
    ),
    (
        &["addons"],
        &[
            "coredns",
            "kube-proxy",
            "eks-pod-identity-agent",
            "vpc-cni",
            "external-dns",
            "aws-efs-csi-driver",
        ],
    ),
    (
        &["notify", "principal", "key", "secretsKey", "bucket"],
        &[
            "arn:aws:iam::111122223333:role/ops",
            "arn:aws:sns:eu-west-1:111122223333:x",
            "arn:aws:s3:::logs",
            "x",
        ],
    ),
    (&["policy"], &["AmazonEKSClusterAdminPolicy", "Admin"]),
    (&["env"], &["true", "false", "0", "1280", "9001", "DEBUG"]),
    (
        &[],
        &[
            "1",
            "true",
            "x",
            "{{x}}",
            "${Vpc}",
            "# no",
            "a: b",
            "é",
            "arn:aws:s3:::x",
            "443",
            "30000-32767",
        ],
    ),
];

/// Keys of maps whose keys are free.
const KEYS: &[&str] = &[
    "euw1-az1",
    "euw1-az2",
    "eu-west-1a",
    "team",
    "WARM_IP_TARGET",
    "ENABLE_POD_ENI",
    "MAX_ENI",
    "AWS_VPC_ENI_MTU",
    "kubernetes.io/role/elb",
    "kubernetes.io/role/cni",
    "Ref",
    "aws:x",
    "",
];

fn word(dice: &mut Dice, key: &str) -> String {
    let row = WORDS.iter().find(|(keys, _)| keys.contains(&key)).unwrap_or(&WORDS[WORDS.len() - 1]);
    let row = if dice.one_in(20) { &WORDS[WORDS.len() - 1] } else { row };
    (*dice.pick(row.1)).to_string()
}

fn grown(dice: &mut Dice, whole: &Value, schema: &Value, key: &str) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return grown(dice, whole, &whole["$defs"][name.rsplit('/').next().unwrap()], key);
    }
    for many in ["anyOf", "oneOf"] {
        if let Some(options) = schema[many].as_array() {
            let option = dice.pick(options).clone();
            return grown(dice, whole, &option, key);
        }
    }
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    if let Some(words) = schema["enum"].as_array() {
        return dice.pick(words).clone();
    }
    let kinds: Vec<&str> = schema["type"].as_array().map_or_else(
        || schema["type"].as_str().into_iter().collect(),
        |all| all.iter().filter_map(Value::as_str).collect(),
    );
    let kinds: Vec<&str> = kinds.into_iter().filter(|kind| *kind != "null").collect();
    match kinds.first().copied() {
        Some("object") => object(dice, whole, schema, key),
        Some("array") => {
            (0..dice.roll(3)).map(|_| grown(dice, whole, &schema["items"], key)).collect()
        }
        Some("integer") => json!(*dice.pick(&[0u32, 1, 2, 3, 5, 20, 60, 80, 443, 50_000, 200_000])),
        Some("boolean") => json!(dice.one_in(2)),
        _ => json!(word(dice, key)),
    }
}

fn object(dice: &mut Dice, whole: &Value, schema: &Value, key: &str) -> Value {
    let mut map = Map::new();
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        let wanted = required.contains(&name.as_str()) || dice.one_in(4);
        if wanted && !dice.one_in(60) {
            let value = grown(dice, whole, inner, name);
            map.insert(name.clone(), value);
        }
    }
    let free = &schema["additionalProperties"];
    for _ in 0..if free.is_object() { dice.roll(3) } else { 0 } {
        let value = grown(dice, whole, free, key);
        map.insert((*dice.pick(KEYS)).to_string(), value);
    }
    Value::Object(map)
}

/// The clean blueprint with a few parts grown anew.
fn blueprint_of(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let schema = blueprint::schema();
    let mut value: Value = serde_yaml::from_str(CLEAN).unwrap();
    let parts: Vec<&String> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|part| !["apiVersion", "kind", "metadata"].contains(&part.as_str()))
        .collect();
    for _ in 0..=dice.roll(3) {
        let part = (*dice.pick(&parts)).clone();
        let fresh = grown(&mut dice, &schema, &schema["properties"][&part], &part);
        match (&mut value[&part], fresh) {
            // Beside what is there, so that the rest still fits.
            (Value::Object(old), Value::Object(new)) => old.extend(new),
            (Value::Array(old), Value::Array(new)) => old.extend(new),
            (place, fresh) => *place = fresh,
        }
    }
    serde_yaml::to_string(&value).unwrap()
}

fn held(text: &str) -> bool {
    let found = findings(text);
    let source = Source::new("test.yaml", text);
    for finding in &found {
        let row = rules::find(finding.rule.id);
        assert!(row.is_some(), "{} is in no book\n{text}", finding.rule.id);
        let inside = |at: &Span| {
            at.start <= text.len() && source.place(at.start).line <= text.lines().count().max(1)
        };
        assert!(finding.at.as_ref().is_some_and(inside), "{finding:?} has no place\n{text}");
        let shows = finding.hint.is_some()
            || finding.rule.id.starts_with("YAML")
            || finding.rule.id == "BP-03";
        assert!(shows, "{finding:?} shows no way out\n{text}");
    }
    if any_error(&found) {
        return false;
    }
    let built = build(text);
    for id in built.graph.resources.keys() {
        for need in built.graph.needs(id) {
            assert!(built.graph.resources.contains_key(&need), "{id} refers to {need}\n{text}");
        }
    }
    let ways = reach::Reach::of(&built.template);
    for subnet in built.plan.subnets.iter().map(eksnet::graph::subnet_id) {
        let way = reach::way(&ways, &subnet, SOMEBODY.parse().unwrap());
        assert!(!matches!(way, reach::Way::DeadEnd(_)), "{subnet}: {way:?}\n{text}");
    }
    let reread = Template::parse(&built.template.to_yaml()).unwrap();
    assert_eq!(reread.to_json(), built.template.to_json(), "{text}");
    true
}

#[test]
fn what_is_nearly_valid_is_judged_on_its_lines_or_built() {
    (0..cases(3_000) as u64).for_each(|seed| _ = held(&blueprint_of(seed)));
}

/// A value of a blueprint that is fine, changed for another one of its kind, or taken out.
fn changed(value: &mut Value, key: &str, dice: &mut Dice) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let at = dice.roll(map.len());
            let Some(name) = map.keys().nth(at).cloned() else { return };
            if dice.one_in(12) {
                map.remove(&name);
            } else {
                changed(&mut map[&name], &name, dice);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = dice.roll(items.len());
            match dice.roll(8) {
                0 => _ = items.remove(at),
                1 => items.push(items[at].clone()),
                _ => changed(&mut items[at], key, dice),
            }
        }
        Value::Bool(truth) => *truth = !*truth,
        Value::Number(number) => {
            let number = number.as_u64().unwrap_or(0);
            *value = json!(*dice.pick(&[
                0,
                1,
                number + 1,
                number * 2,
                number / 2,
                65_536,
                4_294_967_296
            ]));
        }
        Value::String(text) if dice.one_in(3) => text.push_str(
            dice.pick::<&str>(&["x", "0", " ", "\u{7f}", "\n", "{{x}}", "\"", "é", "/24"]),
        ),
        _ => *value = json!(word(dice, key)),
    }
}

#[test]
fn whatever_check_passes_renders() {
    let seeds = seeds();
    let mut dice = Dice::new(7);
    let count = cases(2_000);
    let built = (0..count)
        .filter(|_| {
            let mut value = dice.pick(&seeds).clone();
            (0..=dice.roll(3)).for_each(|_| changed(&mut value, "", &mut dice));
            held(&serde_yaml::to_string(&value).unwrap())
        })
        .count();
    assert!(count / 10 < built, "{built} of {count} are built: too few to prove anything");
}

/// Every example but those in a VPC that exists: without a survey nothing is planned there.
fn seeds() -> Vec<Value> {
    let read = |(_, path): &(String, std::path::PathBuf)| -> Value {
        serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let all = crate::support::blueprints();
    all.iter().map(read).filter(|text| text["vpc"]["id"].is_null()).collect()
}

/// A part of what the property above builds, as a linter of CloudFormation reads it.
#[test]
fn whatever_renders_is_taken_by_cfn_lint() {
    let Some(python) = crate::python::environment() else {
        return;
    };
    let seeds = seeds();
    let (mut dice, folder) = (Dice::new(11), tempfile::tempdir().unwrap());
    let mut templates = Vec::new();
    while templates.len() < cases(24) {
        let mut value = dice.pick(&seeds).clone();
        (0..=dice.roll(3)).for_each(|_| changed(&mut value, "", &mut dice));
        let text = serde_yaml::to_string(&value).unwrap();
        if held(&text) {
            let path = folder.path().join(format!("{}.yaml", templates.len()));
            std::fs::write(&path, build(&text).template.to_yaml()).unwrap();
            templates.push(path);
        }
    }
    let mut lint = std::process::Command::new(python.join("bin/cfn-lint"));
    // `${Vpc}` is among the words that an author writes, and a description holds it as it is.
    let lint = lint.args(["--ignore-checks", "E1029", "--"]).args(&templates).output().unwrap();
    let said = String::from_utf8_lossy(&lint.stdout);
    assert!(lint.status.success() && said.is_empty(), "{said}");
}

/// The generator would be of no use if it never got past the checks, or never failed them.
#[test]
fn both_kinds_come_up() {
    let clean = (1..=300u64).filter(|seed| !any_error(&findings(&blueprint_of(*seed)))).count();
    assert!((10..=290).contains(&clean), "{clean} of 300 are without an error");
}
