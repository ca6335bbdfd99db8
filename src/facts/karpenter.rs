//! Karpenter: its names, the events that it waits for, and what its controller does in AWS.
//! Source: Karpenter documentation, getting started and CloudFormation reference; EventBridge event reference, EC2 and Health; read
//! 2026-11-28.

/// Its service account, as its chart names it.
pub const SERVICE_ACCOUNT: &str = "karpenter";

/// Labels of its pods, as its chart sets them, which profiles of Fargate select by.
pub const LABELS: &[(&str, &str)] =
    &[("app.kubernetes.io/name", "karpenter"), ("app.kubernetes.io/instance", "karpenter")];

/// (part of the rule's logical id, source, detail type)
pub const EVENTS: &[(&str, &str, &str)] = &[
    ("ScheduledChange", "aws.health", "AWS Health Event"),
    ("SpotInterruption", "aws.ec2", "EC2 Spot Instance Interruption Warning"),
    ("Rebalance", "aws.ec2", "EC2 Instance Rebalance Recommendation"),
    ("InstanceStateChange", "aws.ec2", "EC2 Instance State-change Notification"),
    (
        "CapacityReservationInterruption",
        "aws.ec2",
        "EC2 Capacity Reservation Instance Interruption Warning",
    ),
];

/// Seconds that an event is worth something.
pub const RETENTION: u32 = 300;

/// Letters of a queue's name. Source: SQS developer guide, quotas.
pub const QUEUE_NAME: usize = 80;

/// Tags that its instances and launch templates carry.
pub const POOL_TAG: &str = "karpenter.sh/nodepool";
pub const CLAIM_TAG: &str = "karpenter.sh/nodeclaim";
pub const CLASS_TAG: &str = "karpenter.k8s.aws/ec2nodeclass";
pub const CLUSTER_NAME_TAG: &str = "eks:eks-cluster-name";

/// What instances start from, and what they start as.
pub const STARTS_FROM: &[&str] =
    &["image", "snapshot", "security-group", "subnet", "capacity-reservation"];
pub const STARTS_AS: &[&str] = &[
    "fleet",
    "instance",
    "volume",
    "network-interface",
    "launch-template",
    "spot-instances-request",
];
pub const STARTS: &[&str] = &["ec2:CreateFleet", "ec2:RunInstances"];

pub const READS: &[&str] = &[
    "ec2:DescribeCapacityReservations",
    "ec2:DescribeImages",
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribePlacementGroups",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSpotPriceHistory",
    "ec2:DescribeSubnets",
];

pub const QUEUE: &[&str] =
    &["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"];

pub const PROFILE_CHANGES: &[&str] = &[
    "iam:AddRoleToInstanceProfile",
    "iam:DeleteInstanceProfile",
    "iam:RemoveRoleFromInstanceProfile",
];
