//! What a type is called among people.

/// `subnet`, `NAT gateway`: a type in words.
pub fn noun(kind: &str) -> String {
    const NAMES: [(&str, &str); 25] = [
        ("AWS::EC2::VPC", "VPC"),
        ("AWS::EC2::EIP", "Elastic IP"),
        ("AWS::EC2::NatGateway", "NAT gateway"),
        ("AWS::EC2::SubnetRouteTableAssociation", "route table association"),
        ("AWS::EC2::VPCGatewayAttachment", "gateway attachment"),
        ("AWS::EC2::VPCCidrBlock", "CIDR association"),
        ("AWS::EC2::SubnetCidrBlock", "IPv6 association"),
        ("AWS::EC2::VPCEndpoint", "VPC endpoint"),
        ("AWS::EC2::NetworkAcl", "network ACL"),
        ("AWS::EC2::NetworkAclEntry", "network ACL entry"),
        ("AWS::EC2::SubnetNetworkAclAssociation", "network ACL association"),
        ("AWS::EC2::SecurityGroupIngress", "ingress rule"),
        ("AWS::EC2::SecurityGroupEgress", "egress rule"),
        ("AWS::EC2::SubnetCidrReservation", "CIDR reservation"),
        ("AWS::EC2::EgressOnlyInternetGateway", "egress-only internet gateway"),
        ("AWS::EC2::VPNGatewayRoutePropagation", "VPN route propagation"),
        ("AWS::EKS::Nodegroup", "node group"),
        ("AWS::EKS::Addon", "add-on"),
        ("AWS::IAM::Role", "IAM role"),
        ("AWS::IAM::OIDCProvider", "OIDC provider"),
        ("AWS::KMS::Key", "KMS key"),
        ("AWS::SQS::Queue", "SQS queue"),
        ("AWS::SQS::QueuePolicy", "SQS queue policy"),
        ("AWS::Events::Rule", "EventBridge rule"),
        ("AWS::CloudWatch::Alarm", "CloudWatch alarm"),
    ];
    if let Some((_, name)) = NAMES.iter().find(|(own, _)| *own == kind) {
        return (*name).to_string();
    }
    let last = kind.rsplit("::").next().unwrap_or(kind);
    let mut words = String::new();
    for letter in last.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}
