"""Goal: LangChain's vector store works on Grape unmodified. Method: documents with made-up
embeddings, every search compared with a computation."""
import hashlib
import os
import sys

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_qdrant import FastEmbedSparse, QdrantVectorStore, RetrievalMode, SparseEmbeddings
from langchain_qdrant.sparse_embeddings import SparseVector
from qdrant_client import models

URL = os.environ["GRAPE_URL"]
TEXTS = [f"{animal} {verb} the {colour} {thing}"
         for animal in ("fox", "crow", "whale", "ant") for verb in ("finds", "paints")
         for colour in ("red", "blue", "grey") for thing in ("stone", "boat", "leaf")]


def number_of(word):
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "little")


class HashedWords(Embeddings):
    """The mean of a random direction for each word."""

    def embed_query(self, text):
        rows = [np.random.default_rng(number_of(word)).normal(size=24) for word in text.split()]
        return [float(x) for x in np.mean(rows, axis=0)]

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]


class CountedWords(SparseEmbeddings):
    def embed_query(self, text):
        words = sorted({number_of(word) for word in text.split()})
        return SparseVector(indices=words, values=[1.0] * len(words))

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]


def nearest(query, holds=lambda text: True):
    words = HashedWords()
    target = np.array(words.embed_query(query))
    def likeness(text):
        row = np.array(words.embed_query(text))
        return float(row @ target / np.linalg.norm(row) / np.linalg.norm(target))
    return sorted((text for text in TEXTS if holds(text)), key=lambda text: -likeness(text))


def documents():
    return [Document(text, metadata={"animal": text.split()[0], "words": len(text.split())})
            for text in TEXTS]


def dense_session():
    store = QdrantVectorStore.from_documents(documents(), HashedWords(), url=URL,
                                             collection_name="langchain dense")
    found = store.similarity_search("crow paints boat", k=5)
    assert [each.page_content for each in found] == nearest("crow paints boat")[:5]
    only = models.Filter(must=[models.FieldCondition(
        key="metadata.animal", match=models.MatchValue(value="whale"))])
    found = store.similarity_search("grey leaf", k=4, filter=only)
    assert [each.page_content for each in found] == nearest(
        "grey leaf", lambda text: text.startswith("whale"))[:4]
    assert all(each.metadata["animal"] == "whale" for each in found)
    varied = store.max_marginal_relevance_search("red stone", k=4, fetch_k=12)
    assert len({each.page_content for each in varied}) == 4
    assert varied[0].page_content == nearest("red stone")[0]
    added = store.add_texts(["ant reads the green book"], metadatas=[{"animal": "ant"}])
    assert store.similarity_search("green book", k=1)[0].page_content.endswith("green book")
    assert store.get_by_ids(added)[0].page_content == "ant reads the green book"
    assert store.delete(added)
    assert store.get_by_ids(added) == []
    as_retriever = store.as_retriever(search_kwargs={"k": 3})
    assert len(as_retriever.invoke("blue boat")) == 3


def hybrid_session():
    store = QdrantVectorStore.from_documents(
        documents(), HashedWords(), sparse_embedding=CountedWords(), url=URL,
        collection_name="langchain hybrid", retrieval_mode=RetrievalMode.HYBRID)
    best = store.similarity_search("whale finds the blue boat", k=3)
    assert best[0].page_content == "whale finds the blue boat"


def main():
    assert FastEmbedSparse  # Part of what an application imports.
    for session in (dense_session, hybrid_session):
        session()
        print(f"ok {session.__name__.replace('_', ' ')}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
