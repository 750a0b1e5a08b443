# SPDX-License-Identifier: BSD-2-Clause
"""Random requests, signed by botocore: what the tests hold our own signer against."""
import random
import string
import time
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SERVICES = ("dynamodb", "sts", "iam", "execute-api")
REGIONS = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1")
SEGMENTS = ("", ".", "..", "a", "b-c", "d.e", "f~g", "h%20i", "%E1%88%B4", "table", "2015-03-31")


def word(chance, alphabet, low, high):
    return "".join(chance.choice(alphabet) for _ in range(chance.randint(low, high)))


def query(chance):
    names = string.ascii_letters + string.digits + "-._~ /+&=%ሴé"
    pairs = [(word(chance, names, 1, 6), word(chance, names, 0, 8))
             for _ in range(chance.choice((0, 0, 1, 2, 5)))]
    return "&".join(f"{urllib.parse.quote(n, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}"
                    for n, v in pairs)


def headers(chance, host, date):
    """Blanks inside and around values, any case of names, no name twice."""
    values = string.ascii_letters + string.digits + "  ;,:/=\"'()"
    result = {"hOsT" if chance.random() < 0.1 else "Host": host, "X-Amz-Date": date}
    if chance.random() < 0.5:
        result["X-Amz-Security-Token"] = word(chance, string.ascii_letters + "+/=", 20, 900)
    for i in range(chance.randint(0, 8)):
        name = word(chance, string.ascii_letters + "-", 3, 12).strip("-") or "x"
        result[f"{name}{i}"] = word(chance, values, 0, 30)
    return result


def request(chance):
    """(fields of a line for `test_sigv4 sign`, the Authorization value that botocore makes)."""
    now = chance.randint(0, 4102444799)
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    host = f"{word(chance, string.ascii_lowercase, 3, 10)}.example.amazonaws.com"
    path = "/" + "/".join(chance.choice(SEGMENTS) for _ in range(chance.randint(0, 5)))
    key = word(chance, string.ascii_uppercase + string.digits, 16, 20)
    secret = word(chance, string.ascii_letters + string.digits + "+/", 40, 40)
    service, region = chance.choice(SERVICES), chance.choice(REGIONS)
    method = chance.choice(("GET", "POST", "PUT", "DELETE"))
    body = b"" if method == "GET" else chance.randbytes(chance.choice((0, 1, 100, 2000)))
    text, sent = query(chance), headers(chance, host, date)
    url = f"http://{host}{path}" + (f"?{text}" if text else "")
    wanted = AWSRequest(method, url, data=body, headers=sent)
    wanted.context["timestamp"] = date
    signer = SigV4Auth(Credentials(key, secret), service, region)
    canonical = signer.canonical_request(wanted)
    signature = signer.signature(signer.string_to_sign(wanted, canonical), wanted)
    names = signer.signed_headers(signer.headers_to_sign(wanted))
    fields = [str(now), key, secret, region, service, method, path, text, body.hex(), "0"]
    for name, value in sent.items():
        fields += [name, value]
    return fields, (f"AWS4-HMAC-SHA256 Credential={key}/{date[:8]}/{region}/{service}/aws4_request, "
                    f"SignedHeaders={names}, Signature={signature}")


def requests(count, seed):
    chance = random.Random(seed)
    return [request(chance) for _ in range(count)]
