// Goal: an application written for Qdrant runs on Grape unmodified. Method: a realistic session
// through the vendor's own client, every answer compared with a computation over plain arrays.
// Run with: GRAPE_URL=http://127.0.0.1:6333 node --test
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Twin, randomPoints, seeded} from './twin.mjs';

// QDRANT_CLIENT: the package, for other versions of the client.
const {QdrantClient} = await import(process.env.QDRANT_CLIENT ?? '@qdrant/js-client-rest');
const url = process.env.GRAPE_URL ?? 'http://127.0.0.1:6333';
const client = new QdrantClient({url});
const name = 'js session';
const total = 5000;
const dimension = 24;
const twin = new Twin();
const random = seeded(20261124);

const filters = {
  'one keyword': {must: [{key: 'city', match: {value: 'Berlin'}}]},
  'a range over integers': {must: [{key: 'year', range: {gte: 2001, lt: 2004}}]},
  'a range over floats': {must: [{key: 'price', range: {gt: 99.5}}]},
  'any of several': {must: [{key: 'city', match: {any: ['Oslo', 'Rome']}}]},
  'none of several': {must: [{key: 'city', match: {except: ['Oslo', 'Rome', 'Berlin']}}]},
  'must, should and must_not': {
    must: [{key: 'year', range: {gte: 2005}}],
    should: [{key: 'city', match: {value: 'Paris'}}, {key: 'open', match: {value: true}}],
    must_not: [{key: 'tags', match: {value: 'b'}}],
  },
  'at least two of three': {
    min_should: {
      conditions: [
        {key: 'city', match: {value: 'Paris'}},
        {key: 'open', match: {value: true}},
        {key: 'year', range: {lt: 2005}},
      ],
      min_count: 2,
    },
  },
  'a missing field': {must: [{is_empty: {key: 'tags'}}]},
  'a null': {must: [{is_null: {key: 'note'}}]},
  'a nested object': {
    must: [{nested: {key: 'rooms', filter: {must: [
      {key: 'beds', match: {value: 2}}, {key: 'view', match: {value: 'sea'}}]}}}],
  },
  'ids': {must: [{has_id: [1, 17, 4999, 123456]}]},
};

const sortedIds = points => points.map(p => p.id).sort((a, b) => a - b);

function sameScores(found, expected) {
  assert.equal(found.length, expected.length);
  found.forEach((hit, i) => assert.ok(Math.abs(hit.score - expected[i].score) < 1e-4,
    `score ${i}: ${hit.score} instead of ${expected[i].score}`));
}

async function refused(call, status, text) {
  await assert.rejects(call, error => {
    assert.equal(error.status, status, `${error.status} ${JSON.stringify(error.data)}`);
    const told = typeof error.data === 'string' ? error.data : error.data?.status?.error ?? '';
    assert.ok(told.includes(text), `"${told}" does not say "${text}"`);
    return true;
  });
}

test('the server is one that the client knows', async () => {
  const version = await client.versionInfo();
  assert.equal(version.title, 'qdrant - vector search engine');
  assert.match(version.version, /^1\.19\./);
});

test('a collection is created and described', async () => {
  await client.deleteCollection(name);
  assert.equal((await client.collectionExists(name)).exists, false);
  assert.equal(await client.createCollection(name, {
    vectors: {size: dimension, distance: 'Cosine'},
    optimizers_config: {indexing_threshold: 100},
  }), true);
  assert.equal((await client.collectionExists(name)).exists, true);
  const described = await client.getCollection(name);
  assert.deepEqual(described.config.params.vectors, {size: dimension, distance: 'Cosine'});
  assert.equal(described.points_count, 0);
  assert.ok((await client.getCollections()).collections.some(c => c.name === name));
});

test('payload indexes are created', async () => {
  for (const [field_name, field_schema] of
    [['city', 'keyword'], ['year', 'integer'], ['price', 'float'], ['open', 'bool']]) {
    const result = await client.createPayloadIndex(name, {field_name, field_schema, wait: true});
    assert.equal(result.status, 'completed');
  }
});

