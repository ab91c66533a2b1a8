"""Templates of the generated source text that differ from xsdata's."""

from __future__ import annotations

MODULE = """\
{{ module | module_doc }}

{{ output | default_imports }}
{% include "imports.jinja2" %}
{{ module | link_imports(classes) }}

{{ output }}
"""

ENUM = """\
class {{ obj.name }}({{ obj | enum_base }}):
{%- if obj.help %}
    \"\"\"{{ obj.help | inner_doc | wordwrap(110) | indent(4) }}\"\"\"
{% endif %}
{%- for attr in obj.attrs %}
    {{ attr.name }} = {{ attr | enum_value(obj) }}
{%- if attr.help %}
    \"\"\"{{ attr.help | inner_doc }}\"\"\"
{%- endif %}
{%- endfor %}
"""

PACKAGE = '''\
{{ bindings | package_doc }}

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
{% for item in imports %}    from {{ item.source }} import {{ item.name }} as {{ item.name }}
{% endfor %}

_MODULES = {
{% for item in imports %}    "{{ item.name }}": "{{ item.source }}",
{% endfor %}}

ELEMENTS: dict[str, str] = {
{% for qname, name in elements %}    {{ qname | text }}: "{{ name }}",
{% endfor %}}
"""Name of the class that a document's root element stands for, by the element's qualified name."""

TYPES: dict[str, str] = {
{% for qname, name in types %}    {{ qname | text }}: "{{ name }}",
{% endfor %}}
"""Name of the class of a schema type, by the type's qualified name, where the two differ."""

PREFIXES: dict[str, str] = {
{% for namespace, prefix in prefixes %}    {{ namespace | text }}: "{{ prefix }}",
{% endfor %}}
"""Prefix that documents have for a namespace where it is not the default one."""

__all__ = [
    "ELEMENTS",
    "TYPES",
{% for item in imports %}    "{{ item.name }}",
{% endfor %}]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
'''
