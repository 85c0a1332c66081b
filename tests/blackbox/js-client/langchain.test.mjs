// Goal: LangChain's vector store runs on Grape unmodified. Method: documents with made-up
// embeddings, every search compared with a computation.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {QdrantVectorStore} from '@langchain/qdrant';
import {Embeddings} from '@langchain/core/embeddings';
import {Document} from '@langchain/core/documents';
import {seeded} from './twin.mjs';

const url = process.env.GRAPE_URL ?? 'http://127.0.0.1:6333';
const dimension = 24;

const texts = [];
for (const animal of ['fox', 'crow', 'whale', 'ant'])
  for (const verb of ['finds', 'paints'])
    for (const colour of ['red', 'blue', 'grey'])
      for (const thing of ['stone', 'boat', 'leaf'])
        texts.push(`${animal} ${verb} the ${colour} ${thing}`);

const seedOf = word => [...word].reduce((seed, c) => (seed * 31 + c.charCodeAt(0)) | 0, 7);

/// The mean of a random direction for each word.
function embed(text) {
  const rows = text.split(' ').map(word => {
    const random = seeded(seedOf(word));
    return Array.from({length: dimension}, () => random() * 2 - 1);
  });
  return rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
}

class HashedWords extends Embeddings {
  constructor() { super({}); }
  async embedQuery(text) { return embed(text); }
  async embedDocuments(all) { return all.map(embed); }
}

const cosine = (a, b) =>
  a.reduce((sum, x, i) => sum + x * b[i], 0) / Math.hypot(...a) / Math.hypot(...b);

function nearest(query, among = texts) {
  const target = embed(query);
  return among.map(text => [text, cosine(embed(text), target)]).sort((a, b) => b[1] - a[1]);
}

test('documents are stored, found, filtered and deleted', async () => {
  const documents = texts.map(text => new Document({
    pageContent: text, metadata: {animal: text.split(' ')[0]}}));
  const store = await QdrantVectorStore.fromDocuments(documents, new HashedWords(),
    {url, collectionName: 'langchain js'});

  const found = await store.similaritySearchWithScore('crow paints boat', 5);
  nearest('crow paints boat').slice(0, 5).forEach(([text, score], i) => {
    assert.equal(found[i][0].pageContent, text);
    assert.ok(Math.abs(found[i][1] - score) < 1e-4);
  });

  const whales = await store.similaritySearch('grey leaf', 4, {
    must: [{key: 'metadata.animal', match: {value: 'whale'}}]});
  assert.deepEqual(whales.map(each => each.pageContent),
    nearest('grey leaf', texts.filter(t => t.startsWith('whale'))).slice(0, 4).map(([t]) => t));

  const varied = await store.maxMarginalRelevanceSearch('red stone', {k: 4, fetchK: 12});
  assert.equal(new Set(varied.map(each => each.pageContent)).size, 4);
  assert.equal(varied[0].pageContent, nearest('red stone')[0][0]);

  await store.delete({filter: {must: [{key: 'metadata.animal', match: {value: 'fox'}}]}});
  const left = await store.similaritySearch('fox finds the red stone', texts.length);
  assert.equal(left.length, texts.length * 3 / 4);
  assert.ok(left.every(each => each.metadata.animal !== 'fox'));
});
