"""Secrets on command lines."""

from __future__ import annotations

import pytest

from bot.kubernetes.secret import in_command
from tests.secrets.planted import P, b64, made, word

PW = word("command")

FOUND: dict[str, tuple[list[str], int]] = {
    "a flag with a value": ([f"--{P}={PW}"], 0),
    "a flag and its value": (["serve", "--db-password", PW], 2),
    "a single dash": (["-password", PW], 1),
    "a variable": ([f"DB_PASSWORD={PW}", "serve"], 0),
    "an option of Java": (["java", f"-Dspring.datasource.{P}={PW}", "-jar", "x"], 1),
    "a value of Helm": (["--set", f"auth.{P}={PW}"], 1),
    "a literal of kubectl": ([f"--from-literal={P}={PW}"], 0),
    "Redis": (["redis-server", "--requirepass", PW], 2),
    "Redis' client": (["redis-cli", "-a", PW, "ping"], 2),
    "MySQL's client": (["mysqladmin", "ping", "-h", "localhost", f"-p{PW}"], 4),
    "MongoDB's client": (["mongosh", "-u", "root", "-p", PW], 4),
    "LDAP's client": (["ldapsearch", "-x", "-w", PW], 3),
    "SQL Server's client": (["/opt/tools/bin/sqlcmd", "-U", "sa", "-P", PW], 4),
    "curl": (["curl", "-u", f"admin:{PW}", "http://x"], 2),
    "a login": (["docker", "login", "-u", "shop", "-p", PW], 5),
    "an address": (["--dsn", f"postgres://shop:{PW}@db/shop"], 1),
    "an address with a flag": ([f"--dsn=postgres://shop:{PW}@db/shop"], 0),
    "a token": (["--token", made(40, "argument")], 1),
    "base64 that ends in a sign": (["--token=" + made(43, "sign") + "="], 0),
    "a header": (["curl", "-H", "Authorization: Basic " + b64(f"shop:{PW}")], 2),
    "a header of one's own": (["curl", "--header", f"X-Vault-Token: {made(26, 'own')}"], 2),
    "a script": (["sh", "-c", f"mysql -uroot -p{PW} -e 'select 1'"], 2),
    "a script's variable": (["bash", "-c", f"export DB_PASSWORD={PW}; exec run"], 2),
    "a script's command": (["sh", "-c", f"PGPASSWORD={PW} psql -h db"], 2),
    "a script's second command": (["sh", "-c", f"cd /data && redis-cli -a {PW} ping"], 2),
    "a script's quotes": (["sh", "-c", f"mysql -p'{PW}'"], 2),
    "a script in a script": (["sh", "-c", f"su shop -c 'mysql -p{PW}'"], 2),
    "a here-document": (["sh", "-c", f"cat <<EOF > c.yaml\n{P}: {PW}\nEOF\nrun"], 2),
    "SQL": (["sh", "-c", f"mysql -e \"CREATE USER 'a' IDENTIFIED BY '{PW}'\""], 2),
    "SQL of PostgreSQL": (["sh", "-c", f"psql -c \"CREATE USER a WITH PASSWORD '{PW}'\""], 2),
}
NOT_FOUND: dict[str, list[str]] = {
    "nothing": [],
    "a reference": ["--password=$(DB_PASSWORD)", "--token", "$(TOKEN)"],
    "a shell's reference": ["sh", "-c", 'mysqladmin ping -p"$MYSQL_ROOT_PASSWORD"'],
    "a shell's reference without quotes": ["sh", "-c", "mysqladmin -p$MYSQL_ROOT_PASSWORD ping"],
    "a shell's file": ["sh", "-c", 'redis-cli -a "$(cat /run/secrets/redis)" ping'],
    "a comparison": ["sh", "-c", '[ "$PASSWORD" = "none" ] && exit 1; echo password: done'],
    "a prompt": ["bash", "-c", "echo 'Enter password:'; read -s PASSWORD"],
    "a comment": ["sh", "-c", f"# mysql -p{PW}\nrun"],
    "pointers": ["--password-file=/run/db", "--token-ttl=24h", "--secret-name", "shop-tls"],
    "a plugin": ["--default-authentication-plugin=mysql_native_password"],
    "a switch": ["--enable-bootstrap-token-auth=true", "--auth", "none"],
    "a flag without a value": ["--password", "--verbose"],
    "a directory": ["mkdir", "-p", "/data/passwords"],
    "a port of a known tool": ["mysql", "-P", "3306", "-h", "db"],
    "another tool's -p": ["nc", "-p", "secretport9"],
    "a key's path": ["--tls-private-key-file=/tls/tls.key", "--key", "/tls/tls.key"],
    "a reference in an address": ["--dsn", "postgres://shop:$(DB_PASSWORD)@db/shop"],
    "an image": [
        "--image=registry.example.com/secrets@sha256:" + made(64, "i", "0123456789abcdef")
    ],
}


@pytest.mark.parametrize(("words", "index"), FOUND.values(), ids=FOUND)
def test_a_secret_on_a_command_line_is_found_where_it_stands(words: list[str], index: int) -> None:
    found = list(in_command(words))
    assert [one.at for one in found] == [index]
    verdict = found[0].verdict
    assert verdict.kind == "certain"
    if verdict.end:  # zero in a script, which podsec does not edit
        secret = words[index][verdict.start : verdict.end]
        assert secret
        assert secret not in repr(verdict)


@pytest.mark.parametrize("words", NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_only_looks_like_a_secret_on_a_command_line_is_none(words: list[str]) -> None:
    assert list(in_command(words)) == []
