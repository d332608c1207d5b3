"""What the operator sets; a missing secret stops the start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings import SETTINGS, Settings

KEY = "-----BEGIN RSA PRIVATE KEY-----\nnot a real one\n-----END RSA PRIVATE KEY-----\n"
COMPLETE = {
    "PODSEC_APP_ID": "12",
    "PODSEC_PRIVATE_KEY": KEY,
    "PODSEC_WEBHOOK_SECRET": "first\nsecond\n",
}


def test_what_must_be_set_suffices() -> None:
    settings = Settings.from_environment(COMPLETE)
    assert settings.app_id == 12
    assert settings.webhook_secrets == ("first", "second")
    assert settings.database_url == "sqlite:///podsec.db"
    assert (settings.host, settings.mode) == ("127.0.0.1", "advise")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PODSEC_WEBHOOK_SECRET", None, "PODSEC_WEBHOOK_SECRET is not set"),
        ("PODSEC_WEBHOOK_SECRET", "", "PODSEC_WEBHOOK_SECRET is not set"),
        ("PODSEC_WEBHOOK_SECRET", " \n ", "PODSEC_WEBHOOK_SECRET is blank"),
        ("PODSEC_APP_ID", None, "PODSEC_APP_ID is not set"),
        ("PODSEC_APP_ID", "podsec", "a whole number was expected"),
        ("PODSEC_PRIVATE_KEY", None, "PODSEC_PRIVATE_KEY is not set"),
        ("PODSEC_PRIVATE_KEY", "a password", "no PEM private key"),
        ("PODSEC_PRIVATE_KEY_FILE", "/nowhere/key.pem", "cannot be read"),
        ("PODSEC_GITHUB_URL", "http://ghe.example/api/v3", "must begin with https://"),
        ("PODSEC_DATABASE_URL", "mysql://me:hunter2@db/x", "must begin with sqlite:///"),
        ("PODSEC_PORT", "http", "a whole number was expected"),
        ("PODSEC_MAX_BODY_BYTES", "-1", "a whole number was expected"),
        ("PODSEC_WRITE_PAUSE_SECONDS", "soon", "a number of seconds was expected"),
        ("PODSEC_ENFORCE", "perhaps", "use 1 or 0"),
        ("PODSEC_MODE", "watch", "use one of observe, advise, enforce"),
        ("PODSEC_LOG_LEVEL", "LOUD", "use one of"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(name: str, value: str | None, says: str) -> None:
    environment = {**COMPLETE, name: value or ""}
    if name == "PODSEC_PRIVATE_KEY_FILE":
        del environment["PODSEC_PRIVATE_KEY"]
    if value is None:
        del environment[name]
    with pytest.raises(ConfigError) as raised:
        Settings.from_environment(environment)
    assert says in str(raised.value)
    assert name in str(raised.value) or name == "PODSEC_PRIVATE_KEY"
    assert "hunter2" not in str(raised.value)


def test_a_key_may_come_from_a_file_or_on_one_line(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(KEY)
    rest = {k: v for k, v in COMPLETE.items() if k != "PODSEC_PRIVATE_KEY"}
    from_file = Settings.from_environment({**rest, "PODSEC_PRIVATE_KEY_FILE": str(file)})
    one_line = Settings.from_environment({**rest, "PODSEC_PRIVATE_KEY": KEY.replace("\n", "\\n")})
    assert from_file.private_key == one_line.private_key == KEY


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(Settings.from_environment(COMPLETE))
    for secret in ("PRIVATE KEY", "first", "second"):
        assert secret not in shown


def test_each_setting_has_a_name_of_podsecs_and_says_what_it_means() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(set(names)) == len(names)
    assert all(name.startswith("PODSEC_") for name in names)
    assert all(setting.means for setting in SETTINGS)


def test_serve_without_a_webhook_secret_refuses_to_start() -> None:
    environment = {k: v for k, v in COMPLETE.items() if k != "PODSEC_WEBHOOK_SECRET"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "PODSEC_WEBHOOK_SECRET is not set" in done.stderr
