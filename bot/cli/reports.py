"""Reports of scanners that are named on the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.adapters.scanners.reports import read_reports
from bot.errors import Malformed, UserError
from bot.kubernetes.image import parse
from bot.model.vulnerability import ImageReport


def given_reports(written: str) -> tuple[ImageReport, ...]:
    """The reports of `FILE`, or of `IMAGE=FILE` for one that does not name its image."""
    image, separator, name = written.partition("=")
    if not separator or parse(image) is None:
        image, name = "", written
    try:
        reports = read_reports(Path(name).read_bytes(), name)
    except OSError as error:
        raise UserError(f"{name}: {error.strerror}") from error
    except Malformed as error:
        raise UserError(str(error)) from error
    return tuple(replace(report, reference=image) for report in reports) if image else reports
