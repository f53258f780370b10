import type { Intent } from './question-set.ts';

const airports = [
  'ATL',
  'ORD',
  'DFW',
  'LAX',
  'PHX',
  'DEN',
  'LAS',
  'SFO',
  'MSP',
  'DTW',
  'SEA',
  'BOS',
  'PHL',
  'SAN',
  'MCO',
];

type Writer = (serial: number) => Omit<Intent, 'id'>;

/** Each writer makes a question of its own from each serial number: no question and no statement comes twice. */
const writers: readonly Writer[] = [
  (serial) => {
    const airport = airports[serial % airports.length];
    const day = isoDay(1 + Math.floor(serial / airports.length));
    return {
      title: [`Flights from ${airport} on ${day}`, `${day} ${airport} 출발 항공편`],
      phrasings: [`How many flights left ${airport} on ${day}?`],
      sql: `SELECT COUNT(*) AS flights FROM flights WHERE origin = '${airport}' AND date::date = '${day}'`,
    };
  },
  (serial) => ({
    title: [`Flights ${serial + 1} minutes late`, `${serial + 1}분 지연된 항공편`],
    phrasings: [`지연 시간이 정확히 ${serial + 1}분이었던 비행은 몇 번이야?`],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE delay::text = '${serial + 1}'`,
  }),
  (serial) => ({
    title: [`Flights of at least ${serial * 10 + 105} miles`, `${serial * 10 + 105}마일 이상 항공편`],
    phrasings: [`How many flights cover at least ${serial * 10 + 105} miles?`],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE distance + 0 >= ${serial * 10 + 105}`,
  }),
  (serial) => {
    const airport = airports[serial % airports.length];
    const day = isoDay(90 - Math.floor(serial / airports.length));
    return {
      title: [`Average delay into ${airport} on ${day}`, `${day} ${airport} 도착편 평균 지연`],
      phrasings: [`${day}에 ${airport}에 도착한 항공편은 평균 몇 분 늦었어?`],
      sql: `SELECT ROUND(AVG(delay), 2) AS minutes FROM flights WHERE destination = '${airport}' AND date::date = '${day}'`,
    };
  },
];

/** The first `count` questions of a stream in which nothing is ever asked twice. */
export function uniqueQuestions(count: number): Intent[] {
  return Array.from({ length: count }, (_, index) => {
    const write = writers[index % writers.length] as Writer;
    return { id: `unique-${index}`, ...write(Math.floor(index / writers.length)) };
  });
}

function isoDay(dayOfYear: number): string {
  return new Date(Date.UTC(2001, 0, dayOfYear)).toISOString().slice(0, 10);
}
