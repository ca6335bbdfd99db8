#!/usr/bin/env python3
"""moto's server with the actions and words that it lacks and eksnet reads."""

import sys

from moto.core.responses import ActionResult
from moto.ec2.responses.subnets import Subnets
from moto.ec2.responses.vpcs import VPCs
from moto.server import main


def describe_vpc_block_public_access_options(_):
    return ActionResult({"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off", "State": "default-state"}})


def with_description(create):
    """EC2 keeps a reservation's description; moto forgets it."""
    def create_and_describe(self):
        answer = create(self)
        answer.result["SubnetCidrReservation"].description = self._get_param("Description")
        return answer
    return create_and_describe


VPCs.describe_vpc_block_public_access_options = describe_vpc_block_public_access_options
VPCs.describe_vpc_block_public_access_exclusions = lambda _: ActionResult({"VpcBlockPublicAccessExclusions": []})
Subnets.create_subnet_cidr_reservation = with_description(Subnets.create_subnet_cidr_reservation)

if __name__ == "__main__":
    sys.exit(main())
