"""Writes docs/settings.md from core/settings.py and the code's variables: `make docs`.

Types, defaults and bounds come from the structs themselves, sentences from the docstrings under
their fields, variables from the constants that are named for it.
"""

import ast
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from core import settings
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SETTINGS_FILE = ROOT / "docs" / "settings.md"
_PACKAGES = ("core", "bridge", "tui")

_HEAD = """\
# Settings

Made by `make docs` from `core/settings.py`. They are in `settings.toml` in the data folder; what is
not there has its default, and what cannot be used is refused with its name and the reason. `F9` in
the console changes the common ones; a bridge reads them when it starts.

```toml
[business]
name = "Petreceri"
time_zone = "Europe/Bucharest"
```
"""
_VARIABLES_HEAD = """
## Environment variables

| variable | |
|---|---|
"""
_FOREIGN = {
    "GOOGLE_APPLICATION_CREDENTIALS": "The bridge's service account key, where `credentials_file`"
    " is empty; read by Google's library.",
    "PGPASSWORD, PGPASSFILE": "The password of a database that `sessions` names; read by lib/pq.",
    "HTTPS_PROXY, NO_PROXY": "The way out to Google, Groq and WhatsApp, where there is a proxy.",
    "LC_ALL, LC_MESSAGES, LANG, LANGUAGE": "The language, where `language` is `auto`.",
    "NO_COLOR": "The console without colours, when it is set to anything.",
    "XDG_DATA_HOME, XDG_RUNTIME_DIR": "Where the data folder and, when its path is too long for"
    " one, its sockets lie.",
}
"""Read by others on our behalf, so there is no constant of ours to read them from."""
_BOUNDS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}


def settings_page() -> str:
    """Return the page: one table a section, then the variables."""
    parts = [_HEAD]
    for field in msgspec.structs.fields(Settings):
        struct = field.type
        about = inspect.getdoc(struct) or ""
        parts.append(f"\n## [{field.name}]\n\n{about}\n\n")
        parts.append("| setting | type | default | |\n|---|---|---|---|\n")
        parts += [f"{row}\n" for row in _rows(struct)]
    parts.append(_VARIABLES_HEAD)
    told = dict(_own_variables()) | _FOREIGN
    parts += [f"| {_code(name)} | {told[name]} |\n" for name in sorted(told)]
    return "".join(parts)


def _rows(struct: type[msgspec.Struct]) -> Iterator[str]:
    told = dict(_docstrings(struct.__name__))
    hints = get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        kind, bounds = _kind(hints[field.name])
        default = field.default
        if default is msgspec.NODEFAULT:
            default = field.default_factory() if callable(field.default_factory) else ""
        about = " ".join(part for part in (told[field.name], _sentence(bounds)) if part)
        yield f"| `{field.name}` | {kind} | `{json.dumps(default, ensure_ascii=False)}` | {about} |"


def _docstrings(struct_name: str) -> Iterator[tuple[str, str]]:
    """Yield each field of a struct with the docstring under it."""
    tree = ast.parse(Path(settings.__file__).read_text(encoding="utf-8"))
    (struct,) = [
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == struct_name
    ]
    yield from _told(struct.body)


def _told(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield the names that a body sets, each with the docstring under it."""
    for statement, following in zip(body, [*body[1:], ast.Pass()], strict=True):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                match following:
                    case ast.Expr(value=ast.Constant(value=str(text))):
                        yield name, " ".join(text.split())


def _kind(hint: Any) -> tuple[str, list[str]]:
    """Return a type in the words of TOML, and its bounds."""
    bounds: list[str] = []
    if get_origin(hint) is Annotated:
        hint, *metas = get_args(hint)
        for meta in metas:
            limits = {name: getattr(meta, name) for name in _BOUNDS}
            bounds += [
                _BOUNDS[name].format(value) for name, value in limits.items() if value is not None
            ]
            if meta.pattern:
                bounds.append(f"as `{meta.pattern.strip('^$').replace('|', chr(92) + '|')}`")
    if get_origin(hint) is Literal:
        choices = [f"`{one}`" for one in get_args(hint)]
        return "text", ["one of " + ", ".join(choices)]
    if get_origin(hint) is list:
        return "list of text", bounds
    if get_origin(hint) is dict:
        return "table of text", bounds
    return {bool: "true or false", int: "whole number", float: "number", str: "text"}[hint], bounds


def _sentence(bounds: list[str]) -> str:
    text = ", ".join(bounds)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _own_variables() -> Iterator[tuple[str, str]]:
    """Yield the variables that the code reads, from the constants named `…_VARIABLE`."""
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            told = dict(_told(tree.body))
            for statement in tree.body:
                match statement:
                    case (
                        ast.Assign(
                            targets=[ast.Name(id=name)], value=ast.Constant(value=str(variable))
                        )
                        | ast.AnnAssign(
                            target=ast.Name(id=name), value=ast.Constant(value=str(variable))
                        )
                    ) if name.endswith("_VARIABLE"):
                        about = told[name].removeprefix("Environment variable: ")
                        about = about.removeprefix("Environment variable that ")
                        yield variable, about[0].upper() + about[1:]


def _code(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", "))


if __name__ == "__main__":
    SETTINGS_FILE.write_text(settings_page(), encoding="utf-8")
