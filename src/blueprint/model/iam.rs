//! IAM: what an organization prescribes for roles, roles of service accounts, and what Karpenter needs.

use schemars::JsonSchema;
use serde::Deserialize;

/// What every role of the stack has. It stays once the roles exist (rule IAM-04).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Iam {
    /// ARN of the policy that bounds every role of the stack. Default: none.
    pub permissions_boundary: Option<String>,
    /// Path of every role of the stack, such as `/eks/`. Default: `/`.
    pub path: Option<String>,
    /// Names for roles of the stack, or roles that exist. Default: names given by CloudFormation.
    pub roles: Option<IamRoles>,
}

/// Names for roles of the stack, or roles that exist.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IamRoles {
    /// The role that EKS assumes to run the control plane. A change recreates the cluster. Default: a role of the stack.
    pub cluster: Option<IamRole>,
    /// The role that nodes assume: those of node groups, else those of Auto Mode. Default: a role of the stack.
    pub nodes: Option<IamRole>,
    /// The role that aws-node's pods assume, with `awsNode.role: podIdentity` or `irsa`. Default: a role of the stack.
    pub aws_node: Option<IamRole>,
}

/// Exactly one of the two.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IamRole {
    /// Name of a role of the stack. Default: given by CloudFormation.
    pub name: Option<String>,
    /// ARN of a role that exists; its policies are its owner's. Default: none.
    pub arn: Option<String>,
}

/// A role for a service account of your own, through EKS Pod Identity. Exactly one of `policies` and `role`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodIdentity {
    /// Namespace of the service account.
    pub namespace: String,
    /// Name of the service account; it need not exist yet.
    pub service_account: String,
    /// ARNs of managed policies, for a role of the stack. Default: none.
    pub policies: Option<Vec<String>>,
    /// ARN of a role that exists and trusts `pods.eks.amazonaws.com`. Default: none.
    pub role: Option<String>,
}

/// What Karpenter needs in AWS: roles of its controller and of its nodes, the access entry of the nodes, the queue of interruptions, and the
/// discovery tags. Nothing is installed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Karpenter {
    /// Namespace of its service account `karpenter`. Default: `kube-system`.
    pub namespace: Option<String>,
    /// How its controller gets its role: by EKS Pod Identity, or by the cluster's OIDC provider, as on Fargate (rule POD-04). Default: podIdentity.
    pub role: Option<ControllerRoleBy>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum ControllerRoleBy {
    /// Through EKS Pod Identity, whose agent runs on nodes.
    #[default]
    PodIdentity,
    /// Through the cluster's OIDC provider: the role's ARN, an output, is an annotation of the service account.
    Irsa,
}
