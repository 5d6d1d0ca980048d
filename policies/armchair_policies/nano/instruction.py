"""The instruction of a task as a vector: the mean of its words' embeddings, learnt from scratch with the policy.

A dozen sentences are told apart by which words they hold; no language model and nothing to download is needed.
Words that were not there in training are passed over, so that "please" does no harm.
"""

import re
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn


class Instruction(nn.Module):
    """An encoder of sentences: a list of B become [B, dim]."""

    def __init__(self, vocabulary: Sequence[str], dim: int) -> None:
        super().__init__()
        self._number = {word: index for index, word in enumerate(vocabulary)}
        self.embeddings = nn.EmbeddingBag(len(vocabulary), dim, mode="mean")

    def forward(self, sentences: Sequence[str] | None) -> Tensor:
        """Encode the sentences.

        Raises:
            ValueError: if there are no sentences, or one holds no word that was there in training.
        """
        if not sentences:
            raise ValueError(f"this policy knows several tasks and was told none: {self._known}")
        numbers = [[self._number[word] for word in words(text) if word in self._number] for text in sentences]
        for text, found in zip(sentences, numbers, strict=True):
            if not found:
                raise ValueError(f"no word of the task {text!r} was there in training: {self._known}")
        flat = torch.tensor([number for found in numbers for number in found], device=self._device)
        ends = torch.tensor([len(found) for found in numbers], device=self._device).cumsum(0)
        return self.embeddings(flat, torch.cat([ends.new_zeros(1), ends[:-1]]))

    @property
    def _known(self) -> str:
        return "say it with " + ", ".join(self._number) + "."

    @property
    def _device(self) -> torch.device:
        return self.embeddings.weight.device


def words(sentence: str) -> list[str]:
    """Return the words of a sentence: ``Pick up the red cube.`` -> pick, up, the, red, cube."""
    return re.findall(r"\w+", sentence.lower())


def vocabulary(sentences: Iterable[str]) -> list[str]:
    """Return every word of the sentences, once, in alphabetical order."""
    return sorted({word for sentence in sentences for word in words(sentence)})
