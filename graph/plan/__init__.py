"""Reads as one statement: a document is compiled to the SQL that returns its answer's JSON.

    selection   what a document asks for, as rows and columns; why it cannot be planned
    statement   the SQL of a selection
    plan        statements kept by shape, their values taken from each request

Nothing here describes the schema. A field is planned from what it was declared with (`graph/fields.py`), so a new
column or relation needs no line in this folder, and a field that is computed in Python is left to the interpreter.
"""

from graph.plan.plan import Asking, Plans, Prepared, Unplanned

__all__ = ["Asking", "Plans", "Prepared", "Unplanned"]
