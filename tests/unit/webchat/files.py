"""Files that citizens send."""

from __future__ import annotations

import base64
import io
import json
import random
from typing import Any

import aiohttp
from PIL import Image

ACTIVITY = "application/vnd.microsoft.activity"


def drawn(form: str = "JPEG", size: tuple[int, int] = (640, 480), colour: str = "teal") -> bytes:
    """A picture as a telephone would send it."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, form)
    return file.getvalue()


def noise(size: tuple[int, int]) -> bytes:
    """A picture that no encoder makes small."""
    file = io.BytesIO()
    data = random.Random(7).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, data).save(file, "JPEG", quality=90)
    return file.getvalue()


def data_url(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def form(*files: bytes, **activity: Any) -> aiohttp.FormData:
    """As directlinejs makes it: the activity, and each file under the name ``file``."""
    made = aiohttp.FormData()
    if activity:
        made.add_field("activity", json.dumps(activity), content_type=ACTIVITY, filename="blob")
    for file in files:
        made.add_field("file", io.BytesIO(file), content_type="image/jpeg", filename="Maija Virtanen.jpg")
    return made
