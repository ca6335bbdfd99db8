#!/usr/bin/env python3
"""moto's server with the actions that it lacks and a preflight reads."""

import sys

from moto.core.responses import ActionResult
from moto.ec2.responses.vpcs import VPCs
from moto.server import main


def describe_vpc_block_public_access_options(_):
    return ActionResult({"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off", "State": "default-state"}})


VPCs.describe_vpc_block_public_access_options = describe_vpc_block_public_access_options

if __name__ == "__main__":
    sys.exit(main())
