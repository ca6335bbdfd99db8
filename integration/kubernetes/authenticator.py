"""Says whether a bearer token is one that EKS would take: a request to STS, signed for one cluster, that is still valid.

EKS sends the request to STS; here its signature is made again from the key that the tests use, and has to be the same.
"""

import base64
import datetime
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY, SECRET = "123456789012", "test"
LONGEST = datetime.timedelta(minutes=15)


class At(SigV4QueryAuth):
    """botocore's own signer, at the moment that the token says."""

    def __init__(self, moment, region, expires):
        super().__init__(Credentials(KEY, SECRET), "sts", region, expires=expires)
        self.moment = moment

    def add_auth(self, request):
        request.context["timestamp"] = self.moment
        self._modify_request_before_signing(request)
        signature = self.signature(self.string_to_sign(request, self.canonical_request(request)), request)
        self._inject_signature_to_request(request, signature)


def fault(token):
    """What is wrong with a token; None if nothing is."""
    if not token.startswith("k8s-aws-v1."):
        return "no token of EKS's"
    text = token.removeprefix("k8s-aws-v1.")
    url = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    parts, query = urlsplit(url), {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    region = query["X-Amz-Credential"].split("/")[2]
    if parts.scheme != "https" or parts.netloc != f"sts.{region}.amazonaws.com":
        return f"signed for {parts.scheme}://{parts.netloc}"
    if query["Action"] != "GetCallerIdentity" or query["X-Amz-SignedHeaders"] != "host;x-k8s-aws-id":
        return "signs something else"
    signed = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    if not datetime.timedelta(minutes=-1) < datetime.datetime.now(datetime.timezone.utc) - signed < LONGEST:
        return "expired"
    for cluster in CLUSTERS:
        request = AWSRequest("GET", f"https://{parts.netloc}/?Action=GetCallerIdentity&Version=2011-06-15", headers={"x-k8s-aws-id": cluster})
        At(query["X-Amz-Date"], region, int(query["X-Amz-Expires"])).add_auth(request)
        if parse_qs(urlsplit(request.url).query)["X-Amz-Signature"][0] == query["X-Amz-Signature"]:
            return None
    return "the signature is wrong, or for another cluster"


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            wrong = fault(review["spec"]["token"])
        except (KeyError, ValueError, IndexError) as error:
            wrong = f"unreadable: {error}"
        user = {"username": "arn:aws:sts::111122223333:assumed-role/ops/eksnet", "groups": ["system:masters"]}
        review["status"] = {"authenticated": True, "user": user} if wrong is None else {"authenticated": False, "error": wrong}
        body = json.dumps(review).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    CLUSTERS = sys.argv[2:]
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Webhook).serve_forever()
