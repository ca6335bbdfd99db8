//! Designs that people run: no rule may call one an error. What is worth a word is a warning, and listed with the design.

use crate::support::{blueprints, build, findings};

struct Design {
    name: &'static str,
    /// Beside `apiVersion`, `kind` and `metadata`.
    text: &'static str,
    warnings: &'static [&'static str],
}

const ACCESS: &str = "  access: [{ principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSClusterAdminPolicy }]\n";
const HEAD: &str =
    "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: eu-west-1 }\n";

/// `PRIVATE` stands for a cluster with a closed API that people reach, `ACCESS` for an access entry.
const DESIGNS: &[Design] = &[
    Design {
        name: "a spoke whose endpoints are in a hub VPC",
        text: "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/8] } }

tiers:
  - { name: nodes, size: /20, egress: none, serves: [nodes] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
  - { name: transit, size: /28, egress: none, serves: [transit] }
PRIVATE
nodeGroups: [{ name: general, instanceTypes: [m6i.large] }]
",
        warnings: &["NODE-09"],
    },
    Design {
        name: "a spoke with S3's gateway of its own, and the other endpoints in a hub VPC",
        text: "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/8] } }
endpoints: { exclude: [ecr.api, ecr.dkr, ec2, sts, eks, eks-auth, elasticloadbalancing, autoscaling, logs, ssm, ssmmessages] }
tiers:
  - { name: nodes, size: /20, egress: none, serves: [nodes] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
  - { name: transit, size: /28, egress: none, serves: [transit] }
PRIVATE
nodeGroups: [{ name: general, instanceTypes: [m6i.large] }]
",
        warnings: &["NODE-09"],
    },
    Design {
        name: "egress through a firewall VPC, in two halves",
        text: "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [0.0.0.0/1, 128.0.0.0/1] } }
tiers:
  - { name: nodes, size: /20, egress: none, serves: [nodes] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
  - { name: transit, size: /28, egress: none, serves: [transit] }
PRIVATE
nodeGroups: [{ name: general, instanceTypes: [m6i.large] }]
",
        warnings: &[],
    },
    Design {
        name: "Auto Mode in a spoke with a hub",
        text: "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/8] } }
tiers:
  - { name: nodes, size: /20, egress: none, serves: [nodes] }
  - { name: transit, size: /28, egress: none, serves: [transit] }
PRIVATE
  autoMode: {}
",
        warnings: &["NODE-09"],
    },
    Design {
        name: "Auto Mode behind a VPN gateway that learns the default route",
        text: "egress: { vpnGateway: { id: vgw-00000000000000001 } }
tiers: [{ name: nodes, size: /20, egress: none, serves: [nodes] }]
PRIVATE
  autoMode: {}
",
        warnings: &["NODE-09"],
    },
    Design {
        name: "Fargate in a spoke with a hub",
        text: "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/8] } }
tiers:
  - { name: nodes, size: /20, egress: none, serves: [nodes] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
  - { name: transit, size: /28, egress: none, serves: [transit] }
PRIVATE
fargate: [{ name: all, selectors: [{ namespace: \"*\" }] }]
",
        warnings: &["NODE-09"],
    },
    Design {
        name: "a proxy behind a peering connection",
        text: "tiers:
  - { name: nodes, size: /20, egress: none, serves: [nodes], routes: [{ to: 10.99.0.0/16, via: pcx-00000000000000001 }] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
PRIVATE
nodeGroups: [{ name: general, instanceTypes: [m6i.large] }]
",
        warnings: &["EXT-01", "NODE-09"],
    },
    Design {
        name: "Cilium on nodes, and Fargate for controllers",
        text: "PRIVATE
awsNode: { management: none, overlay: { cni: cilium } }
nodeGroups: [{ name: general, instanceTypes: [m6i.large] }]
fargate: [{ name: karpenter, selectors: [{ namespace: karpenter }] }]
",
        warnings: &["ALT-05", "NG-16"],
    },
    Design {
        name: "a private list beside a closed endpoint",
        text: "securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8, ports: 443 }] } }
cluster:
  endpointAccess: { private: true, public: false, publicCidrs: [10.0.0.0/8] }
ACCESS
nodeGroups: [{ name: general, instanceTypes: [m6i.large] }]
",
        warnings: &["EP-17"],
    },
    Design {
        name: "a public API whose callers include a hub's way out",
        text: "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [0.0.0.0/0] } }
tiers:
  - { name: nodes, size: /20, egress: none, serves: [nodes] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
  - { name: transit, size: /28, egress: none, serves: [transit] }
cluster:
  endpointAccess: { private: false, public: true, publicCidrs: [203.0.113.0/24] }
ACCESS
nodeGroups: [{ name: general, instanceTypes: [m6i.large] }]
",
        warnings: &["EP-16"],
    },
    Design {
        name: "types that are younger than the table",
        text: "PRIVATE
nodeGroups:
  - { name: memory, instanceTypes: [r9g.large, r9gd.large] }
  - { name: burst, instanceTypes: [t8i.medium] }
",
        warnings: &["NG-10"],
    },
    Design {
        name: "GPUs and Neuron devices, each with the AMI that follows",
        text: "PRIVATE
nodeGroups:
  - { name: general, instanceTypes: [m6i.large] }
  - { name: gpu, instanceTypes: [g5.xlarge], scaling: { min: 0, desired: 0, max: 4 } }
  - { name: training, instanceTypes: [trn1.2xlarge], scaling: { min: 0, desired: 0, max: 4 } }
",
        warnings: &[],
    },
    Design {
        name: "hybrid nodes over a route of the tiers' own, the API public and private",
        text: "tiers:
  - { name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }
  - { name: nodes, size: /20, egress: nat, serves: [nodes], routes: [{ to: 10.80.0.0/16, via: pcx-00000000000000001 }] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane], routes: [{ to: 10.80.0.0/16, via: pcx-00000000000000001 }] }
cluster:
  endpointAccess: { private: true, public: true, publicCidrs: [203.0.113.0/24] }
  remoteNetworks: { nodes: [10.80.0.0/16] }
ACCESS
nodeGroups: [{ name: general, instanceTypes: [m6i.large] }]
",
        warnings: &["EP-11", "EXT-01", "HYB-12"],
    },
    Design {
        name: "customer-routed egress to webhooks inside the VPC only",
        text: "PRIVATE
  controlPlaneEgress: customerRouted
nodeGroups: [{ name: general, instanceTypes: [m6i.large] }]
",
        warnings: &["CPE-03"],
    },
    Design {
        name: "a private cluster without the controllers that some endpoints are for",
        text: "endpoints: { exclude: [elasticloadbalancing, autoscaling, sts] }
tiers:
  - { name: nodes, size: /20, egress: none, serves: [nodes, internalLoadBalancers] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
PRIVATE
nodeGroups: [{ name: general, instanceTypes: [m6i.large], scaling: { max: 6 } }]
",
        warnings: &["PE-07", "PE-10", "PE-31"],
    },
    Design {
        name: "more profiles and remote ranges than the first quotas",
        text: "PRIVATE
nodeGroups: [{ name: general, instanceTypes: [m6i.large] }]
fargate: [{ name: jobs, selectors: [{ namespace: a }, { namespace: b }, { namespace: c }, { namespace: d }, { namespace: e }, { namespace: f }] }]
",
        warnings: &["FG-02"],
    },
    Design {
        name: "policies of other services of AWS, and a key by its alias",
        text: "securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8, ports: 443 }] } }
cluster:
  endpointAccess: { private: true, public: false }
  secretsKey: alias/eks
  access:
    - { principal: \"arn:aws:iam::111122223333:role/ops\", policy: AmazonEKSClusterAdminPolicy }
    - { principal: \"arn:aws:iam::111122223333:role/ack\", policy: AmazonEKSSecretReaderPolicy, namespaces: [dev-*] }
nodeGroups: [{ name: general, instanceTypes: [m6i.large], labels: { node.kubernetes.io/pool: general } }]
",
        warnings: &[],
    },
];

fn whole(design: &Design) -> String {
    const PRIVATE: &str = "securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8, ports: 443 }] } }\ncluster:\n  endpointAccess: { private: true, public: false }\n";
    let rest = design
        .text
        .replace("serviceCidr\n", "")
        .replace("PRIVATE\n", &format!("{PRIVATE}{ACCESS}"))
        .replace("ACCESS\n", ACCESS);
    format!("{HEAD}{rest}")
}

#[test]
fn what_people_run_has_no_error_and_the_warnings_that_it_should() {
    let mut wrong = Vec::new();
    for design in DESIGNS {
        let text = whole(design);
        let found = findings(&text);
        let mut ids: Vec<&str> = found.iter().map(|finding| finding.rule.id).collect();
        ids.sort();
        ids.dedup();
        if ids != design.warnings || found.iter().any(|finding| finding.is_error()) {
            wrong.push((design.name, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_people_run_is_rendered() {
    for design in DESIGNS {
        let built = build(&whole(design));
        assert!(built.template.resource("Vpc").is_some(), "{}", design.name);
    }
}

#[test]
fn the_example_blueprints_have_no_errors() {
    for (name, path) in blueprints() {
        let found = findings(&std::fs::read_to_string(path).unwrap());
        assert!(!found.iter().any(|finding| finding.is_error()), "{name}: {found:#?}");
    }
}
