"""Read review text: sentiment, aspects, keywords, suspects and personal data, then features per day."""

from nlp.pipeline import PARTS, Analyzer

__all__ = ["PARTS", "Analyzer"]