test('5,000 points go up in batches', async () => {
  const points = randomPoints(random, total, dimension);
  for (let start = 0; start < total; start += 250) {
    const batch = points.slice(start, start + 250);
    const result = await client.upsert(name, {points: batch, wait: true});
    assert.equal(result.status, 'completed');
    batch.forEach(p => twin.put(p));
  }
  assert.equal((await client.count(name)).count, total);
  const described = await client.getCollection(name);
  assert.equal(described.points_count, total);
  assert.equal(described.payload_schema.city.data_type, 'keyword');
  assert.equal(described.payload_schema.city.points, twin.withField('city'));
});

test('counts and scrolls under every filter equal the computation', async () => {
  for (const [label, filter] of Object.entries(filters)) {
    const expected = twin.matching(filter);
    assert.equal((await client.count(name, {filter})).count, expected.length, label);
    const page = await client.scroll(name, {filter, limit: total});
    assert.deepEqual(page.points.map(p => p.id), expected.map(p => p.id), label);
    assert.equal(page.next_page_offset, null, label);
  }
});

test('exact searches under every filter equal the computation', async () => {
  for (const [label, filter] of [['no filter', undefined], ...Object.entries(filters)]) {
    const query = Array.from({length: dimension}, () => random() * 2 - 1);
    const {points} = await client.query(name, {
      query, filter, limit: 10, params: {exact: true}, with_payload: true,
    });
    sameScores(points, twin.nearest(query, filter).slice(0, 10), label);
    points.forEach(p => assert.deepEqual(p.payload, twin.get(p.id).payload, label));
  }
});

test('graph searches find at least 95 % and never fewer than asked for', async () => {
  let hits = 0;
  const rounds = 40;
  for (let round = 0; round < rounds; ++round) {
    const query = Array.from({length: dimension}, () => random() * 2 - 1);
    const filter = round % 2 ? filters['a range over integers'] : undefined;
    const {points} = await client.query(name, {query, filter, limit: 10});
    assert.equal(points.length, 10);
    const best = new Set(twin.nearest(query, filter).slice(0, 10).map(p => p.id));
    hits += points.filter(p => best.has(p.id)).length;
  }
  assert.ok(hits / (10 * rounds) >= 0.95, `recall@10 = ${hits / (10 * rounds)}`);
});

test('offset, threshold and batches of queries', async () => {
  const query = Array.from({length: dimension}, () => random() * 2 - 1);
  const exact = {params: {exact: true}};
  const ranked = twin.nearest(query);
  const later = await client.query(name, {query, limit: 5, offset: 20, ...exact});
  sameScores(later.points, ranked.slice(20, 25));
  const score_threshold = ranked[7].score - 1e-4;
  const above = await client.query(name, {query, limit: 50, score_threshold, ...exact});
  sameScores(above.points, ranked.filter(p => p.score > score_threshold));
  const [one, two] = await client.queryBatch(name, {searches: [
    {query, limit: 3, ...exact}, {query, limit: 2, filter: filters['one keyword'], ...exact}]});
  sameScores(one.points, ranked.slice(0, 3));
  sameScores(two.points, twin.nearest(query, filters['one keyword']).slice(0, 2));
});

test('a query by id leaves the point out, recommendation moves from negatives', async () => {
  const exact = {params: {exact: true}};
  const byId = await client.query(name, {query: 42, limit: 10, ...exact});
  sameScores(byId.points, twin.nearest(twin.get(42).vector).filter(p => p.id !== 42).slice(0, 10));
  const recommended = await client.query(name, {
    query: {recommend: {positive: [1, 2], negative: [3]}}, limit: 10, ...exact});
  const target = twin.recommend([1, 2], [3]);
  sameScores(recommended.points,
    twin.nearest(target).filter(p => ![1, 2, 3].includes(p.id)).slice(0, 10));
});

