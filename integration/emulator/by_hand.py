#!/usr/bin/env python3
"""Does what people and Kubernetes do beside eksnet, through the AWS APIs. Prints the answers as a JSON list.

usage: by_hand.py REGION MOTO_URL PLANE_URL '[["ec2", "delete_route", {"RouteTableId": "rtb-1"}], …]'

`{"$": [0, "LoadBalancers", 0, "LoadBalancerArn"]}` stands for a part of an earlier answer.
"""

import json
import sys

import boto3

ON_PLANE = ("cloudformation", "eks", "sts", "s3")


def filled(value, answers):
    if isinstance(value, dict) and list(value) == ["$"]:
        part = answers
        for step in value["$"]:
            part = part[step]
        return part
    if isinstance(value, dict):
        return {key: filled(one, answers) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, answers) for one in value]
    return value


def main(region, moto, plane, calls):
    answers = []
    for service, operation, arguments in json.loads(calls):
        # Classic balancers are a service of their own in boto3, and share moto's endpoint.
        client = boto3.client(service, endpoint_url=plane if service in ON_PLANE else moto, region_name=region,
                              aws_access_key_id="123456789012", aws_secret_access_key="test")
        answer = getattr(client, operation)(**filled(arguments, answers))
        answers.append({key: value for key, value in answer.items() if key != "ResponseMetadata"})
    print(json.dumps(answers, default=str))


main(*sys.argv[1:])
