"""What a till's camera sees: a film that Chromium takes for a camera, made of a screenshot of a phone.

Chromium opens the film anew whenever a page opens its camera, so one browser sees whatever was filmed last.
"""

from io import BytesIO
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 640, 480


def film(png: bytes, path: Path) -> Path:
    """A phone is held before the camera: its picture with grey around it, as two frames of YUV4MPEG2."""
    shown = Image.open(BytesIO(png)).convert("RGB")
    shown.thumbnail((440, 440))
    frame = Image.new("RGB", (WIDTH, HEIGHT), (96, 96, 96))
    frame.paste(shown, ((WIDTH - shown.width) // 2, (HEIGHT - shown.height) // 2))
    light, *colours = frame.convert("YCbCr").split()
    halved = [one.resize((WIDTH // 2, HEIGHT // 2), Image.Resampling.BOX) for one in colours]
    picture = b"FRAME\n" + b"".join(plane.tobytes() for plane in (light, *halved))
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420mpeg2\n".encode() + picture * 2)
    return path


def seeing(path: Path) -> list[str]:
    """The arguments of a Chromium whose camera plays this film, and may be used without a question."""
    return [
        "--no-sandbox",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
