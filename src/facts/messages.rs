//! What AWS says when a deployment fails, and what to do about it. Sources: messages of EC2, EKS and CloudFormation in their user guides and
//! in issue threads of other tools, read 2026-11-20.

/// (part of AWS's message, what to do). Rule ids where one says more.
const HINTS: &[(&str, &str)] = &[
    (
        "explicit deny in an identity-based policy",
        "an explicit deny in a policy of these credentials forbids it, and no allow overrides that: have that statement changed, or use other credentials",
    ),
    (
        "VPC endpoint policy",
        "the policy of the VPC endpoint that the call went through forbids it: have it changed, or call from elsewhere",
    ),
    (
        "explicit deny",
        "an administrator's policy (service control policy, resource control policy or permissions boundary) forbids it: further permissions do not help",
    ),
    (
        "service control policy",
        "an administrator's policy forbids it: further permissions do not help",
    ),
    (
        "permissions boundary",
        "the permissions boundary of the role forbids it: further permissions do not help",
    ),
    (
        "InvalidClientTokenId",
        "the credentials are not those of this partition, or the Region is not enabled in the account (`aws account list-regions`)",
    ),
    (
        "UnrecognizedClientException",
        "the credentials are not those of this partition, or the Region is not enabled in the account (`aws account list-regions`)",
    ),
    (
        "OptInRequired",
        "the Region or the service is not enabled in the account (`aws account list-regions`)",
    ),
    (
        "RequestTimeTooSkewed",
        "this machine's clock is wrong: set it, then run the same command again",
    ),
    (
        "Signature expired",
        "this machine's clock is wrong, or the request waited for too long: set the clock, then run the same command again",
    ),
    (
        "Signature not yet current",
        "this machine's clock is wrong: set it, then run the same command again",
    ),
    (
        "InvalidSignatureException",
        "the secret key does not belong to the key id, or is truncated: set both again",
    ),
    ("IncompleteSignature", "the credentials are truncated or contain blanks: set them again"),
    ("MissingAuthenticationToken", "no credentials were sent: log in, or set them again"),
    (
        "AuthFailure",
        "the credentials are not those of this partition, or the Region is not enabled in the account (`aws account list-regions`)",
    ),
    (
        "InvalidAccessKeyId",
        "the credentials are not those of this partition, or the Region is not enabled in the account (`aws account list-regions`)",
    ),
    (
        "RegionDisabledException",
        "STS is not active in the Region for this account: an administrator activates it in IAM's account settings",
    ),
    (
        "SignatureDoesNotMatch",
        "the secret key does not belong to the key id, or is truncated: set both again",
    ),
    (
        "SSO token",
        "log in again (`aws sso login`, with `--profile` where a profile is used), then run the same command: it continues from there",
    ),
    (
        "with no message from AWS",
        "something between this machine and AWS answered in its place, such as a proxy or a network that requires a login: open a page in a browser, and check HTTPS_PROXY and AWS_ENDPOINT_URL",
    ),
    (
        "invalid peer certificate",
        "something between this machine and AWS presents a certificate of its own: name its authority in AWS_CA_BUNDLE, or bypass the proxy for it (NO_PROXY)",
    ),
    (
        "unknown ca",
        "something between this machine and AWS presents a certificate of its own: name its authority in AWS_CA_BUNDLE, or bypass the proxy for it (NO_PROXY)",
    ),
    ("ExpiredToken", EXPIRED),
    ("security token included in the request is expired", EXPIRED),
    (
        "Rate exceeded",
        "AWS throttles the account's requests for the moment: run the same command again later, or set AWS_MAX_ATTEMPTS higher",
    ),
    (
        "PendingVerification",
        "AWS is still checking the account for this Region: it takes up to four hours; then run the same command again",
    ),
    (
        "maximum Fleet Requests",
        "the account may not start instances yet, or has no more fleets to request: raise the quota, or ask AWS Support",
    ),
    (
        "current vCPU limit",
        "the quota of vCPUs of running instances is used up: raise it, or start with a smaller `desired`",
    ),
    (
        "MaxSpotInstanceCountExceeded",
        "the quota of vCPUs of Spot Instances is used up: raise it, or start with a smaller `desired`",
    ),
    (
        "Resource.AlreadyAssociated",
        "the transit gateway associates new attachments by itself: remove `transitGateway.routeTable`, or switch its default association off",
    ),
    (
        "is already associated to a route table",
        "the transit gateway associates new attachments by itself: remove `transitGateway.routeTable`, or switch its default association off",
    ),
    (
        "InvalidServiceName",
        "the Region has no endpoint service of this name: `aws ec2 describe-vpc-endpoint-services` lists all",
    ),
    (
        "conflicting DNS domain",
        "another endpoint of the VPC has the private DNS name of this service: delete it, or exclude the service (`endpoints: { exclude: […] }`)",
    ),
    (
        "DuplicateSubnetsInSameZone",
        "an endpoint or an attachment accepts one subnet in each zone: `eksnet diff` shows the parts in which they are replaced",
    ),
    ("RouteAlreadyExists", HELD),
    ("InvalidPermission.Duplicate", HELD),
    (
        "belong to different networks",
        "a security group, a gateway or a subnet of another VPC is named: use one of this VPC",
    ),
    (
        "Ec2SubnetInvalidConfiguration",
        "nodes in a subnet whose route leads to the internet gateway need public addresses: `egress: nat`, or `mapPublicIp: true` on the tier",
    ),
    ("KMSKeyInvalidState", KEY),
    ("InvalidKMSKey", KEY),
    ("KMS key is disabled", KEY),
    ("PodEvictionFailure", EVICTION),
    ("Reached max retries while trying to evict", EVICTION),
    (
        "has nodegroups attached",
        "node groups that others created are in the cluster: `aws eks list-nodegroups`, and delete them first",
    ),
    (
        "Fargate profiles attached",
        "Fargate profiles that others created are in the cluster: `aws eks list-fargate-profiles`, and delete them first",
    ),
    (
        "cannot contain reserved prefixes",
        "a label has a prefix that Kubernetes or EKS reserves: remove it from `labels`",
    ),
    (
        "PermanentRedirect",
        "the bucket is in another Region than the stack: name one of the stack's Region",
    ),
    (
        "InsufficientInstanceCapacity",
        "AWS has no capacity for these instance types in the zone now: add instance types or zones to the node group, or try later",
    ),
    (
        "AsgInstanceLaunchFailures",
        "instances did not start: the message names why; often the quota of vCPUs, or capacity in a zone",
    ),
    (
        "mapped public address",
        "something in the VPC still has a public address: release it, then run the same command again",
    ),
    (
        "cannot be combined with other updates",
        "EKS changes the nodes of a group alone: `eksnet diff` shows the parts, `eksnet deploy` deploys them one by one",
    ),
    (
        "Unsupported Kubernetes minor version update",
        "EKS upgrades one minor version at a time and does not revert one in an update of a stack: set the version that the cluster has; a rollback that fails over it continues without the cluster (`aws cloudformation continue-update-rollback --resources-to-skip Cluster`)",
    ),
    (
        "AddressLimitExceeded",
        "the quota of Elastic IPs is used up (5 by default): raise it, or use `egress: { nat: single }`",
    ),
    (
        "maximum number of addresses",
        "the quota of Elastic IPs is used up (5 by default): raise it, or use `egress: { nat: single }`",
    ),
    ("VpcLimitExceeded", "the quota of VPCs is used up (5 by default): raise it, or remove one"),
    (
        "maximum number of VPCs",
        "the quota of VPCs is used up (5 by default): raise it, or remove one",
    ),
    (
        "NatGatewayLimitExceeded",
        "the quota of NAT gateways per zone is used up: raise it, or use fewer",
    ),
    (
        "InvalidSubnet.Conflict",
        "another subnet of the VPC has these addresses already; was it created manually?",
    ),
    (
        "conflicts with another subnet",
        "another subnet of the VPC has these addresses already; was it created manually?",
    ),
    ("InvalidVpc.Range", "AWS does not accept this CIDR: `eksnet explain VPC-20`"),
    (
        "UnsupportedAvailabilityZoneException",
        "EKS does not support control plane subnets in one of the zones: `eksnet explain CLU-04`",
    ),
    (
        "service-linked role",
        "the account is missing a service-linked role: `aws iam create-service-linked-role --aws-service-name eks.amazonaws.com`",
    ),
    (
        "cannot be assumed",
        "the role does not exist yet or cannot be assumed; run the same command again",
    ),
    ("InsufficientFreeAddresses", "a subnet is full: `eksnet status` shows which"),
    ("not have enough free addresses", "a subnet is full: `eksnet status` shows which"),
    ("insufficient IP addresses", "a subnet is full: `eksnet status` shows which"),
    (
        "does not currently have sufficient capacity",
        "EKS does not support control plane subnets in one of the zones: `eksnet explain CLU-04`",
    ),
    (
        "unsupported availability zone",
        "EKS does not support control plane subnets in one of the zones: `eksnet explain CLU-04`",
    ),
    (
        "Conflicts found when trying to apply",
        "another field manager owns fields of the add-on's objects: remove them from what applies them (`kubectl get -n kube-system daemonset aws-node --show-managed-fields`)",
    ),
    (
        "ConfigurationConflict",
        "another field manager owns fields of the add-on's objects: remove them from what applies them (`kubectl get -n kube-system daemonset aws-node --show-managed-fields`)",
    ),
    (
        "Unhealthy nodes",
        "nodes launched but did not join the cluster: `eksnet layout --all` shows their egress, `eksnet status` the free addresses",
    ),
    (
        "failed to join the kubernetes cluster",
        "nodes launched but did not join the cluster: `eksnet layout --all` shows their egress, and the API has to be reachable from them",
    ),
    (
        "not able to be assumed",
        "the role does not exist yet or cannot be assumed; run the same command again",
    ),
    (
        "PassRole",
        "`iam:PassRole` for the role is missing: `eksnet iam deploy FILE` prints what a deployment needs",
    ),
    (
        "VcpuLimitExceeded",
        "the quota of vCPUs of running instances is used up: raise it, or start with a smaller `desired`",
    ),
    (
        "VpcEndpointLimitExceeded",
        "the quota of VPC endpoints is used up: raise it, or exclude some (`endpoints: { exclude: […] }`)",
    ),
    (
        "RouteLimitExceeded",
        "a route table is full: raise the quota, or gather destinations in a prefix list",
    ),
    (
        "is in use by another",
        "a resource created manually or by the cluster still uses it: load balancers, interfaces, security groups",
    ),
    (
        "resource already exists",
        "a resource with this name exists outside of the stack: remove it, or use another `metadata.name`",
    ),
    (
        "already exists",
        "a resource with this name exists outside of the stack: remove it, or use another `metadata.name`",
    ),
    (
        "has dependencies and cannot be deleted",
        "a resource created manually or by the cluster still uses it: load balancers, interfaces, security groups",
    ),
    (
        "DependencyViolation",
        "a resource created manually or by the cluster still uses it: load balancers, interfaces, security groups",
    ),
    (
        "RequestLimitExceeded",
        "AWS throttles the account's requests for the moment: run the same command again later",
    ),
    // Whatever it counts: quotas have codes such as `SubnetLimitExceeded` and `ResourceLimitExceededException`.
    ("LimitExceeded", QUOTA),
    ("Quota exceeded", QUOTA),
    ("QuotaExceeded", QUOTA),
    ("Cannot exceed quota", QUOTA),
    ("has been reached", QUOTA),
    (
        "AccessDenied",
        "the credentials are missing a permission: `eksnet iam deploy FILE` prints what a deployment requires",
    ),
    (
        "not authorized to perform",
        "the credentials are missing a permission: `eksnet iam deploy FILE` prints what a deployment requires",
    ),
];

