/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashes that other programs made, of costs that are quick to try. With Debian 12's packages, PASS
 * being the password of the row (CHB where none is said):
 *	whois 5.5.17		mkpasswd -m FORMAT [-R COST] [-S SALT] PASS
 *	openssl 3.0.22		openssl passwd -5 (or -6) -salt ab PASS
 *				printf SALTPASS | openssl dgst -sha3-256
 *	apache2-utils 2.4	htpasswd -nbB -C 4 x PASS
 *	slapd-contrib 2.5.13	slappasswd -o module-path=/usr/lib/ldap -o module-load=pw-sha2
 *				-h '{SSHA512}' -s PASS; -h '{CRYPT}' -c '$6$rounds=1000$%.8s';
 *				-o 'module-load=argon2 m=64 t=1 p=1' -h '{ARGON2}'
 *	argon2 0~20171227	printf PASS | argon2 saltsalt1234 -id -t 2 -k 64 -p 1 -l 32 -e
 *	python3-werkzeug 2.2.2	generate_password_hash(PASS, 'pbkdf2:sha256:1000', 8)
 *	python3-django 3.2.25	hashers.PBKDF2PasswordHasher().encode(PASS, 'seasalt2', 1000);
 *				the others with .encode(PASS, hasher.salt()) and their cost set
 *	python3-bcrypt 3.2.2	hashpw(b'x' * 72, gensalt(4))
 *	python3 3.11		hashlib.scrypt(PASS, salt=b'saltsalt', n=16, r=8, p=1), which is
 *				what Werkzeug 3 and Django 4 call; in their forms, which are
 *				younger than the packages
 *				crypt.crypt(PASS, '$y$j35$gGhKk9t7lcDrvqc.CP09z/') and alike, for
 *				costs below those of mkpasswd
 *	libsodium 1.0.18	crypto_pwhash_scryptsalsa208sha256_str(PASS, 32768, 16777216)
 * and Django 4's scrypt from tests/auth_tests/test_hashers.py of its source.
 */
#ifndef PASSWORD_KNOWN_H
#define PASSWORD_KNOWN_H

#include <stddef.h>

#define CHB "correct horse battery"
#define SNOWMAN "p\xc3\xa4ssw\xc3\xb6rd \xe2\x98\x83"
#define X72 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* The characters of a digest, in the order of their values. */
#define KNOWN_HEX "0123456789abcdef"
#define KNOWN_BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define KNOWN_CRYPT64 "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

struct password_known {
	const char *format; /* the name */
	const char *prefix; /* of its row in password.c */
	size_t step;        /* one character of so many is changed; 0: none, a try takes too long */
	const char *alphabet;
	size_t tail; /* characters at the end that are the digest, and maybe the salt */
	const char *password;
	const char *encoded;
};

