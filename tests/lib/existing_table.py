# SPDX-License-Identifier: BSD-2-Clause
"""A users table that other software made and filled, mapped by [attributes], and logins by it.

    with ExistingLogin(folder, proxy, server, SIGN_UP, profile="flask-boto3") as login:
        login.table.put_item(Item={...})
        login.start()
        login.pam("alice", PASSWORD)
"""
import hashlib

import boto3
import botocore.config

import command
import dynamo_login

PASSWORD = command.PASSWORD


def werkzeug(password, method="pbkdf2:sha256:1000"):
    """As the page made it; a cost for tests. Debian's Werkzeug knows no scrypt yet."""
    if method.startswith("scrypt"):
        salt, (_, n, r, p) = "AsaltOf16Letters", method.split(":")
        key = hashlib.scrypt(password.encode(), salt=salt.encode(), n=int(n), r=int(r), p=int(p),
                             maxmem=132 * int(n) * int(r) * int(p))
        return f"{method}${salt}${key.hex()}"
    import werkzeug.security
    return werkzeug.security.generate_password_hash(password, method=method, salt_length=16)


def bcrypt(password):
    """Bytes, as the module gives them, which boto3 stores as binary."""
    import bcrypt as module
    return module.hashpw(password.encode(), module.gensalt(rounds=4))


def sha3(password, salt=""):
    return hashlib.sha3_256((salt + password).encode()).hexdigest()


def schema(*names):
    """Keys of create_table: the partition key, and the sort key if there is one."""
    return {"AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"}
                                     for name in names],
            "KeySchema": [{"AttributeName": name, "KeyType": kind}
                          for name, kind in zip(names, ("HASH", "RANGE"))],
            "BillingMode": "PAY_PER_REQUEST"}


class ExistingLogin(dynamo_login.Login):
    """A host whose users table has these keys and is not ours."""

    def __init__(self, folder, proxy, server, keys, sections=None, **attributes):
        self.keys, self.more, self.attributes = keys, sections or {}, attributes
        super().__init__(folder, proxy, server)

    def prepare(self):
        super().prepare()
        resource = boto3.resource(
            "dynamodb", endpoint_url=self.server.url, region_name=command.REGION,
            aws_access_key_id=command.ACCESS_KEY, aws_secret_access_key=command.SECRET_KEY,
            config=botocore.config.Config(proxies={}))
        self.table = resource.create_table(TableName=self.command.users, **schema(*self.keys))
        self.sections["attributes"] = self.attributes
        for name, values in self.more.items():
            self.sections.setdefault(name, {}).update(values)

    def first_user(self):
        """The table's own software adds its users."""

    def users(self):
        return self.items()[self.command.users]
