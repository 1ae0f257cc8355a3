"""Documents made from the schema: every field of every type, every relation two levels deep, every id argument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)

PAGE = 20


@dataclass(frozen=True)
class Step:
    """One document of the walk."""

    root: str
    query: str


@dataclass(frozen=True)
class Walk:
    """The documents of a schema, for the ids that are put in."""

    schema: GraphQLSchema
    ids: Mapping[str, list[str]]

    def steps(self) -> Iterator[Step]:
        """Every root field with every id, and each relation that it leads to, two levels deep."""
        for name, field in self._query.fields.items():
            for arguments, type_ in self._arguments(field):
                for selection in self._selections(type_):
                    yield Step(name, f"{{ {name}{arguments} {selection} }}")

    def filtered(self) -> Iterator[Step]:
        """Every connection of the root, filtered by every id that its filter takes."""
        for name, field in self._query.fields.items():
            filters: Any = get_named_type(field.args["filter"].type) if "filter" in field.args else None
            for key, declared in filters.fields.items() if isinstance(filters, GraphQLInputObjectType) else ():
                if str(declared.type) == "ID":
                    for one in self._all_ids(_type_of(filters, key)):
                        yield Step(name, f'{{ {name}(filter: {{ {key}: "{one}" }}) {{ totalCount nodes {{ id }} }} }}')

    @property
    def _query(self) -> GraphQLObjectType:
        assert self.schema.query_type is not None
        return self.schema.query_type

    def _all_ids(self, type_name: str | None) -> list[str]:
        return self.ids[type_name] if type_name else [one for many in self.ids.values() for one in many]

    def _arguments(self, field: GraphQLField) -> Iterator[tuple[str, Any]]:
        """The arguments of a root field, each with the type that it is asked for then."""
        answered = get_named_type(field.type)
        if "id" in field.args:
            for type_name, ids in self.ids.items():
                if is_abstract_type(answered) or _is_connection(answered) or answered.name == type_name:
                    wanted = self.schema.type_map[type_name] if is_abstract_type(answered) else answered
                    yield from ((f'(id: "{one}")', wanted) for one in ids)
            if not is_required_argument(field.args["id"]):
                yield "", answered
        elif "ids" in field.args:
            all_ids = "(ids: [" + " ".join(f'"{one}"' for one in self._all_ids(None)) + "])"
            abstract: Any = answered
            yield from ((all_ids, possible) for possible in self.schema.get_possible_types(abstract))
        else:
            yield _page(field.args), answered

    def _selections(self, type_: Any) -> Iterator[str]:
        """One selection for the type's own fields, and one for each of its relations."""
        item = _item_of(type_)
        yield self._framed(type_, self._own(item))
        for name, field in self._relations(item):
            target = _item_of(get_named_type(field.type))
            further = " ".join(self._followed(*relation) for relation in self._relations(target))
            yield self._framed(type_, f"__typename {self._followed(name, field, further, slim=False)}", slim=True)

    def _followed(self, name: str, field: GraphQLField, further: str = "", *, slim: bool = True) -> str:
        type_ = get_named_type(field.type)
        return f"{name}{_page(field.args)} {_wrapped(type_, f'{self._own(_item_of(type_))} {further}', slim=slim)}"

    def _framed(self, type_: Any, selection: str, *, slim: bool = False) -> str:
        """Asked through `node` it stands behind its type's name, which does no harm elsewhere."""
        if _is_connection(type_):
            return _wrapped(type_, selection, slim=slim)
        return f"{{ ... on {type_.name} {{ {selection} }} }}"

    def _own(self, type_: Any) -> str:
        """The leaves of a type, and those of the small objects that are part of it."""
        parts = ["__typename"]
        for name, field in type_.fields.items():
            named = get_named_type(field.type)
            if is_leaf_type(named):
                parts.append(name)
            elif _is_part(named):
                parts.append(f"{name} {{ {self._own(named)} }}")
        return " ".join(parts)

    def _relations(self, type_: Any) -> Iterator[tuple[str, GraphQLField]]:
        for name, field in type_.fields.items():
            named = get_named_type(field.type)
            if not is_leaf_type(named) and not _is_part(named):
                yield name, field


def visited(value: Any, found: set[tuple[str, str]]) -> None:
    """Which fields of which types an answer holds."""
    if isinstance(value, list):
        for one in value:
            visited(one, found)
    elif isinstance(value, dict):
        if type_name := value.get("__typename"):
            found |= {(type_name, name) for name in value}
        for one in value.values():
            visited(one, found)


def _is_part(type_: Any) -> bool:
    """An object without an id is part of the one that holds it."""
    return is_object_type(type_) and "id" not in type_.fields and not _is_connection(type_)


def _is_connection(type_: Any) -> bool:
    return "edges" in getattr(type_, "fields", {})


def _item_of(type_: Any) -> Any:
    return get_named_type(type_.fields["nodes"].type) if _is_connection(type_) else type_


def _wrapped(type_: Any, selection: str, *, slim: bool = False) -> str:
    if not _is_connection(type_):
        return f"{{ {selection} }}"
    more = (
        ""
        if slim
        else (
            " edges { __typename cursor node { id } }"
            " pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor }"
        )
    )
    return f"{{ __typename totalCount nodes {{ {selection} }}{more} }}"


def _page(arguments: Mapping[str, GraphQLArgument]) -> str:
    return f"(first: {PAGE})" if "first" in arguments else ""


def _type_of(filters: Any, key: str) -> str | None:
    """The type whose ids a filter's field takes; None for any."""
    definition = filters.extensions["strawberry-definition"]
    [type_name] = [
        field.metadata["id_of"]
        for field in definition.fields
        if field.graphql_name == key or _camel(field.python_name) == key
    ]
    return None if type_name == "*" else type_name


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
