"""Secrets in ConfigMaps and Secrets."""

from __future__ import annotations

import pytest

from bot.kubernetes.secret import in_entry, in_secret
from tests.secrets.planted import P, b64, made, pem, word

PW = word("text")

ENTRIES: dict[str, tuple[str, str, int]] = {
    "a value": ("DB_PASSWORD", PW, 1),
    "properties": ("app.properties", f"a=b\nspring.datasource.{P}={PW}\n", 2),
    "YAML": ("app.yaml", f"db:\n  user: shop\n  {P}: '{PW}' # soon elsewhere\n", 3),
    "YAML in a list": ("app.yaml", f"users:\n- name: shop\n- {P}: {PW}\n", 3),
    "JSON": ("app.json", f'{{\n  "user": "shop",\n  "{P}": "{PW}"\n}}', 3),
    "JSON on a line": ("app.json", f'{{"user": "shop", "{P}": "{PW}"}}', 1),
    "an env file": (".env", f"# database\nexport DB_PASSWORD={PW}\n", 2),
    "an ini file": ("app.ini", f"[db]\n{P} = {PW}\n", 2),
    "TOML": ("app.toml", f'[db]\n{P} = "{PW}"\n', 2),
    "Redis": ("redis.conf", f"appendonly yes\nrequirepass {PW}\n", 2),
    "SQL": ("init.sql", f"CREATE USER 'a'@'%' IDENTIFIED BY '{PW}';\nFLUSH;\n", 1),
    "an address": ("app.yaml", f"log: debug\nurl: postgres://shop:{PW}@db/shop\n", 2),
    "a private key": ("tls.key", pem("PRIVATE" + " KEY", "configmap"), 1),
    "a private key in YAML": ("a.yaml", "k: |\n" + pem("EC PRIVATE" + " KEY", "yaml"), 2),
    "a token": ("a.yaml", "x: 1\ngithub: " + "gh" + "p_" + made(36, "cm"), 2),
    "a program's constant": ("app.py", f"import os\nPASSWORD = '{PW}'\n", 2),
}
NO_ENTRIES: dict[str, tuple[str, str]] = {
    "trivy#8198": ("password_validation.py", "import re\npassword = request.form['password']\n"),
    "a program's default": ("app.py", "def login(user, password='admin'):\n    return password\n"),
    "a field's type": ("form.html", '<p>\n<input type="password" name="password">\n'),
    "references": ("app.yaml", "db:\n  password: ${DB_PASSWORD}\n  token: {{ .token }}\n"),
    "pointers": ("p.yaml", "a:\n  bearer_token_file: /run/token\n  secretName: shop-tls\n"),
    "the name of a variable": ("dex.yaml", "id: shop\nsecretEnv: OIDC_CLIENT_SECRET\n"),
    "where users come from": ("nsswitch.conf", "passwd: files systemd\nshadow: compat\n"),
    "an empty parameter": ("pam", "url: https://x/tokeninfo?access_token= uid realm=/a\nb: c"),
    "prose": ("README.md", "# Setup\nThe password: see the vault. Token: ask the team.\n"),
    "a certificate": ("ca.crt", pem("CERTIFICATE", "configmap-ca")),
}


@pytest.mark.parametrize(("key", "value", "line"), ENTRIES.values(), ids=ENTRIES)
def test_a_secret_in_a_configmap_is_found_by_its_line(key: str, value: str, line: int) -> None:
    found = in_entry(key, value)
    assert found is not None
    assert (found.at, found.verdict.kind) == (line, "certain")


@pytest.mark.parametrize(("key", "value"), NO_ENTRIES.values(), ids=NO_ENTRIES)
def test_what_only_looks_like_a_secret_in_a_configmap_is_none(key: str, value: str) -> None:
    assert in_entry(key, value) is None


COMMITTED: dict[str, tuple[str, str, str]] = {
    "a password": ("password", PW, "certain"),
    "a default password": ("password", "admin", "likely"),
    "a key": ("key", made(40, "ceph"), "certain"),
    "a weakly named value": ("goat", made(32, "vault-value"), "likely"),
    "a word under a weak name": ("key", "my" + "word", "likely"),
    "a private key": ("tls.key", pem("PRIVATE" + " KEY", "secret"), "certain"),
    "an address": ("url", f"postgres://shop:{PW}@db/shop", "certain"),
    "a file": ("config.yaml", f"user: shop\n{P}: {PW}\n", "certain"),
    "a login to a registry": (
        ".dockerconfigjson",
        '{"auths": {"r.example.com": {"auth": "' + b64(f"shop:{PW}") + '"}}}',
        "certain",
    ),
}
NOT_COMMITTED: dict[str, tuple[str, str]] = {
    "nothing": ("password", ""),
    "a user": ("username", "shop"),
    "a host": ("host", "db.shop.svc.cluster.local"),
    "a port": ("port", "5432"),
    "an address without a password": ("url", "https://git.example.com/shop.git"),
    "a kind": ("type", "git"),
    "a certificate": ("tls.crt", pem("CERTIFICATE", "secret-crt")),
    "a public key": ("cosign.pub", pem("PUBLIC KEY", "cosign")),
    "a placeholder": ("password", "changeme"),
    "a placeholder for a token": ("token", "your-token"),
    "a slot": ("password", "<password>"),
    "a reference of Flux": ("password", "${DB_PASSWORD}"),
    "a reference of Kubernetes": ("password", "$(DB_PASSWORD)"),
    "a template": ("password", "{{ .Values.password }}"),
    "a path of a vault": ("password", "<path:secret/data/shop#password>"),
    "what SOPS encrypted": ("password", "ENC[AES256_GCM,data:8hr0,iv:x,tag:y,type:str]"),
    "a region": ("region", "eu-central-1"),
    "a bucket": ("bucket", "shop-backups-2024"),
}


@pytest.mark.parametrize("encoded", [False, True], ids=["stringData", "data"])
@pytest.mark.parametrize(("key", "value", "kind"), COMMITTED.values(), ids=COMMITTED)
def test_a_real_value_in_a_secret_is_found(
    key: str, value: str, kind: str, *, encoded: bool
) -> None:
    assert in_secret(key, b64(value) if encoded else value, encoded=encoded).kind == kind


@pytest.mark.parametrize("encoded", [False, True], ids=["stringData", "data"])
@pytest.mark.parametrize(("key", "value"), NOT_COMMITTED.values(), ids=NOT_COMMITTED)
def test_what_is_no_value_in_a_secret_is_none(key: str, value: str, *, encoded: bool) -> None:
    assert not in_secret(key, b64(value) if encoded else value, encoded=encoded)


def test_a_reference_in_data_is_read_before_base64() -> None:
    assert not in_secret("password", "${DB_PASSWORD_B64}", encoded=True)


def test_a_key_store_is_known_by_its_name() -> None:
    store = "/u3+7QAAAAIAAAABAAAAAQAEY2FydAAAAX9" + "A" * 40
    assert in_secret("keystore.jks", store, encoded=True).kind == "likely"
    assert not in_secret("logo.png", store, encoded=True)
