"""The losses of the network and its training."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nlp.aspect_spans import marks
from nlp.training.aspect_loop import AspectTrainer, losses, pair_logits
from nlp.training.aspect_net import AspectNet
from nlp.training.aspect_rows import IGNORED, Candidate, Row
from nlp.training.batches import collate
from nlp.training.encoder import Encoder, EncoderConfig
from nlp.training.loop import Recipe

RECIPE = Recipe(epochs=30, batch_size=4, learning_rate=3e-3, hide_first=0.0, hide_last=0.0, bfloat16=False)
CATEGORIES = 2


def labelled(good: bool) -> Row:
    """<s> 8 9 (aspect) 5 or 6 (opinion) </s>, of category 1, positive or negative."""
    ids = [0, 8, 9, 5 if good else 6, 2]
    pair = Candidate((1, 2), (3, 3), 1, 2 if good else 0, 1)
    wrong = Candidate(None, (3, 3), 0)
    return Row(ids, (marks([(1, 2)], 5), marks([(3, 3)], 5)), [pair, wrong])


ROWS = [labelled(True), labelled(False)] * 4


@pytest.fixture
def net(config: EncoderConfig) -> AspectNet:
    torch.manual_seed(3)
    return AspectNet(Encoder(config), CATEGORIES)


def test_it_learns_marks_links_polarity_and_category(net: AspectNet) -> None:
    trainer = AspectTrainer(net, ROWS, RECIPE)
    trainer.run(lambda _: None)
    ids, mask = collate([row.ids for row in ROWS[:2]])
    net.eval()
    tags, edges = net(ids, mask)
    assert tags.argmax(-1).permute(0, 2, 1).tolist() == [list(row.marks) for row in ROWS[:2]]
    logits = pair_logits(net, edges, ROWS[:2])
    assert (logits[:, 0] > 0).tolist() == [True, False, True, False]
    assert logits[[0, 2], 1:4].argmax(1).tolist() == [2, 0]
    assert logits[[0, 2], 4:].argmax(1).tolist() == [1, 1]


def test_what_is_ignored_has_no_part_in_the_loss(net: AspectNet) -> None:
    row = replace(ROWS[0], candidates=[Candidate((1, 2), None, IGNORED)])
    silent = replace(row, candidates=[])
    ids, mask = collate([row.ids])
    with torch.no_grad():
        assert losses(net, [row], ids, mask) == losses(net, [silent], ids, mask)
        unmarked = replace(silent, marks=(silent.marks[0], [IGNORED] * 5))
        assert losses(net, [unmarked], ids, mask) != losses(net, [silent], ids, mask)


def test_a_training_goes_on_where_it_stopped(config: EncoderConfig, tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=3)

    def trainer() -> AspectTrainer:
        torch.manual_seed(3)
        return AspectTrainer(AspectNet(Encoder(config), CATEGORIES), ROWS, recipe)

    whole, first, second = trainer(), trainer(), trainer()
    whole.run(lambda _: None)
    remaining = first._remaining_batches()
    for _ in range(3):
        first._step(next(remaining))
    first.save(tmp_path / "a.pt")
    second.load(tmp_path / "a.pt")
    second.run(lambda _: None)
    assert second.progress.step == whole.progress.step
    for one, other in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)
