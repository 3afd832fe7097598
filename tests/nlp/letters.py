"""Stand-ins: sentences, and an encoder to which texts of the same letters are alike and a few words judge."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

BAD, GOOD = "差坏慢贵失漏糟", "好快棒赞美错优"

THINGS = {
    "物流": ["物流送货{}", "物流送货真{}", "快递物流{}得很", "物流送货{}极了"],
    "屏幕": ["屏幕显示{}", "屏幕显示真{}", "手机屏幕{}得很", "屏幕显示{}极了"],
    "客服": ["客服态度{}", "客服态度真{}", "店里客服{}得很", "客服态度{}极了"],
    "电池": ["电池续航{}", "电池续航真{}", "手机电池{}得很", "电池续航{}极了"],
}
HOW = ["不错", "糟糕", "满意", "失望", "一般", "可以", "优秀", "离谱"]
SENTENCES = [form.format(how) for forms in THINGS.values() for form in forms for how in HOW]
"""About four things, eight ways each."""


class LetterEncoder:
    version = "letters-1"
    threshold = 0.5
    hidden = 32

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.array([self._row(text) for text in texts], np.float32).reshape(len(texts), self.hidden)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        counts = [[self._count(text, BAD), 0.1, self._count(text, GOOD)] for text in texts]
        return np.array([np.array(row) / sum(row) for row in counts]).reshape(len(texts), 3)

    def _row(self, text: str) -> npt.NDArray[np.float64]:
        letters = [np.random.default_rng(crc32(letter.encode())).normal(size=self.hidden) for letter in text]
        return np.sum(letters, axis=0)

    @staticmethod
    def _count(text: str, letters: str) -> float:
        return 0.05 + sum(text.count(letter) for letter in letters)
