//! EKS add-ons of AWS: which service accounts call AWS, with which managed policies, and which need a node to settle.
//! Source: EKS user guide, AWS add-ons and each driver's page; CloudWatch user guide, agents for EKS; AWS Distro for OpenTelemetry, EKS
//! add-on; read 2026-11-28. EKS itself tells them as DescribeAddonConfiguration, `podIdentityConfiguration`.

use super::eks::SYSTEM_NAMESPACE;

/// A service account that calls AWS.
#[derive(Debug, PartialEq, Eq)]
pub struct Identity {
    pub namespace: &'static str,
    pub service_account: &'static str,
    /// AWS's own policies, with their path.
    pub policies: &'static [&'static str],
}

/// An add-on, by the name that EKS has for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    pub name: &'static str,
    pub identities: &'static [Identity],
    /// It has a Deployment: without a node that takes its pods the add-on never becomes active. DaemonSets settle without nodes.
    pub deployed: bool,
}

const fn system(service_account: &'static str, policies: &'static [&'static str]) -> Identity {
    Identity { namespace: "kube-system", service_account, policies }
}

const fn otel(service_account: &'static str, policies: &'static [&'static str]) -> Identity {
    Identity { namespace: "opentelemetry-operator-system", service_account, policies }
}

const fn row(name: &'static str, identities: &'static [Identity], deployed: bool) -> Row {
    Row { name, identities, deployed }
}

const TRACES: &str = "AWSXrayWriteOnlyAccess";
const AGENT: &str = "CloudWatchAgentServerPolicy";

pub const ROWS: &[Row] = &[
    row("coredns", &[], true),
    row("kube-proxy", &[], false),
    row("eks-pod-identity-agent", &[], false),
    row("eks-node-monitoring-agent", &[], false),
    row("aws-guardduty-agent", &[], false),
    row("metrics-server", &[], true),
    row("snapshot-controller", &[], true),
    row("cert-manager", &[], true),
    // Which zones it may change, only their owner can say.
    row(
        "external-dns",
        &[Identity { namespace: "external-dns", service_account: "external-dns", policies: &[] }],
        true,
    ),
    row(
        "aws-privateca-connector-for-kubernetes",
        &[Identity {
            namespace: "aws-privateca-issuer",
            service_account: "aws-privateca-issuer",
            policies: &["AWSPrivateCAConnectorForKubernetesPolicy"],
        }],
        true,
    ),
    row("kube-state-metrics", &[], true),
    row(
        "aws-ebs-csi-driver",
        &[system("ebs-csi-controller-sa", &["service-role/AmazonEBSCSIDriverPolicy"])],
        true,
    ),
    row(
        "aws-efs-csi-driver",
        &[system("efs-csi-controller-sa", &["service-role/AmazonEFSCSIDriverPolicy"])],
        true,
    ),
    row("aws-fsx-csi-driver", &[system("fsx-csi-controller-sa", &["AmazonFSxFullAccess"])], true),
    // Which buckets, only their owner can say: AWS keeps no policy for it.
    row("aws-mountpoint-s3-csi-driver", &[system("s3-csi-driver-sa", &[])], false),
    row(
        "amazon-cloudwatch-observability",
        &[Identity {
            namespace: "amazon-cloudwatch",
            service_account: "cloudwatch-agent",
            policies: &[AGENT, TRACES],
        }],
        true,
    ),
    row(
        "adot",
        &[
            otel("adot-col-container-logs", &[AGENT]),
            otel("adot-col-otlp-ingest", &[TRACES]),
            otel("adot-col-prom-metrics", &["AmazonPrometheusRemoteWriteAccess", AGENT]),
        ],
        true,
    ),
    row(
        "aws-network-flow-monitoring-agent",
        &[Identity {
            namespace: "amazon-network-flow-monitor",
            service_account: "aws-network-flow-monitor-agent-service-account",
            policies: &["CloudWatchNetworkFlowMonitorAgentPublishPolicy"],
        }],
        false,
    ),
];

/// `None` for add-ons of other vendors, and for those of AWS that are newer than the table.
pub fn find(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

/// The namespace of an add-on's service account.
pub fn namespace_of(service_account: &str) -> &'static str {
    let identities = || ROWS.iter().flat_map(|row| row.identities);
    let found = identities().find(|one| one.service_account == service_account);
    found.map_or(SYSTEM_NAMESPACE, |one| one.namespace)
}

/// Labels of CoreDNS's pods, which profiles of Fargate select by. Source: EKS user guide, Fargate, get started.
pub const COREDNS_LABELS: &[(&str, &str)] =
    &[("k8s-app", "kube-dns"), ("eks.amazonaws.com/component", "coredns")];

/// The annotation of a service account that has a role by web identity.
pub const ROLE_ANNOTATION: &str = "eks.amazonaws.com/role-arn";

/// A taint that the pods of EKS's own add-ons tolerate.
pub const CRITICAL_TAINT: &str = "CriticalAddonsOnly";

/// Settings by which the Pod Identity agent runs on hybrid nodes too. Source: EKS user guide, add-ons for hybrid nodes.
pub const HYBRID_AGENT: (&str, &str) = ("daemonsets", "hybrid");

/// Minor versions that kube-proxy may be behind the control plane. Source: Kubernetes version skew policy, since 1.25.
pub const KUBE_PROXY: &str = "kube-proxy";
pub const KUBE_PROXY_BEHIND: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_add_on_and_every_service_account_stands_once() {
        let names: std::collections::BTreeSet<_> = ROWS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ROWS.len());
        let accounts = || ROWS.iter().flat_map(|row| row.identities);
        let set: std::collections::BTreeSet<_> =
            accounts().map(|one| (one.namespace, one.service_account)).collect();
        assert_eq!(set.len(), accounts().count());
    }
}
