#!/usr/bin/env python3
"""Holds shards against the real client: megatron-core 0.16.1.

For every shard of a folder:
  1. IndexedDataset opens it, and each document has the ids of `<prefix>.ids.jsonl` (where that
     dump is there) and the length and offset of `<prefix>.docs.parquet`;
  2. Megatron's own IndexedDatasetBuilder, given the same documents, writes the same bytes;
  3. GPTDataset serves samples that are exactly the documents in its order, one after another,
     with labels shifted by one.

Exit status 0 if all hold, 1 if one does not, 77 if Megatron is not installed.

    cargo run -p proofmill-shard --example sample_shards -- /tmp/shards
    pip install numpy packaging pyarrow torch megatron-core==0.16.1
    python crates/proofmill-shard/tests/clients/megatron_client.py /tmp/shards
"""

import argparse
import filecmp
import json
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

try:
    import numpy
    import torch
    from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig
    from megatron.core.datasets.indexed_dataset import (
        DType,
        IndexedDataset,
        IndexedDatasetBuilder,
    )
    from megatron.core.datasets.utils import Split
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)


class Tokenizer:
    """What GPTDataset asks of a tokenizer."""

    def __init__(self, facts):
        self.eod = facts["eod"]
        self.pad = -1  # no id of ours, or Megatron would blank it
        self.vocab_size = facts["vocab_tokens"]
        self.unique_identifiers = {"sha256": facts["sha256"]}


def check(holds, what):
    """Ends the run unless `holds`."""
    if not holds:
        print(f"FAILED: {what}")
        sys.exit(1)


def check_documents(prefix, dataset, info):
    """Lengths, offsets and ids of every document; gives the documents."""
    documents = [numpy.asarray(dataset[index]) for index in range(len(dataset))]
    check(len(dataset) == info["n_docs"], f"{prefix}: {len(dataset)} documents")
    n_tokens = sum(map(len, documents))
    check(n_tokens == info["n_tokens"], f"{prefix}: {n_tokens} tokens")
    eod = info["tokenizer"]["eod"]
    for index, document in enumerate(documents):
        ends = numpy.flatnonzero(document == eod).tolist()
        check(ends == [len(document) - 1], f"{prefix}: document {index} has its end at {ends}")
    dump = Path(f"{prefix}.ids.jsonl")
    if dump.exists():
        with dump.open() as lines:
            ours = [json.loads(line) for line in lines]
        check(len(ours) == len(documents), f"{prefix}: the dump has {len(ours)} documents")
        for index, (left, right) in enumerate(zip(ours, documents)):
            check(left == right.tolist(), f"{prefix}: document {index} differs")
    else:
        print(f"  no {dump.name}: ids are compared with Megatron's writer only")
    check_provenance(prefix, documents)
    return documents


def check_provenance(prefix, documents):
    """The table beside the shard, read by Arrow's C++ reader."""
    try:
        import pyarrow.parquet
    except ImportError:
        print("  SKIPPED: no pyarrow, provenance is not read")
        return
    table = pyarrow.parquet.read_table(f"{prefix}.docs.parquet")
    lengths = [len(document) for document in documents]
    offsets = numpy.cumsum([0, *lengths])[:-1].tolist()
    check(table["n_tokens"].to_pylist() == lengths, f"{prefix}: lengths in the provenance")
    check(table["token_offset"].to_pylist() == offsets, f"{prefix}: offsets in the provenance")
    ordinals = list(range(len(documents)))
    check(table["ordinal"].to_pylist() == ordinals, f"{prefix}: ordinals in the provenance")


def check_bytes(prefix, documents, vocab_tokens):
    """Megatron's writer gives the same two files."""
    with tempfile.TemporaryDirectory() as folder:
        theirs = os.path.join(folder, "theirs")
        dtype = DType.optimal_dtype(vocab_tokens)
        builder = IndexedDatasetBuilder(f"{theirs}.bin", dtype=dtype)
        for document in documents:
            builder.add_document(torch.from_numpy(document.astype(numpy.int64)), [len(document)])
        builder.finalize(f"{theirs}.idx")
        for suffix in ["bin", "idx"]:
            same = filecmp.cmp(f"{prefix}.{suffix}", f"{theirs}.{suffix}", shallow=False)
            check(same, f"{prefix}.{suffix}: the bytes differ from Megatron's")


def check_samples(prefix, dataset, documents, info, sequence_length):
    """Every sample is the next piece of the documents in Megatron's order."""
    config = GPTDatasetConfig(
        random_seed=1234,
        sequence_length=sequence_length,
        blend=([prefix], None),
        split="1,0,0",
        reset_position_ids=False,
        reset_attention_mask=False,
        eod_mask_loss=False,
        create_attention_mask=False,
        tokenizer=Tokenizer(info["tokenizer"]),
    )
    indices = numpy.arange(len(dataset), dtype=numpy.int32)
    samples = GPTDataset(dataset, prefix, indices, None, Split.train, config)
    stream = numpy.concatenate([documents[index] for index in samples.document_index])
    expected = (len(stream) - 1) // sequence_length
    check(len(samples) == expected, f"{prefix}: {len(samples)} samples instead of {expected}")
    for index in range(len(samples)):
        start = int(samples.shuffle_index[index]) * sequence_length
        piece = stream[start : start + sequence_length + 1]
        sample = samples[index]
        same = (sample["tokens"].numpy() == piece[:-1]).all()
        check(same, f"{prefix}: tokens of sample {index}")
        check((sample["labels"].numpy() == piece[1:]).all(), f"{prefix}: labels of sample {index}")
    return len(samples)


def main():
    """Checks all shards of the folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="folder with shards")
    parser.add_argument("--sequence-length", type=int, default=512)
    arguments = parser.parse_args()
    descriptions = sorted(arguments.folder.rglob("*-[0-9]*.json"))
    check(descriptions, f"{arguments.folder} has no shards")
    for description in descriptions:
        prefix = str(description.with_suffix(""))
        info = json.loads(description.read_text())
        dataset = IndexedDataset(prefix)
        documents = check_documents(prefix, dataset, info)
        check_bytes(prefix, documents, info["tokenizer"]["vocab_tokens"])
        n_samples = check_samples(prefix, dataset, documents, info, arguments.sequence_length)
        print(
            f"ok: {Path(prefix).name}: {len(documents)} documents, {info['n_tokens']} tokens "
            f"({info['dtype']}), {n_samples} samples"
        )


if __name__ == "__main__":
    main()
