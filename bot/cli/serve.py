"""`podsec serve`: the App, web and worker in one process."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from typing import Any

import uvicorn

from bot.errors import ConfigError
from bot.service import Service
from bot.settings import Settings

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _Json(logging.Formatter):
    """One line of JSON a record: what happened, and its fields."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        line: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **fields,
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def run(host: str | None, port: int | None, *, poll: bool) -> None:
    """Serve until SIGTERM or SIGINT, then finish what runs. Raises ConfigError."""
    settings = Settings.from_environment(os.environ)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("podsec").setLevel(settings.log_level)
    service = Service(settings, settings.poll_seconds if poll else None)
    service.start()
    try:
        logging.getLogger("podsec.web").info(
            "listening", extra={"host": host or settings.host, "port": port or settings.port}
        )
        # uvicorn raises it again once it has stopped: what runs is still to end, with exit 0
        signal.signal(signal.SIGTERM, lambda *_: None)
        uvicorn.run(
            service.web,
            host=host or settings.host,
            port=port or settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
        )
    except SystemExit as error:
        if error.code:
            raise ConfigError(f"cannot listen on port {port or settings.port}") from error
    finally:
        service.stop()
