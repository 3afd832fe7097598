import json
from pathlib import Path

from transformers import AutoModelForSequenceClassification, AutoTokenizer

from benchmarks.sentiment import bert
from benchmarks.sentiment.texts import BERT_CHARACTERS, TOKENS, reviews


def test_the_size_is_that_of_bert_base_chinese() -> None:
    size = bert.Size()
    assert (size.layers, size.hidden, size.heads, size.vocabulary) == (12, 768, 12, 21128)


def test_the_folder_holds_the_size_asked_for(small: Path) -> None:
    config = json.loads((small / "config.json").read_text())
    assert (config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"]) == (1, 16, 64)
    model = AutoModelForSequenceClassification.from_pretrained(small)
    assert model.get_input_embeddings().weight.shape == (21128, 16)


def test_a_generated_review_has_forty_tokens_of_which_none_is_unknown(small: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(small)
    assert len(tokenizer) == 21128
    for text, _ in zip(reviews(BERT_CHARACTERS), range(50), strict=False):
        ids = tokenizer(text)["input_ids"]
        assert len(ids) == TOKENS
        assert tokenizer.unk_token_id not in ids