static const struct password_known password_known[] = {
    {"argon2id", "$argon2id$", 1, KNOWN_BASE64, 22, CHB,
	"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQxMjM0$oUKaJ3tQpCdEcyuMak73WA"},
    {"argon2id", "$argon2id$", 1, KNOWN_BASE64, 43, CHB,
	"$argon2id$v=16$m=64,t=1,p=1$c2FsdHNhbHQxMjM0"
	"$77s6AUQDJhd4gbxIi7XygmfcN5Vm43W0Fli/xoykq+k"},
    {"argon2id", "$argon2id$", 1, KNOWN_BASE64, 32, SNOWMAN,
	"$argon2id$v=19$m=32,t=2,p=2$YW5vdGhlcnNhbHR2YWx1ZQ$bVSCoeQY6QxuFbB3+v3s4Rzt7bycnnV6"},
    {"argon2i", "$argon2i$", 1, KNOWN_BASE64, 32, CHB,
	"$argon2i$v=16$m=64,t=2,p=2$c2FsdHNhbHQxMjM0$eUDYfsEUHDV2Qyf90vBsZwyyh8BpaQNY"},
    {"argon2i", "$argon2i$", 1, KNOWN_BASE64, 43, CHB,
	"$argon2i$v=19$m=64,t=3,p=1$c2FsdHNhbHQxMjM0"
	"$+vqOBiwAp6iWE5z08faLdK2zQx/QO4PUZ5WHSGMK2IU"},
    {"yescrypt", "$y$", 9, KNOWN_CRYPT64, 43, CHB,
	"$y$j75$gGhKk9t7lcDrvqc.CP09z/$f7PLR8SasQwA5vyvuG6gJHvlTcxcS/3NDyRq4INagX/"},
    {"yescrypt", "$y$", 1, KNOWN_CRYPT64, 43, CHB,
	"$y$j35$gGhKk9t7lcDrvqc.CP09z/$PIpqHBN0BJTC0yFSPqQ2yEVo4Oj3XBW/a6X1wZiRKL9"},
    {"gost-yescrypt", "$gy$", 9, KNOWN_CRYPT64, 43, CHB,
	"$gy$j75$KRVcpXBEUV0b.3z0iC9cS1$Md4yiZFIFeEgrRze0aPNYlyiy1USY4OSoS0dstXDWw2"},
    {"gost-yescrypt", "$gy$", 1, KNOWN_CRYPT64, 43, CHB,
	"$gy$j35$gGhKk9t7lcDrvqc.CP09z/$3gaKe9a3CLzAJfTkNTlQVhXBSsE7o2wFDVOF3h/r323"},
    {"scrypt", "$7$", 1, KNOWN_CRYPT64, 43, CHB,
	"$7$46..../....saltsalt$QGkTc9aciBhR77qUGIvuwtCN7IYH1KTPH6Xhq476v1C"},
    {"scrypt", "$7$", 0, KNOWN_CRYPT64, 43, CHB,
	"$7$BU..../....N4tujHFKJlwGtl.vHL115.$MsOMycdIPRs7twRKYvSiTpW/nb7fgUei6x.Aza88ST/"},
    {"scrypt", "$7$", 9, KNOWN_CRYPT64, 43, CHB,
	"$7$86..../....5Y0sFlRAJQVVeuyUn507Jk8rUrLQBQOXdNkPBCdGF09"
	"$OzHCn1wGdlOsl.PGlR1LCb9MxBUm1DaFzSU6w0.GYi4"},
    {"sha512-crypt", "$6$", 1, KNOWN_CRYPT64, 86, CHB,
	"$6$rounds=1000$saltsaltsaltsalt$91u.tQAiDs.h6cLIMlSBeYhmUC/Np298Y7uR4SwmVEvi75vaGxKUGXT"
	"mtxZCk3aToOtePZNdZMYlSipydZa8u."},
    {"sha512-crypt", "$6$", 9, KNOWN_CRYPT64, 86, CHB,
	"$6$ab$00UvuTipJheWs8rQil6/B9QxEK27jYxw4b0b1elLf8QluNkNogsWUJ47RIFEYG8taaZoy6SsCHRnnPXw8"
	"cve.1"},
    {"sha256-crypt", "$5$", 1, KNOWN_CRYPT64, 43, CHB,
	"$5$rounds=1000$saltsalt$DoN2WcBhpG46VIH/EyfZvcagZwm42q0Yk.N4cUSDxm1"},
    {"sha256-crypt", "$5$", 9, KNOWN_CRYPT64, 43, CHB,
	"$5$ab$rjz3gYOjzK4xqu3I7Vq.5J/Fktyeqn19UrfCViRzSbD"},
    {"bcrypt", "$2a$", 9, KNOWN_CRYPT64, 53, CHB,
	"$2a$05$uY70YLLw4xSZJMtDzbf5Yuxc4rR6WnHYybJ.HIdu/q3XrfVXn027G"},
    {"bcrypt", "$2b$", 9, KNOWN_CRYPT64, 53, CHB,
	"$2b$05$v8717KA8qnihqNs8VobOgeZvcmFP7ZRx50dYgQ0kjPUUTSWzS4xwe"},
    {"bcrypt", "$2b$", 3, KNOWN_CRYPT64, 53, X72,
	"$2b$04$alKR9tVIKfhE6mk1UTbFY.nvslWgNWEM8ULCAtIUnl5Slk3ksOmzy"},
    {"bcrypt", "$2y$", 3, KNOWN_CRYPT64, 53, CHB,
	"$2y$04$zNaOj01zgWGc5s2jpA94xewA0/kL1SKal9HJjc2kQvP.bahyLQK56"},
    {"werkzeug-scrypt", "scrypt:", 1, KNOWN_HEX, 128, CHB,
	"scrypt:16:8:1$saltsalt$1c5f67144e832b126885640f24d1e375ecd52d10a9a04042c80cbaead9041c36"
	"6cbddf3a46586a319fec048ca6e0dca0843a1d051facd18959a15a47fe8c8b18"},
    {"werkzeug-pbkdf2-sha1", "pbkdf2:sha1:", 1, KNOWN_HEX, 40, CHB,
	"pbkdf2:sha1:1000$p3GQzsRU$ecd66ac8fb905b7684835593b59d5fbfa6766b9d"},
    {"werkzeug-pbkdf2-sha256", "pbkdf2:sha256:", 1, KNOWN_HEX, 64, CHB,
	"pbkdf2:sha256:1000$9cp6oRYT"
	"$9794d7286c969109b08d026a905eafc425041fe21b7313691f4991c14650883d"},
    {"werkzeug-pbkdf2-sha256", "pbkdf2:sha256:", 1, KNOWN_HEX, 64, SNOWMAN,
	"pbkdf2:sha256:1$dtdsOAB7ov9kjlDN"
	"$74997f9382b41fe322567df384a6e8db9841f2733be71ae190725580b65fa49e"},
    {"werkzeug-pbkdf2-sha512", "pbkdf2:sha512:", 1, KNOWN_HEX, 128, CHB,
	"pbkdf2:sha512:1000$CsbeUzvC$77655ae0b13c6f515b0c1812b2100e322919118b42b72a5eb4c1ee8ddca"
	"e4855402b17c1b7516da2344a39b787c805f3903b716f707a462c3e8c3a9a6d1a97a1"},
    {"django-scrypt", "scrypt$", 0, KNOWN_BASE64, 88, "l\xc3\xa8tmein",
	"scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESk"
	"XFRkdVCBhhY8mx7rQwite/Pw=="},
    {"django-scrypt", "scrypt$", 1, KNOWN_BASE64, 88, CHB,
	"scrypt$16$saltsalt$8$1$HF9nFE6DKxJohWQPJNHjdezVLRCpoEBCyAy66tkEHDZsvd86RlhqMZ/sBIym4Nyg"
	"hDodBR+s0YlZoVpH/oyLGA=="},
    {"django-pbkdf2-sha1", "pbkdf2_sha1$", 1, KNOWN_BASE64, 28, CHB,
	"pbkdf2_sha1$1000$seasalt2$ZXKgkKtGgMyeFjSN97n9NWVUzUU="},
    {"django-pbkdf2-sha256", "pbkdf2_sha256$", 1, KNOWN_BASE64, 44, CHB,
	"pbkdf2_sha256$1000$seasalt2$/AgPzJG5e6Yv25JIyxyWfNnB6QXmfp0Y+BEGfC3zoJE="},
    {"django-argon2", "argon2", 1, KNOWN_BASE64, 22, CHB,
	"argon2$argon2id$v=19$m=64,t=1,p=8$bWJadnBwSUNNcjNnMU9xNUFGb0JOTg"
	"$8uU1bpqgYmHoYenjb34Kmg"},
    {"django-bcrypt", "bcrypt$", 3, KNOWN_CRYPT64, 53, CHB,
	"bcrypt$$2b$04$nv2W3fw.kin0UJ1l0FXCSuQJEx8IJy8vaLvmhjmIIyVghSueKa78W"},
    {"django-bcrypt-sha256", "bcrypt_sha256$", 3, KNOWN_CRYPT64, 53, CHB,
	"bcrypt_sha256$$2b$04$5VAd6LC/RQQNiSoBCDxaF.WqyqeRqqyW10nAw48LXIRARFN8JCbQa"},
    {"ldap-ssha", "{SSHA}", 1, KNOWN_BASE64, 32, CHB, "{SSHA}boIP38HANufRYCh/fPJtblptnOLG86CB"},
    {"ldap-ssha256", "{SSHA256}", 1, KNOWN_BASE64, 56, CHB,
	"{SSHA256}0JZL91+NjrDidf2U34kS0W1BnTUi0pH9gZ9GBNrePD7mkwXNVa3N0Q=="},
    {"ldap-ssha512", "{SSHA512}", 1, KNOWN_BASE64, 96, CHB,
	"{SSHA512}192UOxIvz1SlE76t8RwIlHN6/HFQ0riMhSwyDy3BU4JvY5/xJpoxitrcPf6satRnHfDn1Y5d2dzY8d"
	"oROH7dGDFWQ+0VhQWm"},
    {"ldap-crypt", "{CRYPT}", 1, KNOWN_CRYPT64, 86, CHB,
	"{CRYPT}$6$rounds=1000$xE2TiU8z$ZNGp7nhAYZu39CyqU5pO7Darl3sqnbUfH/9queodDB1rtl/5b1W3vam7"
	"MkqK8YFSJDfc2xhRWq3a.qMT/3aGL/"},
    {"ldap-argon2", "{ARGON2}", 1, KNOWN_BASE64, 43, CHB,
	"{ARGON2}$argon2i$v=19$m=64,t=1,p=1$3JteBdjozFNDOscCcxg5iQ"
	"$fmFSEP4Gb9HzBPEj8+OpF6g4jljCKDejkGWWBbMwLHg"},
    {"sha3-256", "{SHA3-256}", 1, KNOWN_HEX, 64, CHB,
	"{SHA3-256}abcde$76b631233fc61cf879e7e97095b4547223571074ebc6298747d50ad2d979f7fb"},
    {"sha3-256", "{SHA3-256}", 1, KNOWN_HEX, 64, CHB,
	"{SHA3-256}ab$ce$18cd0f50247574e3518359a9fd6e8618542ab222f4961512fba17ca540ebac35"},
    {"sha3-256", "", 1, KNOWN_HEX, 64, CHB,
	"527309fa687983bb95324bd8752537047dc4afac6bc5c323709d0f261aa1a126"},
};

#define PASSWORD_KNOWN_COUNT (sizeof(password_known) / sizeof(password_known[0]))

#endif
