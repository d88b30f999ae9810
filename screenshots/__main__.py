"""`python -m screenshots`: draw every screen anew, as SVG and PNG, into a folder."""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from core.i18n import LANGUAGES, adopt_language

HERE = Path(__file__).parent


async def draw(language: str, names: list[str], out: Path) -> None:
    """Draw the pictures of one language; no names: all of them."""
    from screenshots.company import build_company_folder  # noqa: PLC0415 - after the language
    from screenshots.drawing import write_picture  # noqa: PLC0415
    from screenshots.pictures import PICTURES  # noqa: PLC0415

    chosen = [
        one for one in PICTURES if one.language == language and one.name in (names or [one.name])
    ]
    with tempfile.TemporaryDirectory() as scratch:
        company = Path(scratch) / "company"
        await build_company_folder(company)
        for number, picture in enumerate(chosen):
            svg = await picture.draw(company, Path(scratch) / str(number))
            write_picture(out, picture.name, svg)
            print(picture.name, flush=True)


def main() -> int:
    """Draw every language in a process of its own: bindings are translated when imported."""
    parser = argparse.ArgumentParser(prog="python -m screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these pictures")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write into")
    parser.add_argument("--language", choices=LANGUAGES, help="only this language, in this process")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.language:
        adopt_language(options.language)
        asyncio.run(draw(options.language, options.names, options.out))
        return 0
    for language in LANGUAGES:
        words = ["--language", language, "--out", str(options.out), *options.names]
        done = subprocess.run([sys.executable, "-m", "screenshots", *words], check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
