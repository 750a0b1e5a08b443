# SPDX-License-Identifier: BSD-2-Clause
"""Hashes of random passwords by other programs: what the tests hold our own verification against."""
import base64
import contextlib
import hashlib
import string
import subprocess

import argon2
import bcrypt
import django.conf
import django.contrib.auth.hashers as django_hashers
import passlib.hash
import werkzeug.security

django.conf.settings.configure()

LETTERS = string.ascii_letters + string.digits + "./"
SIGNS = string.printable.strip() + " äöüßéø€Ω中日☃🔑"


def password(chance):
    """Text of 1 to 120 bytes, as somebody types it."""
    while True:
        text = "".join(chance.choice(SIGNS) for _ in range(chance.choice((1, 5, 8, 15, 30, 60, 90))))
        if len(text.encode()) <= 120:
            return text


def salt(chance, low, high):
    return "".join(chance.choice(LETTERS) for _ in range(chance.randint(low, high)))


def run(text, *command):
    return subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True,
                          timeout=60).stdout.decode().strip()


def mkpasswd(method, *options):
    return lambda chance, text: run(text, "mkpasswd", "-s", "-m", method, *options)


def openssl(option):
    return lambda chance, text: run(text, "openssl", "passwd", option, "-stdin", "-salt",
                                    salt(chance, 1, 16))


def argon2_command(option):
    return lambda chance, text: run(
        text, "argon2", salt(chance, 8, 24), option, "-t", str(chance.randint(1, 4)),
        "-k", str(chance.randint(64, 512)), "-p", str(chance.randint(1, 8)),
        "-l", str(chance.randint(16, 64)), "-v", chance.choice(("10", "13")), "-e")


def argon2_python(kind):
    return lambda chance, text: argon2.low_level.hash_secret(
        text.encode(), chance.randbytes(chance.randint(8, 32)), chance.randint(1, 4),
        chance.randint(64, 512), chance.randint(1, 8), chance.randint(16, 48), kind).decode()


def bcrypt_python(prefix):
    return lambda chance, text: bcrypt.hashpw(text.encode()[:72], bcrypt.gensalt(4, prefix)).decode()


def werkzeug_pbkdf2(digest):
    return lambda chance, text: werkzeug.security.generate_password_hash(
        text, f"pbkdf2:{digest}:{chance.randint(1, 3000)}", chance.randint(1, 32))


def scrypt_digest(chance, text, name):
    n, r, p = 1 << chance.randint(1, 12), chance.randint(1, 16), chance.randint(1, 4)
    return n, r, p, hashlib.scrypt(text.encode(), salt=name.encode(), n=n, r=r, p=p,
                                   maxmem=1 << 28)


def werkzeug_scrypt(chance, text):
    """As Werkzeug 3 writes it; 2.2 does not yet."""
    name = salt(chance, 1, 32)
    n, r, p, digest = scrypt_digest(chance, text, name)
    return f"scrypt:{n}:{r}:{p}${name}${digest.hex()}"


def django_scrypt(chance, text):
    """As Django 4 writes it; 3.2 does not yet."""
    name = salt(chance, 1, 32)
    n, r, p, digest = scrypt_digest(chance, text, name)
    return f"scrypt${n}${name}${r}${p}${base64.b64encode(digest).decode()}"


def django_pbkdf2(hasher):
    return lambda chance, text: hasher.encode(text, salt(chance, 1, 32), chance.randint(1, 3000))


def django_bcrypt(hasher):
    hasher.rounds = 4
    return lambda chance, text: hasher.encode(text, hasher.salt())


def django_argon2(chance, text):
    hasher = django_hashers.Argon2PasswordHasher()
    hasher.memory_cost, hasher.time_cost, hasher.parallelism = 128, chance.randint(1, 3), 2
    return hasher.encode(text, salt(chance, 8, 24))


def ldap(hasher):
    def make(chance, text):
        with contextlib.suppress(TypeError):
            return hasher.using(salt_size=chance.randint(4, 16)).hash(text)
        return hasher.hash(text)
    return make


