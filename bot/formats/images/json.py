"""Images as JSON, version 1: docs/images.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bot.formats.images.record import to_record
from bot.model.image import ImageAnswer, ImagePlan
from bot.model.image_review import JudgedImage
from bot.model.vulnerability import ImageReport


def images_json(
    judged: Sequence[JudgedImage],
    unknown: Sequence[ImageAnswer],
    spare: Sequence[ImageReport],
) -> str:
    """One object: version, images, skipped, summary."""
    counts = [one.report.counts() for one in judged]
    document = {
        "version": 1,
        "images": [_image(one) for one in judged],
        "skipped": [{**_plan(answer.plan), "reason": answer.reason} for answer in unknown],
        "unused": [{"image": r.reference, "digest": r.digest} for r in spare],
        "summary": {
            "images": len(judged),
            "skipped": len(unknown),
            "vulnerabilities": {
                grade: sum(found[grade] for found in counts)
                for grade in (counts[0] if counts else ())
            },
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _plan(plan: ImagePlan) -> dict[str, Any]:
    return {
        "image": plan.reference,
        "platform": plan.platform,
        "uses": [
            {
                "file": use.file,
                "line": use.region.line,
                "kind": use.kind,
                "name": use.name,
                "namespace": use.namespace,
                "container": use.container,
            }
            for use in plan.uses
        ],
    }


def _image(judged: JudgedImage) -> dict[str, Any]:
    answer, report = judged.answer, judged.report
    image = answer.image
    found = to_record(report)
    return {
        **_plan(answer.plan),
        "digest": report.digest,
        "tag_digest": image.tag_digest if image is not None else None,
        "moved_from": answer.moved_from,
        "os": found["os"],
        "config": found["config"],
        "scanner": found["scanner"],
        "scanned": found["scanned"],
        "stale": report.is_stale,
        "partial": report.partial,
        "counts": dict(report.counts()),
        "fails": judged.fails,
        "better_tag": judged.better[0] if judged.better is not None else None,
        "vulnerabilities": found["vulnerabilities"],
        "ignored": [
            {"id": one.vulnerability.id, "package": one.vulnerability.package, "reason": one.reason}
            for one in judged.borne
        ],
    }
