//! Blueprints that are nearly valid, grown from the language's own JSON Schema with values that people write: whatever is wrong with
//! one has a place and a rule, and one without an error becomes a template that holds together.

use eksnet::blueprint;
use eksnet::diagnostic::any_error;
use eksnet::render::reach::{self, SOMEBODY};
use eksnet::rules;
use eksnet::source::Source;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{CLEAN, build, findings};

/// A small generator of its own: a seed is a blueprint.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).unwrap()
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
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
        &["tgw-1", "vgw-1", "pcx-1", "eni-1", "vpce-1", "nat-1", "igw-1", "tgw-rtb-1"],
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
    (&["elasticIps", "addresses"], &["eipalloc-1", "eipalloc-2", "eipalloc-3", "x"]),
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
    let mut dice = Dice(seed | 1);
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
            // KubernetesChanges what is there, so that the rest still fits.
            (Value::Object(old), Value::Object(new)) => old.extend(new),
            (Value::Array(old), Value::Array(new)) => old.extend(new),
            (place, fresh) => *place = fresh,
        }
    }
    serde_yaml::to_string(&value).unwrap()
}

fn held(text: &str) -> Result<(), TestCaseError> {
    let found = findings(text);
    let source = Source::new("test.yaml", text);
    for finding in &found {
        let row = rules::find(finding.rule.id);
        prop_assert!(row.is_some(), "{} is in no book\n{text}", finding.rule.id);
        let at = finding.at.clone();
        prop_assert!(
            at.as_ref()
                .is_some_and(|at| at.start <= text.len()
                    && source.place(at.start).line <= text.lines().count()),
            "{finding:?} has no place\n{text}"
        );
        prop_assert!(
            finding.hint.is_some()
                || finding.rule.id.starts_with("YAML")
                || finding.rule.id == "BP-03",
            "{finding:?} shows no way out\n{text}"
        );
    }
    if any_error(&found) {
        return Ok(());
    }
    let built = build(text);
    for id in built.graph.resources.keys() {
        for need in built.graph.needs(id) {
            prop_assert!(
                built.graph.resources.contains_key(&need),
                "{id} refers to {need}\n{text}"
            );
        }
    }
    for subnet in built.plan.subnets.iter().map(eksnet::graph::subnet_id) {
        let way =
            reach::way(&reach::Reach::of(&built.template), &subnet, SOMEBODY.parse().unwrap());
        prop_assert!(!matches!(way, reach::Way::DeadEnd(_)), "{subnet}: {way:?}\n{text}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn what_is_nearly_valid_is_judged_on_its_lines_or_built(seed in any::<u64>()) {
        held(&blueprint_of(seed))?;
    }
}

/// The generator would be of no use if it never got past the checks, or never failed them.
#[test]
fn both_kinds_come_up() {
    let clean = (1..=300u64)
        .filter(|seed| {
            !any_error(&findings(&blueprint_of(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))))
        })
        .count();
    assert!((10..=290).contains(&clean), "{clean} of 300 are without an error");
}
