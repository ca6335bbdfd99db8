//! The order in which a blueprint names the members of a set.

use eksnet::line;
use eksnet::observed::Observed;
use eksnet::template::Template;

use crate::support::{CLEAN, build};

/// Every list but the instance types, which are in the order of preference.
#[test]
fn the_order_of_a_set_changes_nothing() {
    let text = r#"apiVersion: eksnet/v1
kind: Blueprint
metadata: { name: shop, region: eu-west-1 }
zones: 3
vpc: { cidr: 10.40.0.0/16, keepFree: [10.40.240.0/20, 10.40.224.0/20] }
tiers:
  - { name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }
  - { name: nodes, size: /20, egress: nat, serves: [nodes, internalLoadBalancers] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
egress: { nat: perZone, transitGateway: { id: tgw-0123456789abcdef0, destinations: [10.80.0.0/16, 10.90.0.0/16] } }
endpoints: { include: [s3, ecr.api, sts, logs] }
securityGroups: { mode: leastPrivilege, controlPlane: { ingress: [{ from: 10.80.0.0/16, ports: 443 }, { from: 10.90.0.0/16, ports: 443 }] }, nodes: { ingress: [{ from: 10.80.0.0/16, ports: 443 }, { from: 10.90.0.0/16, ports: 443 }], egress: [{ to: 10.80.0.0/16, ports: 443 }, { to: 10.90.0.0/16, ports: 443 }]} }
cluster:
  logging: [audit, api]
  endpointAccess: { publicCidrs: [203.0.113.0/24, 198.51.100.0/24] }
  remoteNetworks: { nodes: [10.80.0.0/24, 10.80.1.0/24], pods: [10.80.8.0/24, 10.80.9.0/24] }
  access:
   - { principal: arn:aws:iam::111122223333:role/ci, policy: AmazonEKSClusterAdminPolicy }
   - { principal: arn:aws:iam::111122223333:role/b, policy: AmazonEKSViewPolicy, namespaces: [b, a] }
awsNode: { snat: { excludeCidrs: [10.90.0.0/16, 10.80.0.0/16] } }
nodeGroups:
 - { name: a, instanceTypes: [m6i.large, m5.large], taints: [{key: a, value: b, effect: NoSchedule},{key: b, value: b, effect: NoSchedule}] }
fargate: [{ name: jobs, tier: nodes, selectors: [{ namespace: b, labels: {x: "1"} }, { namespace: a }] }, { name: a2, tier: nodes, selectors: [{ namespace: b1 }, { namespace: a1 }] }]
addons: [kube-proxy, coredns, eks-pod-identity-agent]
"#;
    let swaps = [
        (r#"[10.40.240.0/20, 10.40.224.0/20]"#, r#"[10.40.224.0/20, 10.40.240.0/20]"#),
        (r#"[nodes, internalLoadBalancers]"#, r#"[internalLoadBalancers, nodes]"#),
        (r#"[10.80.0.0/16, 10.90.0.0/16]"#, r#"[10.90.0.0/16, 10.80.0.0/16]"#),
        (r#"[s3, ecr.api, sts, logs]"#, r#"[logs, sts, s3, ecr.api]"#),
        (
            r#"[{ from: 10.80.0.0/16, ports: 443 }, { from: 10.90.0.0/16, ports: 443 }]"#,
            r#"[{ from: 10.90.0.0/16, ports: 443 }, { from: 10.80.0.0/16, ports: 443 }]"#,
        ),
        (
            r#"[{ to: 10.80.0.0/16, ports: 443 }, { to: 10.90.0.0/16, ports: 443 }]"#,
            r#"[{ to: 10.90.0.0/16, ports: 443 }, { to: 10.80.0.0/16, ports: 443 }]"#,
        ),
        (r#"[audit, api]"#, r#"[api, audit]"#),
        (r#"[203.0.113.0/24, 198.51.100.0/24]"#, r#"[198.51.100.0/24, 203.0.113.0/24]"#),
        (r#"[10.80.0.0/24, 10.80.1.0/24]"#, r#"[10.80.1.0/24, 10.80.0.0/24]"#),
        (r#"[10.80.8.0/24, 10.80.9.0/24]"#, r#"[10.80.9.0/24, 10.80.8.0/24]"#),
        (r#"[b, a]"#, r#"[a, b]"#),
        (
            r#"[10.90.0.0/16, 10.80.0.0/16] } }
node"#,
            r#"[10.80.0.0/16, 10.90.0.0/16] } }
node"#,
        ),
        (
            r#"[{key: a, value: b, effect: NoSchedule},{key: b, value: b, effect: NoSchedule}]"#,
            r#"[{key: b, value: b, effect: NoSchedule},{key: a, value: b, effect: NoSchedule}]"#,
        ),
        (
            r#"[{ namespace: b, labels: {x: "1"} }, { namespace: a }]"#,
            r#"[{ namespace: a }, { namespace: b, labels: {x: "1"} }]"#,
        ),
        (r#"[{ namespace: b1 }, { namespace: a1 }]"#, r#"[{ namespace: a1 }, { namespace: b1 }]"#),
        (r#"[kube-proxy, coredns,"#, r#"[coredns, kube-proxy,"#),
    ];
    let before = build(text).template;
    for (from, to) in swaps {
        assert!(text.contains(from), "{from}");
        let after = build(&text.replace(from, to)).template;
        assert_eq!(after.to_json(), before.to_json(), "{to}");
    }
}

/// An earlier eksnet wrote them in the blueprint's order: EKS would replace a Fargate profile for that.
#[test]
fn a_set_that_is_deployed_in_another_order_stays_as_it_is() {
    let fargate = |selectors: &str| {
        let profile =
            format!("fargate: [{{ name: jobs, tier: nodes, selectors: [{selectors}] }}]\n");
        CLEAN.replace("nodeGroups:", &format!("{profile}nodeGroups:"))
    };
    let first = build(&fargate("{ namespace: b }, { namespace: a }"));
    let mut deployed = first.template.clone();
    let resources = deployed.value["Resources"].as_object_mut().unwrap();
    let profile = &mut resources["FargateProfileJobs"]["Properties"]["Selectors"];
    profile.as_array_mut().unwrap().reverse();
    let over = |text: &str| {
        let mut request = line::Request::new(crate::support::document(text));
        request.ledger = first.plan.ledger.clone();
        request.observed = Observed::template(deployed.clone());
        line::compile(request).unwrap().template
    };
    let selectors = |template: &Template| {
        template.resource("FargateProfileJobs").unwrap()["Properties"]["Selectors"].clone()
    };
    let same = over(&fargate("{ namespace: a }, { namespace: b }"));
    assert_eq!(selectors(&same), selectors(&deployed));
    let more = over(&fargate("{ namespace: c }, { namespace: a }, { namespace: b }"));
    let names: Vec<_> =
        selectors(&more).as_array().unwrap().iter().map(|one| one["Namespace"].clone()).collect();
    assert_eq!(names, ["a", "b", "c"]);
}
