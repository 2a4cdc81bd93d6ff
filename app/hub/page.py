"""What the endpoints take and give, as a page that needs nothing from anywhere: a mall's network often ends in the
mall, and FastAPI's own page fetches its scripts from a content network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .3rem; } code { font-size: .95em; } nav a { margin-right: 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .25rem .8rem
.25rem 0; border-bottom: 1px solid #8884; } th { font-weight: 600; } .muted { opacity: .7; }
"""


def page_of(openapi: Mapping[str, Any]) -> str:
    """HTML of an OpenAPI 3 document whose schemas are inlined."""
    endpoints = [
        (method.upper(), path, described)
        for path, methods in openapi["paths"].items()
        for method, described in methods.items()
    ]
    title = escape(str(openapi["info"]["title"]))
    links = " ".join(f'<a href="#{escape(path)}">{escape(path)}</a>' for _, path, _ in endpoints)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f'<h1>{title}</h1><p class="muted">Requests are signed by the desk\'s key (X-MemberDesk-…). The same for '
        f'programs: <a href="openapi.json">openapi.json</a></p><nav>{links}</nav>'
        + "".join("".join(_endpoint(*endpoint)) for endpoint in endpoints)
        + "</html>"
    )


def _endpoint(method: str, path: str, described: Mapping[str, Any]) -> Iterator[str]:
    yield f'<h2 id="{escape(path)}"><code>{method} {escape(path)}</code></h2>'
    yield f"<p>{escape(described.get('description') or described.get('summary') or '')}</p>"
    asked = _schema(described.get("requestBody", {}))
    parameters = described.get("parameters", [])
    if parameters:
        yield _table(
            "In the address", [(each["name"], each.get("schema", {}), each.get("required")) for each in parameters]
        )
    if asked:
        yield _table("Body", _fields(asked))
    for status, reply in described.get("responses", {}).items():
        schema = _schema(reply)
        if status == "200" and schema:
            yield _table("Answer", _fields(schema))
        elif status != "200":
            yield f'<div class="muted"><code>{escape(status)}</code> {escape(reply.get("description", ""))}</div>'


def _schema(part: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = part.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _fields(schema: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any], bool]]:
    needed = schema.get("required", ())
    return [(name, kind, name in needed) for name, kind in schema.get("properties", {}).items()]


def _table(heading: str, rows: list[tuple[str, Mapping[str, Any], bool]]) -> str:
    cells = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(_kind(kind))}</td>"
        f"<td class='muted'>{'' if needed else 'may be left out'}</td></tr>"
        for name, kind, needed in rows
    )
    return f"<table><tr><th colspan=3>{heading}</th></tr>{cells}</table>"


def _kind(schema: Mapping[str, Any]) -> str:
    """In a few words: "string (uuid)", "list of {…}", "integer, 1 to 99"."""
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema.get("enum", [schema.get("const")]))
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if kind == "object" and schema.get("properties"):
        return "{" + ", ".join(schema["properties"]) + "}"
    said = f"{kind} ({schema['format']})" if "format" in schema else kind
    bounds = [f"{word} {schema[name]}" for name, word in (("minimum", "from"), ("maximum", "to")) if name in schema]
    return ", ".join([said, " ".join(bounds)]) if bounds else said
