"""演示数据（合成）: a shop made by code, with truths planted in it for the tests to find."""

from demo.world import NOTE, Demo, generate, write

__all__ = ["NOTE", "Demo", "generate", "write"]