const EVICTION: &str = "a PodDisruptionBudget allows no eviction: `kubectl get pdb -A` shows those with ALLOWED DISRUPTIONS 0; make one more pod disruptable, then deploy again, or set `update: { force: true }` on the node group";

const EXPIRED: &str = "the credentials have expired: get new ones, then run the same command: it continues from there";

const KEY: &str = "the KMS key is disabled, is about to be deleted, or its policy does not let the caller or the service use it: enable it, or name another one";

const HELD: &str = "AWS has this already, in or outside of the stack: remove what was created manually, then run the same command again";

const QUOTA: &str = "a quota of the account or the VPC is used up: raise it (`aws service-quotas list-service-quotas --service-code vpc`, or `ec2`, `eks`, `iam`), or remove what is not needed";

/// What to do about a message of AWS's; nothing where eksnet does not know it.
pub fn hint(message: &str) -> Option<&'static str> {
    let message = message.to_lowercase();
    HINTS.iter().find(|(part, _)| message.contains(&part.to_lowercase())).map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::hint;

    /// The errors that people really meet, in AWS's words, and what their hint is about.
    const MET: &[(&str, &str)] = &[
        (
            "The maximum number of addresses has been reached. (Service: Ec2, Status Code: 400, Error Code: AddressLimitExceeded)",
            "Elastic IPs",
        ),
        ("The maximum number of VPCs has been reached.", "quota of VPCs"),
        ("The CIDR '10.0.0.0/20' conflicts with another subnet", "another subnet"),
        (
            "Cannot create cluster 'shop' because us-east-1e, the targeted availability zone, does not currently have sufficient capacity",
            "CLU-04",
        ),
        (
            "The caller is not allowed to create the service-linked role AWSServiceRoleForAmazonEKS",
            "service-linked role",
        ),
        (
            "Role with arn: arn:aws:iam::1:role/x, could not be assumed because it does not exist or cannot be assumed",
            "run the same command again",
        ),
        (
            "Conflicts found when trying to apply. Will not continue due to resolve conflicts mode.",
            "remove them",
        ),
        (
            "One or more of the subnets provided does not have enough free addresses: InsufficientFreeAddressesInSubnet",
            "a subnet is full",
        ),
        ("Instances failed to join the kubernetes cluster", "did not join"),
        (
            "ExpiredTokenException: The security token included in the request is expired",
            "get new ones",
        ),
        ("Rate exceeded (Throttling)", "AWS_MAX_ATTEMPTS"),
        (
            "Could not launch On-Demand Instances. MaxFleetCountExceeded - You've reached your quota for maximum Fleet Requests for this account.",
            "fleets",
        ),
        (
            "You have requested more vCPU capacity than your current vCPU limit of 0 allows for the instance bucket",
            "`desired`",
        ),
        (
            "Transit Gateway Attachment tgw-attach-1 is already associated to a route table (Resource.AlreadyAssociated)",
            "routeTable",
        ),
        (
            "The Vpc Endpoint Service 'x' does not exist (InvalidServiceName)",
            "describe-vpc-endpoint-services",
        ),
        (
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for x in the VPC",
            "exclude",
        ),
        (
            "The route identified by 10.0.0.0/8 already exists. (RouteAlreadyExists)",
            "created manually",
        ),
        ("route table rtb-1 and network gateway pcx-1 belong to different networks", "another VPC"),
        (
            "Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state",
            "enable it",
        ),
    ];

    #[test]
    fn every_error_that_people_meet_has_a_way_out() {
        for (message, part) in MET {
            assert!(
                hint(message).is_some_and(|hint| hint.contains(part)),
                "{message}: {:?}",
                hint(message)
            );
        }
        let denied = "User: arn:aws:iam::1:user/x is not authorized to perform: eks:CreateCluster with an explicit deny in a service control policy (AccessDenied)";
        assert!(hint(denied).unwrap().contains("further permissions do not help"));
        let eviction = "Update failed due to [{ErrorCode: PodEvictionFailure,ErrorMessage: Reached max retries while trying to evict pods from nodes in node group general}]";
        assert!(hint(eviction).unwrap().contains("kubectl get pdb -A"));
        assert!(
            hint("the SSO token has expired and cannot be refreshed")
                .unwrap()
                .contains("aws sso login")
        );
        for code in [
            "SubnetLimitExceeded",
            "ResourceLimitExceededException",
            "RulesPerSecurityGroupLimitExceeded",
            "Cannot exceed quota for RolesPerAccount: 1000",
            "The maximum number of internet gateways has been reached.",
        ] {
            assert_eq!(hint(code), Some(super::QUOTA), "{code}");
        }
        assert!(hint("Request limit exceeded. (RequestLimitExceeded)").unwrap().contains("later"));
        assert_eq!(hint("something else"), None);
    }

    /// Wrong credentials and clocks have other names in EKS and S3, and not every denial is an administrator's.
    #[test]
    fn credentials_clocks_and_denials_are_told_apart() {
        for (message, part) in [
            ("Signature not yet current: 20261129T073000Z (InvalidSignatureException)", "clock"),
            (
                "The request signature we calculated does not match (InvalidSignatureException)",
                "secret key",
            ),
            (
                "AWS was not able to validate the provided access credentials (AuthFailure)",
                "list-regions",
            ),
            ("STS is not activated in this region for account:1. (RegionDisabledException)", "STS"),
            (
                "not authorized to perform: eks:CreateCluster with an explicit deny in an identity-based policy",
                "these credentials",
            ),
            (
                "not authorized to perform: sts:AssumeRole because no VPC endpoint policy allows it",
                "VPC endpoint",
            ),
            (
                "not authorized to perform: eks:CreateCluster with an explicit deny in a resource control policy",
                "further permissions",
            ),
        ] {
            assert!(
                hint(message).is_some_and(|hint| hint.contains(part)),
                "{message}: {:?}",
                hint(message)
            );
        }
    }
}