def ldap_crypt(chance, text):
    return "{CRYPT}" + mkpasswd(chance.choice(("sha512crypt", "yescrypt")))(chance, text)


def sha3(chance, text):
    """As richardjkendall's pam-dynamo keeps it: hex of salt and password."""
    name = salt(chance, 0, 40)
    return f"{{SHA3-256}}{name}${hashlib.sha3_256((name + text).encode()).hexdigest()}"


def sha3_bare(_, text):
    return hashlib.sha3_256(text.encode()).hexdigest()


# What made it, the name of the format, and whether no more than 72 bytes count.
MAKERS = (
    ("argon2 -id", "argon2id", argon2_command("-id"), False),
    ("argon2 -i", "argon2i", argon2_command("-i"), False),
    ("python3-argon2", "argon2id", argon2_python(argon2.Type.ID), False),
    ("python3-argon2", "argon2i", argon2_python(argon2.Type.I), False),
    ("mkpasswd", "yescrypt", mkpasswd("yescrypt", "-R", "1"), False),
    ("mkpasswd", "gost-yescrypt", mkpasswd("gost-yescrypt", "-R", "1"), False),
    ("mkpasswd", "scrypt", mkpasswd("scrypt", "-R", "6"), False),
    ("mkpasswd", "sha512-crypt", mkpasswd("sha512crypt"), False),
    ("mkpasswd", "sha512-crypt", mkpasswd("sha512crypt", "-R", "1234"), False),
    ("mkpasswd", "sha256-crypt", mkpasswd("sha256crypt"), False),
    ("mkpasswd", "bcrypt", mkpasswd("bcrypt", "-R", "4"), True),
    ("mkpasswd", "bcrypt", mkpasswd("bcrypt-a", "-R", "4"), True),
    ("openssl", "sha512-crypt", openssl("-6"), False),
    ("openssl", "sha256-crypt", openssl("-5"), False),
    ("python3-bcrypt", "bcrypt", bcrypt_python(b"2b"), True),
    ("python3-bcrypt", "bcrypt", bcrypt_python(b"2a"), True),
    ("python3-passlib", "sha512-crypt", ldap(passlib.hash.sha512_crypt.using(rounds=1000)), False),
    ("python3-passlib", "sha256-crypt", ldap(passlib.hash.sha256_crypt.using(rounds=1000)), False),
    ("python3-passlib", "ldap-ssha", ldap(passlib.hash.ldap_salted_sha1), False),
    ("python3-passlib", "ldap-ssha256", ldap(passlib.hash.ldap_salted_sha256), False),
    ("python3-passlib", "ldap-ssha512", ldap(passlib.hash.ldap_salted_sha512), False),
    ("mkpasswd", "ldap-crypt", ldap_crypt, False),
    ("python3-werkzeug", "werkzeug-pbkdf2-sha1", werkzeug_pbkdf2("sha1"), False),
    ("python3-werkzeug", "werkzeug-pbkdf2-sha256", werkzeug_pbkdf2("sha256"), False),
    ("python3-werkzeug", "werkzeug-pbkdf2-sha512", werkzeug_pbkdf2("sha512"), False),
    ("hashlib", "werkzeug-scrypt", werkzeug_scrypt, False),
    ("python3-django", "django-pbkdf2-sha1",
     django_pbkdf2(django_hashers.PBKDF2SHA1PasswordHasher()), False),
    ("python3-django", "django-pbkdf2-sha256",
     django_pbkdf2(django_hashers.PBKDF2PasswordHasher()), False),
    ("python3-django", "django-argon2", django_argon2, False),
    ("python3-django", "django-bcrypt", django_bcrypt(django_hashers.BCryptPasswordHasher()), True),
    ("python3-django", "django-bcrypt-sha256",
     django_bcrypt(django_hashers.BCryptSHA256PasswordHasher()), False),
    ("hashlib", "django-scrypt", django_scrypt, False),
    ("hashlib", "sha3-256", sha3, False),
    ("hashlib", "sha3-256", sha3_bare, False),
)
