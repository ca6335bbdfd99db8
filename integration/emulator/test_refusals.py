"""What the emulator refuses, and what it does not: run by `integration/changes.rs`."""

import json
import unittest

import events
import refusals


class NodeGroups(unittest.TestCase):
    OLD = {"Version": "1.34", "LaunchTemplate": {"Version": "1"}, "Tags": {}, "Labels": {}}

    def test_a_new_template_with_tags_is_two_updates(self):
        for other in ({"Tags": {"a": "b"}}, {"Labels": {"a": "b"}}, {"ScalingConfig": {"MaxSize": 3}}):
            with self.assertRaisesRegex(ValueError, "cannot be combined"):
                refusals.mixed_node_group_update(self.OLD, {**self.OLD, "LaunchTemplate": {"Version": "2"}, **other})

    def test_either_alone_is_one(self):
        refusals.mixed_node_group_update(self.OLD, {**self.OLD, "Tags": {"a": "b"}, "Labels": {"c": "d"}})
        refusals.mixed_node_group_update(self.OLD, {**self.OLD, "Version": "1.35", "LaunchTemplate": {"Version": "2"}})
        refusals.mixed_node_group_update(self.OLD, self.OLD)

    def test_reserved_labels(self):
        for label in ("kubernetes.io/test", "k8s.io/x", "eks.amazonaws.com/y"):
            with self.assertRaisesRegex(ValueError, "reserved prefixes"):
                refusals.reserved_labels({"Labels": {label: "ok"}})
        refusals.reserved_labels({"Labels": {"k8s.amazonaws.com/eniConfig": "pods", "team": "a"}})
        refusals.reserved_labels({})

    def test_a_smaller_desired_size_takes_nodes(self):
        self.assertEqual(refusals.removed_nodes(50, {"DesiredSize": 3}), 47)
        self.assertEqual(refusals.removed_nodes(3, {"DesiredSize": "5"}), 0)
        self.assertEqual(refusals.removed_nodes(3, {"MaxSize": 9}), 0)


class Clusters(unittest.TestCase):
    def test_one_minor_version_up_and_none_down(self):
        for before, after in (("1.34", "1.33"), ("1.33", "1.35")):
            with self.assertRaisesRegex(ValueError, "Unsupported Kubernetes minor version update from " + before):
                refusals.version_update({"Version": before}, {"Version": after})
        refusals.version_update({"Version": "1.33"}, {"Version": "1.34"})
        refusals.version_update({"Version": "1.33"}, {"Version": "1.33"})
        refusals.version_update({}, {"Version": "1.33"})

    def test_what_a_cluster_had_is_said_again(self):
        had = {"Version": "1.34", "Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": "api"}]}},
               "ResourcesVpcConfig": {"EndpointPublicAccess": True, "EndpointPrivateAccess": True, "PublicAccessCidrs": ["203.0.113.0/24"]},
               "ComputeConfig": {"Enabled": True}}
        for path in (("Logging",), ("ComputeConfig",), ("ResourcesVpcConfig", "PublicAccessCidrs"), ("ResourcesVpcConfig", "EndpointPublicAccess")):
            new = json.loads(json.dumps(had))
            inner = new[path[0]] if path[1:] else new
            del inner[path[-1]]
            with self.assertRaisesRegex(ValueError, path[-1] + " must be included"):
                refusals.dropped_properties(had, new)
        refusals.dropped_properties(had, {**had, "Logging": {"ClusterLogging": {"EnabledTypes": []}}, "ComputeConfig": {"Enabled": False}})
        refusals.dropped_properties({"Version": "1.34"}, had)

    def test_a_cluster_with_children_stays(self):
        with self.assertRaisesRegex(ValueError, "Cluster has nodegroups attached"):
            refusals.cluster_deletion("shop", ["byhand"], [])
        with self.assertRaisesRegex(ValueError, "Fargate profiles attached"):
            refusals.cluster_deletion("shop", [], ["jobs"])
        refusals.cluster_deletion("shop", [], [])

    def test_one_profile_at_a_time(self):
        for status in ("CREATING", "DELETING"):
            with self.assertRaisesRegex(ValueError, "in status " + status):
                refusals.fargate_profile("shop", {"a": status})
        refusals.fargate_profile("shop", {"a": "ACTIVE"})

    def test_profiles_that_do_not_wait_for_each_other_come_at_once(self):
        profile = {"Type": "AWS::EKS::FargateProfile", "Properties": {"ClusterName": {"Ref": "Cluster"}}}
        between = {"Type": "AWS::EKS::Addon", "DependsOn": "A"}
        resources = {"A": profile, "B": profile, "Cluster": {"Type": "AWS::EKS::Cluster"}}
        with self.assertRaisesRegex(ValueError, "B because cluster currently has Fargate profile A in status CREATING"):
            refusals.profiles_at_once("B", resources, set())
        refusals.profiles_at_once("B", resources, {"A"})
        chained = {**resources, "Between": between, "B": {**profile, "DependsOn": ["Between"]}}
        refusals.profiles_at_once("A", chained, set())
        refusals.profiles_at_once("B", chained, set())

    def test_entries_of_other_types_are_not_updated(self):
        old = {"Type": "EC2", "Tags": [], "AccessPolicies": []}
        with self.assertRaisesRegex(ValueError, 'type of "STANDARD"'):
            refusals.access_entry_update(old, {**old, "Tags": [{"Key": "a", "Value": "b"}]})
        refusals.access_entry_update(old, {**old, "AccessPolicies": [{}]})
        refusals.access_entry_update({"Tags": []}, {"Tags": [{}]})