test('a scroll through everything meets each point once, in order', async () => {
  const seen = [];
  let offset;
  do {
    const page = await client.scroll(name, {limit: 333, offset, with_vector: true});
    page.points.forEach(p => {
      seen.push(p.id);
      assert.deepEqual(p.payload, twin.get(p.id).payload);
      const stored = twin.get(p.id).vector;
      p.vector.forEach((x, i) => assert.ok(Math.abs(x - stored[i]) < 1e-6));
    });
    offset = page.next_page_offset;
  } while (offset !== null);
  assert.deepEqual(seen, twin.ids());
});

test('points are retrieved in the order asked, with the parts asked for', async () => {
  const records = await client.retrieve(name, {
    ids: [30, 10, 999999, 20, 10], with_payload: ['city', 'rooms[].beds'], with_vector: false});
  assert.deepEqual(records.map(r => r.id), [30, 10, 20]);
  for (const record of records) {
    assert.equal(record.payload.city, twin.get(record.id).payload.city);
    assert.equal(record.payload.year, undefined);
    assert.equal(record.vector ?? undefined, undefined);
  }
  const [without] = await client.retrieve(name, {ids: [30], with_payload: {exclude: ['city']}});
  const expected = {...twin.get(30).payload};
  delete expected.city;
  assert.deepEqual(without.payload, expected);
});

test('payload changes: set, overwrite, delete keys, clear, by ids and by filter', async () => {
  await client.setPayload(name, {payload: {city: 'Lima', extra: {a: 1}}, points: [5, 6]});
  [5, 6].forEach(id => Object.assign(twin.get(id).payload, {city: 'Lima', extra: {a: 1}}));
  await client.setPayload(name, {payload: {b: 2}, key: 'extra', points: [5]});
  twin.get(5).payload.extra = {a: 1, b: 2};
  await client.overwritePayload(name, {payload: {only: true}, points: [7]});
  twin.get(7).payload = {only: true};
  await client.deletePayload(name, {keys: ['extra.a', 'year'], points: [5, 6]});
  [5, 6].forEach(id => { delete twin.get(id).payload.extra.a; delete twin.get(id).payload.year; });
  await client.clearPayload(name, {points: [8]});
  twin.get(8).payload = {};
  const filter = filters['any of several'];
  await client.setPayload(name, {payload: {north: true}, filter});
  twin.matching(filter).forEach(p => { twin.get(p.id).payload.north = true; });
  const ids = [5, 6, 7, 8, ...sortedIds(twin.matching(filter)).slice(0, 50)];
  for (const record of await client.retrieve(name, {ids}))
    assert.deepEqual(record.payload, twin.get(record.id).payload);
  for (const [label, wanted] of Object.entries(filters))
    assert.equal((await client.count(name, {filter: wanted})).count,
      twin.matching(wanted).length, label);
});

test('an upsert replaces the whole point; a batch applies in order', async () => {
  const vector = Array.from({length: dimension}, () => random() * 2 - 1);
  await client.upsert(name, {points: [{id: 9, vector}]});
  twin.put({id: 9, vector, payload: {}});
  await client.batchUpdate(name, {operations: [
    {upsert: {points: [{id: 6000, vector, payload: {city: 'Quito'}}]}},
    {set_payload: {payload: {year: 1999}, points: [6000]}},
    {delete: {points: [10]}}]});
  twin.put({id: 6000, vector, payload: {city: 'Quito', year: 1999}});
  twin.remove(10);
  const [nine, quito] = await client.retrieve(name, {ids: [9, 6000, 10]});
  assert.deepEqual(nine.payload, {});
  assert.deepEqual(quito.payload, {city: 'Quito', year: 1999});
  assert.equal((await client.count(name)).count, twin.ids().length);
});

test('deleted points stay deleted, by ids and by filter', async () => {
  await client.delete(name, {wait: true, points: [1, 2, 3, 777777]});
  [1, 2, 3].forEach(id => twin.remove(id));
  const filter = filters['at least two of three'];
  await client.delete(name, {wait: true, filter});
  twin.matching(filter).forEach(p => twin.remove(p.id));
  assert.equal((await client.count(name)).count, twin.ids().length);
  assert.equal((await client.count(name, {filter})).count, 0);
  const query = Array.from({length: dimension}, () => random() * 2 - 1);
  const {points} = await client.query(name, {query, limit: 100, params: {exact: true}});
  sameScores(points, twin.nearest(query).slice(0, 100));
});

