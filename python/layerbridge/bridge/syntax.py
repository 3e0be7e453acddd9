"""Python source as a tree. Strangers wrote it, so it may be no Python at all."""

from __future__ import annotations

import ast
import warnings

__all__ = ["expression", "is_text", "module"]

_DEEPEST = 100  # levels, which any walk can follow


def module(source: str) -> ast.Module | None:
    """Return the tree of statements, or `None` where the source is something else."""
    tree = _tree(source, "exec")
    return tree if isinstance(tree, ast.Module) else None


def expression(source: str) -> ast.expr | None:
    """Return the tree of one expression, or `None` where the source is no such."""
    tree = _tree(source.strip(), "eval")
    return tree.body if isinstance(tree, ast.Expression) else None


def is_text(node: ast.expr | None) -> bool:
    """Tell whether code is a string."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _tree(source: str, mode: str) -> ast.AST | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree: ast.AST = ast.parse(source, mode=mode)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None if _is_deep(tree) else tree


def _is_deep(tree: ast.AST) -> bool:
    level = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True
