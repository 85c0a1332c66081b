// Goal: an application whose tenants have shard keys runs on Grape unmodified. Method: keys are
// made, filled, read and dropped through the vendor's own client, beside plain arrays.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {randomPoints, seeded} from './twin.mjs';

const {QdrantClient} = await import(process.env.QDRANT_CLIENT ?? '@qdrant/js-client-rest');
const client = new QdrantClient({url: process.env.GRAPE_URL ?? 'http://127.0.0.1:6333'});
const name = 'js keys';
const dimension = 8;
const random = seeded(20261129);
const keys = ['eu', 'us', 7];
const points = randomPoints(random, 900, dimension); // Of key i: those whose id is i modulo 3.
const under = (...some) => points.filter(point => some.includes(keys[point.id % 3]));
const target = Array.from({length: dimension}, () => random() - 0.5);

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const nearest = (of, limit) => of.map(point => ({id: point.id, score: dot(point.vector, target)}))
  .sort((a, b) => b.score - a.score).slice(0, limit);

async function found(selector, limit = 10) {
  const named = selector === undefined ? {} : {shard_key: selector};
  return (await client.query(name, {query: target, limit, ...named})).points;
}

function same(hits, expected) {
  assert.deepEqual(hits.map(hit => hit.id), expected.map(hit => hit.id));
  hits.forEach((hit, i) => assert.ok(Math.abs(hit.score - expected[i].score) < 1e-4));
}

test('keys are created', async () => {
  await client.deleteCollection(name);
  await client.createCollection(name, {
    vectors: {size: dimension, distance: 'Dot'}, sharding_method: 'custom', shard_number: 1,
  });
  for (const key of keys)
    assert.equal(await client.createShardKey(name, {shard_key: key, shards_number: 2}), true);
  await assert.rejects(client.createShardKey(name, {shard_key: 'eu'}), {status: 400});
});

test('a write names its key', async () => {
  for (const key of keys)
    await client.upsert(name, {wait: true, points: under(key), shard_key: key});
  await assert.rejects(client.upsert(name, {wait: true, points: points.slice(0, 1)}),
    {status: 400});
  assert.equal((await client.count(name)).count, points.length);
});

test('a search is of one key, of several, or of all', async () => {
  same(await found('eu'), nearest(under('eu'), 10));
  same(await found(['us', 7]), nearest(under('us', 7), 10));
  same(await found(undefined), nearest(points, 10));
  assert.ok((await found('eu')).every(hit => hit.shard_key === 'eu'));
});

test('counts, scrolls and batches are of a key', async () => {
  assert.equal((await client.count(name, {shard_key: 7})).count, under(7).length);
  const page = await client.scroll(name, {shard_key: 'us', limit: 1000});
  assert.deepEqual(page.points.map(point => point.id), under('us').map(point => point.id));
  const both = await client.queryBatch(name, {
    searches: ['us', 7].map(key => ({query: target, limit: 5, shard_key: key})),
  });
  same(both[0].points, nearest(under('us'), 5));
  same(both[1].points, nearest(under(7), 5));
});

test('a delete is of its key alone, and a key goes with its points', async () => {
  const gone = points[0].id;
  await client.delete(name, {wait: true, points: [gone], shard_key: 'us'});
  assert.equal((await client.count(name, {shard_key: 'eu'})).count, under('eu').length);
  await client.delete(name, {wait: true, points: [gone], shard_key: 'eu'});
  assert.equal((await client.count(name, {shard_key: 'eu'})).count, under('eu').length - 1);
  assert.equal(await client.deleteShardKey(name, {shard_key: 'us'}), true);
  assert.equal((await client.count(name)).count, under('eu', 7).length - 1);
  await client.deleteCollection(name);
});
