"""The other programs of scripts/bench/models: onnxruntime, sqlite-vec and usearch, on one thread."""

import os
import sqlite3
import sys
import time

import numpy
import onnxruntime

MODEL, COUNT = sys.argv[1], int(sys.argv[2])
DIM, QUERIES = 384, 20

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
picture = numpy.zeros((1, 3, 224, 224), dtype=numpy.float32)
session.run(None, {"pixels": picture})
began = time.perf_counter()
for _ in range(200):
    session.run(None, {"pixels": picture})
print(f"mobilenet onnxruntime {onnxruntime.__version__}: {200 / (time.perf_counter() - began):.0f} pictures/s")

random = numpy.random.default_rng(7)
vectors = random.uniform(-1, 1, (COUNT, DIM)).astype(numpy.float32)
vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
queries = random.uniform(-1, 1, (QUERIES, DIM)).astype(numpy.float32)
queries /= numpy.linalg.norm(queries, axis=1, keepdims=True)
exact = [set(numpy.argsort(-(vectors @ query))[:10].tolist()) for query in queries]


def tell(name, search, built, size):
    began = time.process_time()
    found = [search(query) for query in queries]
    took = (time.process_time() - began) * 1000 / QUERIES
    recall = sum(len(a & set(b)) for a, b in zip(exact, found)) / (10 * QUERIES)
    print(f"{name} {COUNT} x {DIM}: {took:.2f} ms a query, recall@10 {recall:.3f}, built in {built:.2f} s, {size >> 20} MB")


try:
    import sqlite_vec

    db = sqlite3.connect(":memory:")
    db.enable_load_extension(True)
    sqlite_vec.load(db)
    db.execute(f"CREATE VIRTUAL TABLE v USING vec0(e float[{DIM}] distance_metric=cosine)")
    began = time.process_time()
    db.executemany("INSERT INTO v(rowid, e) VALUES(?, ?)", ((i, row.tobytes()) for i, row in enumerate(vectors)))
    built = time.process_time() - began
    query_sql = "SELECT rowid FROM v WHERE e MATCH ? AND k = 10 ORDER BY distance"
    tell("sqlite-vec", lambda q: [row[0] for row in db.execute(query_sql, [q.tobytes()])], built, vectors.nbytes)
except Exception as error:  # A Python without loadable extensions.
    print(f"sqlite-vec: not measured ({error})")

if COUNT <= 200_000 or os.environ.get("USEARCH_LARGE"):
    from usearch.index import Index

    index = Index(ndim=DIM, metric="cos", dtype="f16")
    began = time.process_time()
    index.add(numpy.arange(COUNT), vectors, threads=1)
    built = time.process_time() - began
    tell("usearch f16", lambda q: index.search(q, 10, threads=1).keys.tolist(), built, index.memory_usage)
