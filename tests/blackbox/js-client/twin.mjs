// A collection as plain arrays: what Grape must answer, computed the slow way.

/// A small generator (mulberry32): the same seed gives the same numbers everywhere.
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomPoints(random, count, dimension) {
  const pick = list => list[Math.floor(random() * list.length)];
  return Array.from({length: count}, (_, id) => {
    const year = 2000 + Math.floor(random() * 10);
    const payload = {year, price: Math.round(random() * 2000) / 10};
    payload.city = pick(['Berlin', 'Oslo', 'Rome', 'Paris', 'Lima']);
    if (random() < 0.6) payload.open = random() < 0.5;
    if (random() < 0.7) payload.tags = ['a', 'b', 'c'].filter(() => random() < 0.4);
    if (random() < 0.2) payload.note = random() < 0.5 ? null : 'noted';
    if (random() < 0.3)
      payload.rooms = Array.from({length: 2}, () =>
        ({beds: 1 + Math.floor(random() * 3), view: pick(['sea', 'yard'])}));
    return {id, vector: Array.from({length: dimension}, () => random() * 2 - 1), payload};
  });
}

function normalised(vector) {
  const length = Math.hypot(...vector);
  return length === 0 ? vector.slice() : vector.map(x => x / length);
}

/// Values at a plain path ("a.b"), an array at its end opened one level.
function valuesAt(payload, key) {
  let value = payload;
  for (const part of key.split('.')) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
    value = value[part];
  }
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

const inRange = (v, {gt, gte, lt, lte}) => typeof v === 'number'
  && (gt === undefined || v > gt) && (gte === undefined || v >= gte)
  && (lt === undefined || v < lt) && (lte === undefined || v <= lte);

function fieldHolds({key, match, range}, payload) {
  const values = valuesAt(payload, key);
  if (range) return values.some(v => inRange(v, range));
  if (match.any) return values.some(v => match.any.includes(v));
  if (match.except) return values.some(v => v !== null && !match.except.includes(v));
  return values.some(v => v === match.value);
}

function holds(condition, point) {
  if (condition.has_id) return condition.has_id.includes(point.id);
  if (condition.is_empty) {
    const value = point.payload[condition.is_empty.key];
    return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  }
  if (condition.is_null) return point.payload[condition.is_null.key] === null;
  if (condition.nested)
    return valuesAt(point.payload, condition.nested.key)
      .some(element => matches(condition.nested.filter, {id: null, payload: element}));
  if (condition.key) return fieldHolds(condition, point.payload);
  return matches(condition, point);
}

function matches(filter, point) {
  const {must = [], should = [], must_not = [], min_should} = filter;
  return must.every(c => holds(c, point)) && !must_not.some(c => holds(c, point))
    && (should.length === 0 || should.some(c => holds(c, point)))
    && (!min_should
      || min_should.conditions.filter(c => holds(c, point)).length >= min_should.min_count);
}

export class Twin {
  #points = new Map();

  put(point) {
    this.#points.set(point.id, {
      id: point.id, vector: normalised(point.vector),
      payload: structuredClone(point.payload ?? {})});
  }

  get(id) { return this.#points.get(id); }

  remove(id) { this.#points.delete(id); }

  ids() { return [...this.#points.keys()].sort((a, b) => a - b); }

  withField(key) { return [...this.#points.values()].filter(p => key in p.payload).length; }

  /// Ascending by id.
  matching(filter) {
    return [...this.#points.values()].filter(p => matches(filter, p)).sort((a, b) => a.id - b.id);
  }

  /// Every point that matches, with its cosine similarity, best first.
  nearest(query, filter = {}) {
    const target = normalised(query);
    return this.matching(filter)
      .map(p => ({id: p.id, score: p.vector.reduce((sum, x, i) => sum + x * target[i], 0)}))
      .sort((a, b) => b.score - a.score);
  }

  recommend(positive, negative) {
    const mean = ids => ids.map(id => this.get(id).vector)
      .reduce((sum, v) => sum.map((x, i) => x + v[i]))
      .map(x => x / ids.length);
    const towards = mean(positive);
    const away = mean(negative);
    return towards.map((x, i) => 2 * x - away[i]);
  }
}
