"""Measures the gigatoken wheel as the program beside it measures the others.

    pip install gigatoken==0.10.0 tokenizers==0.23.3
    gigatoken_wheel.py DOCUMENTS.jsonl TOKENIZER.json...

Each round is a fresh process: it reads the tokenizer, then encodes all documents twice on one
thread; the first pass is cold, the second warm. Rates are per second of processor time. The ids of
every n-th document are compared with the reference (same core as the crate 0.23.2).
"""

import json
import os
import statistics
import subprocess
import sys
import time

ROUNDS = 3
REFERENCE_MB = 1.0


def one_round(documents, tokenizer):
    import gigatoken
    from tokenizers import Tokenizer

    with open(documents) as file:
        texts = [json.loads(line)["text"] for line in file]
    start = time.process_time()
    engine = gigatoken.Tokenizer(tokenizer)
    times = [time.process_time() - start]
    for _ in range(2):
        start = time.process_time()
        ids = engine.encode_batch(texts, parallel=False)
        times.append(time.process_time() - start)
    n_bytes = sum(len(text.encode()) for text in texts)
    reference = Tokenizer.from_file(tokenizer)
    step = max(1, int(n_bytes / 1e6 / REFERENCE_MB))
    checked = range(0, len(texts), step)
    n_other = sum(
        list(ids[index]) != reference.encode(texts[index], add_special_tokens=False).ids
        for index in checked
    )
    result = {"times": times, "mb": n_bytes / 1e6, "other": n_other, "checked": len(checked)}
    result["mtok"] = sum(len(row) for row in ids) / 1e6
    print(json.dumps(result))


def main():
    documents, *tokenizers = sys.argv[1:]
    print("| gigatoken 0.10.0 | load s | cold MB/s | warm MB/s | warm Mtok/s | other ids |")
    print("|---|---|---|---|---|---|")
    for tokenizer in tokenizers:
        runs = []
        for _ in range(ROUNDS):
            command = [sys.executable, __file__, "--round", documents, tokenizer]
            environment = dict(os.environ, RAYON_NUM_THREADS="1")
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if done.returncode:
                sys.exit(done.stderr)
            runs.append(json.loads(done.stdout.splitlines()[-1]))
        load, cold, warm = (statistics.median(run["times"][i] for run in runs) for i in range(3))
        run = runs[0]
        name = os.path.basename(tokenizer).removesuffix(".json")
        print(
            f"| {name} | {load:.2f} | {run['mb'] / cold:.1f} | {run['mb'] / warm:.1f} "
            f"| {run['mtok'] / warm:.2f} | {run['other']} of {run['checked']} |",
            flush=True,
        )


if sys.argv[1:2] == ["--round"]:
    one_round(*sys.argv[2:])
else:
    main()
