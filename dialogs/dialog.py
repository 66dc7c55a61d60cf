"""A dialog: an async function with its name, its code and the services that it asks for."""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """One dialog.

    ``name`` is kept in conversations' states and begins the keys of its texts. ``code`` stands for its source, the
    dialogs that it calls included. ``services`` are the names of what its function takes after ``talk``. ``was`` lists
    the names that it had in earlier releases. ``photos`` tells that it has use for pictures. ``acts`` are what it does
    that is also a word for leaving: "cancel" to whoever cancels an appointment is meant of the appointment. ``needs``
    are the services of the dialogs that it calls as well.
    """

    name: str
    run: Function
    code: str
    services: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    photos: bool = False
    acts: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()


def dialog(run: Function, *, was: tuple[str, ...] = (), photos: bool = False, acts: tuple[str, ...] = ()) -> Dialog:
    """Make a dialog of a function ``async def name(talk, service, …)`` in a module of its own.

    The code is that of the whole module, so that a helper beside the function counts; comments and layout do not.
    """
    module = inspect.getmodule(run)
    source = ast.dump(ast.parse(inspect.getsource(module if module is not None else run)))
    called = [value for value in _globals(run).values() if isinstance(value, Dialog)]
    codes = sorted(value.code for value in called)
    digest = hashlib.blake2s("\n".join((source, *codes)).encode(), digest_size=4).hexdigest()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [p.name for p in inspect.signature(run).parameters.values() if p.kind in kinds]
    services = tuple(parameters[1:])
    needs = frozenset(services).union(*(value.needs for value in called))
    return Dialog(
        name=run.__name__, run=run, code=digest, services=services, was=was, photos=photos, acts=acts, needs=needs
    )


def _globals(run: Function) -> dict[str, Any]:
    found: dict[str, Any] = getattr(run, "__globals__", {})
    return found