class Networks(unittest.TestCase):
    def test_services_that_a_region_lacks(self):
        with self.assertRaisesRegex(ValueError, "InvalidServiceName"):
            refusals.endpoint_service("mx-central-1", "com.amazonaws.mx-central-1.ec2messages")
        refusals.endpoint_service("eu-west-1", "com.amazonaws.eu-west-1.ec2messages")
        refusals.endpoint_service("mx-central-1", "com.amazonaws.mx-central-1.ssm")

        with self.assertRaisesRegex(ValueError, "InvalidServiceName"):
            refusals.endpoint_service("eu-west-1", "com.amazonaws.eu-west-1.no-0bad")

    def test_services_that_a_zone_lacks(self):
        zones, service = ["eu-west-1b", "eu-west-1a"], "com.amazonaws.eu-west-1.narrow-0one"
        with self.assertRaisesRegex(ValueError, "does not support the availability zone of the subnet: subnet-b"):
            refusals.endpoint_service("eu-west-1", service, {"subnet-a": "eu-west-1a", "subnet-b": "eu-west-1b"}, zones)
        refusals.endpoint_service("eu-west-1", service, {"subnet-a": "eu-west-1a"}, zones)
        refusals.endpoint_service("eu-west-1", "com.amazonaws.eu-west-1.ssm", {"subnet-b": "eu-west-1b"}, zones)

    def test_two_subnets_in_one_zone(self):
        zones = {"subnet-a": "az1", "subnet-b": "az1", "subnet-c": "az2"}
        with self.assertRaisesRegex(ValueError, "DuplicateSubnetsInSameZone"):
            refusals.interface_subnets(zones, ["subnet-a", "subnet-b"])
        refusals.interface_subnets(zones, ["subnet-a", "subnet-c"])


class Keys(unittest.TestCase):
    ROUTE = {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}

    def test_a_key_is_held_until_its_holder_goes(self):
        held = refusals.Held()
        key = refusals.key("AWS::EC2::Route", self.ROUTE)
        held.take(key, "one")
        with self.assertRaisesRegex(ValueError, "The route identified by 0.0.0.0/0 already exists .*RouteAlreadyExists"):
            held.take(refusals.key("AWS::EC2::Route", {**self.ROUTE, "NatGatewayId": None, "TransitGatewayId": "tgw-1"}), "two")
        held.give_back(key, "two")
        with self.assertRaises(ValueError):
            held.take(key, "two")
        held.give_back(key, "one")
        held.take(key, "two")

    def test_rules_differ_by_ports_and_peer(self):
        rule = {"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}
        one = refusals.key("AWS::EC2::SecurityGroupIngress", rule)
        self.assertEqual(one, refusals.key("AWS::EC2::SecurityGroupIngress", {**rule, "Description": "another word"}))
        self.assertNotEqual(one, refusals.key("AWS::EC2::SecurityGroupIngress", {**rule, "ToPort": 444}))
        self.assertNotEqual(one, refusals.key("AWS::EC2::SecurityGroupEgress", rule))
        self.assertIsNotNone(refusals.key("AWS::EC2::SecurityGroupEgress", {"GroupId": "sg-1", "IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}))

    def test_what_has_no_key_or_no_name_collides_with_nothing(self):
        self.assertIsNone(refusals.key("AWS::EC2::RouteTable", {"VpcId": "vpc-1"}))
        self.assertIsNone(refusals.key("AWS::EC2::FlowLog", {"ResourceId": "vpc-1"}))
        held = refusals.Held()
        held.take(None, "one")
        held.take(None, "two")
        held.give_back(None, None)

    def test_only_names_of_private_zones_clash(self):
        endpoint = {"VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.s3", "VpcEndpointType": "Gateway"}
        self.assertIsNone(refusals.key("AWS::EC2::VPCEndpoint", endpoint))
        self.assertIsNotNone(refusals.key("AWS::EC2::VPCEndpoint", {**endpoint, "PrivateDnsEnabled": True}))

    def test_an_association_is_held_until_it_is_gone(self):
        for kind, other in (("AWS::EC2::SubnetRouteTableAssociation", "RouteTableId"), ("AWS::EC2::TransitGatewayRouteTableAssociation", "TransitGatewayRouteTableId")):
            one = {"SubnetId": "subnet-1", "TransitGatewayAttachmentId": "tgw-attach-1", other: "a"}
            held = refusals.Held()
            held.take(refusals.key(kind, one), "first")
            with self.assertRaisesRegex(ValueError, "Resource.AlreadyAssociated"):
                held.take(refusals.key(kind, {**one, other: "b"}), "second")
            held.give_back(refusals.key(kind, one), "first")
            held.take(refusals.key(kind, {**one, other: "b"}), "second")

    def test_every_message_is_filled_from_its_key(self):
        for kind, (parts, words, _) in refusals.KEYS.items():
            properties = {"PrivateDnsEnabled": True, **{names[0]: names[0] for names in parts}}
            held = refusals.Held()
            held.take(refusals.key(kind, properties), "one")
            with self.assertRaises(refusals.Refused) as refused:
                held.take(refusals.key(kind, properties), "two")
            self.assertNotIn("{", str(refused.exception), words)


class Events(unittest.TestCase):
    def test_what_uses_something_that_changes_does_not_stay(self):
        vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
        subnet = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}}}
        table = {"Type": "AWS::EC2::RouteTable", "Properties": {"SubnetId": {"Fn::GetAtt": ["Subnet", "SubnetId"]}}}
        before = {"Vpc": vpc, "Subnet": subnet, "Table": table, "Role": {"Type": "AWS::IAM::Role", "Properties": {}}}
        self.assertEqual(events.staying(before, before), set(before))
        other = {**vpc, "Properties": {"CidrBlock": "10.1.0.0/16"}}
        self.assertEqual(events.staying(before, {**before, "Vpc": other, "New": vpc}), {"Role"})


if __name__ == "__main__":
    unittest.main()