test('aliases stand for the collection', async () => {
  const alias = 'js alias';
  await client.updateCollectionAliases({actions: [
    {create_alias: {collection_name: name, alias_name: alias}}]});
  assert.deepEqual((await client.getCollectionAliases(name)).aliases,
    [{alias_name: alias, collection_name: name}]);
  assert.equal((await client.count(alias)).count, twin.ids().length);
  await client.updateCollectionAliases({actions: [
    {rename_alias: {old_alias_name: alias, new_alias_name: 'other'}},
    {delete_alias: {alias_name: 'other'}}]});
  assert.ok(!(await client.getAliases()).aliases.some(a => a.collection_name === name));
});

test('twenty mistakes are refused, each with its status and reason', async () => {
  const vector = Array(dimension).fill(0.5);
  const upsert = points => client.upsert(name, {points});
  const query = body => client.query(name, body);
  const cases = [
    [() => client.getCollection('absent'), 404, "Collection `absent` doesn't exist!"],
    [() => client.createCollection(name, {vectors: {size: 4, distance: 'Dot'}}),
      409, 'already exists'],
    [() => client.createCollection('big', {vectors: {size: 65537, distance: 'Dot'}}),
      422, 'Validation error'],
    [() => client.createCollection('odd', {vectors: {size: 4, distance: 'Hamming'}}),
      400, 'Format error in JSON body'],
    [() => client.createCollection('a:b', {vectors: {size: 4, distance: 'Dot'}}),
      422, 'collection name cannot contain ":" char'],
    [() => upsert([{id: 1, vector: [1, 2, 3]}]),
      400, `Vector dimension error: expected dim: ${dimension}, got 3`],
    [() => upsert([{id: 1, vector: {image: vector}}]),
      400, 'Not existing vector name error: image'],
    [() => upsert([{id: -1, vector}]), 400, 'Format error in JSON body'],
    [() => upsert([{id: 'abc', vector}]), 400, 'is not a valid point ID'],
    [() => upsert([{id: 1, vector: []}]), 422, 'must not be empty'],
    [() => upsert([]), 400, 'Empty update request'],
    [() => upsert([{id: 1, vector: 'text'}]), 400, 'Format error in JSON body'],
    [() => query({query: [1, 2], limit: 3}), 400, 'Vector dimension error'],
    [() => query({query: vector, limit: 0}), 422, 'limit'],
    [() => query({query: vector, using: 'none'}), 400, 'Not existing vector name error: none'],
    [() => query({query: 987654321}), 404, 'No point with id 987654321 found'],
    [() => query({query: vector, filter: {mustt: []}}), 400, 'unknown field `mustt`'],
    [() => query({query: vector, filter: {must: [{key: 'city'}]}}),
      422, 'At least one field condition must be specified'],
    [() => client.setPayload(name, {payload: {a: 1}}),
      400, 'Either list of point ids or filter must be provided'],
    [() => client.setPayload(name, {payload: {a: 1}, points: [424242]}),
      404, 'No point with id 424242 found'],
    [() => client.scroll(name, {limit: 0}), 422, 'limit'],
    [() => client.updateCollectionAliases({
      actions: [{rename_alias: {old_alias_name: 'x', new_alias_name: 'y'}}]}),
      404, 'Alias x does not exists!'],
  ];
  for (const [call, status, text] of cases)
    await refused(call, status, text);
  assert.equal((await client.count(name)).count, twin.ids().length);
});

test('the collection goes', async () => {
  assert.equal(await client.deleteCollection(name), true);
  assert.equal(await client.deleteCollection(name), false);
  await refused(() => client.count(name), 404, "doesn't exist!");
});
