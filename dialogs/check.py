"""Rule 10: what a dialog may not do, found in its syntax tree.

A dialog file is one with ``async def …(talk: Talk, …)``; helpers that it imports are checked too.

Clock, chance and input come through ``talk`` alone; nothing is read, sent or waited for beside it; a suspension is
never caught; and what changes something elsewhere (``talk.do``) stands after a ``talk.confirm`` that names it.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from pathlib import Path

Fault = tuple[str, int, str, str]
"""A file, a line from 1, what is wrong, and what to do about it."""

_ALLOWED = ("__future__", "bot.messages", "collections", "dataclasses", "dialogs", "math", "re", "typing")
"""Modules that a dialog may import from; ``datetime`` too, but not its clock."""
_CLOCKS = frozenset(("now", "utcnow", "today", "time", "monotonic", "perf_counter", "time_ns"))
_CALLS = frozenset(("open", "print", "input", "exec", "eval", "compile", "__import__", "globals", "id", "hash"))
_SPEAKS = frozenset(("ask", "choose", "confirm", "say"))
_ENGINE = frozenset(
    ("dialog", "errors", "journal", "services", "speech", "steps", "talk", "values", "words")
) | frozenset(
    (
        "appointments_prompts",
        "prompts",
        "prompt_choices",
        "prompt_dated",
        "prompt_elsewhere",
        "prompt_entities",
        "prompt_events",
        "prompt_report",
    )
)


def faults(folder: Path, keys: Container[str] | None = None) -> list[Fault]:
    """Every fault of the dialog files of a folder; with ``keys``, also sentences that the texts do not have."""
    found: list[Fault] = []
    trees: dict[Path, ast.Module] = {}
    for path in sorted(folder.glob("*.py")):
        try:
            trees[path] = ast.parse(path.read_text(encoding="utf-8"))
        except SyntaxError as error:
            found.append((str(path), error.lineno or 1, "is not Python", "Mend the line"))
    dialogs = [path for path, tree in trees.items() if any(_is_dialog(node) for node in ast.walk(tree))]
    helpers = {f"{name}.py" for path in dialogs for name in _helpers(trees[path])}
    for path in [path for path in trees if path in dialogs or path.name in helpers]:
        found += [(str(path), line, message, remedy) for line, message, remedy in _file(trees[path], keys)]
    return sorted(found)


def _helpers(tree: ast.Module) -> set[str]:
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.removeprefix("dialogs.") for name in modules if name.startswith("dialogs.")} - _ENGINE


def _is_dialog(node: ast.AST) -> bool:
    if not isinstance(node, ast.AsyncFunctionDef) or not node.args.args:
        return False
    annotation = node.args.args[0].annotation
    return isinstance(annotation, ast.Name) and annotation.id == "Talk"


def _file(tree: ast.Module, keys: Container[str] | None) -> Iterator[tuple[int, str, str]]:
    roots = _registered(tree)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from _import(node)
        elif isinstance(node, ast.Call):
            yield from _call(node)
            yield from _text(node, roots, keys)
        elif isinstance(node, ast.ExceptHandler):
            yield from _handler(node)
        elif isinstance(node, ast.Try):
            yield from _finally(node)
        elif isinstance(node, ast.AsyncFunctionDef):
            yield from _unconfirmed(node)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            yield node.lineno, "keeps something beside the journal", "Return it from a step"


def _import(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[int, str, str]]:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    for name in names:
        if name != "datetime" and not any(name == known or name.startswith(f"{known}.") for known in _ALLOWED):
            yield (
                node.lineno,
                f"imports {name}",
                "Take what it does through talk.read, talk.do, talk.now or talk.random",
            )


def _call(node: ast.Call) -> Iterator[tuple[int, str, str]]:
    called = node.func
    if isinstance(called, ast.Name) and called.id in _CALLS:
        yield node.lineno, f"calls {called.id}()", "Take it through talk.read or talk.do"
    if isinstance(called, ast.Attribute) and called.attr in _CLOCKS and not _is_talk(called.value):
        yield node.lineno, f"reads the clock by {called.attr}()", "Take the time from talk.now()"


def _handler(node: ast.ExceptHandler) -> Iterator[tuple[int, str, str]]:
    names = {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)} if node.type else {"everything"}
    if names & {"everything", "BaseException", "Exception", "Suspension"}:
        yield node.lineno, "catches more than it can know", "Name the error: ServiceUnavailable or EffectFailed"


def _finally(node: ast.Try) -> Iterator[tuple[int, str, str]]:
    for part in node.finalbody:
        if any(isinstance(inner, ast.Await) for inner in ast.walk(part)):
            yield part.lineno, "takes a step in finally", "Take it after the try"


def _unconfirmed(node: ast.AsyncFunctionDef) -> Iterator[tuple[int, str, str]]:
    steps = [call for call in ast.walk(node) if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)]
    confirmed = [call.lineno for call in steps if _step(call) == "confirm"]
    for call in steps:
        if _step(call) == "do" and not any(line < call.lineno for line in confirmed):
            yield call.lineno, "does something that nobody confirmed", "Ask talk.confirm first, naming what is done"


def _text(node: ast.Call, roots: list[str], keys: Container[str] | None) -> Iterator[tuple[int, str, str]]:
    if keys is None or _step(node) not in _SPEAKS or not node.args or len(roots) != 1:
        return
    first = node.args[0]
    for name in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
        key = f"{roots[0]}.{name.value}" if isinstance(name, ast.Constant) and isinstance(name.value, str) else None
        if key is not None and key not in keys:
            yield node.lineno, f"says “{key}”, which the texts do not have", f"Write {key} in every language"


def _registered(tree: ast.Module) -> list[str]:
    """The functions that are made dialogs here: ``X = dialog(name)``."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    made = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "dialog" and c.args]
    return [call.args[0].id for call in made if isinstance(call.args[0], ast.Name)]


def _step(node: ast.Call) -> str | None:
    return node.func.attr if isinstance(node.func, ast.Attribute) and _is_talk(node.func.value) else None


def _is_talk(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "talk"
