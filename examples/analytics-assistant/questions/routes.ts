import type { Intent } from './question-set.ts';

/** From where to where, and how far (miles). */
export const routeQuestions: readonly Intent[] = [
  {
    id: 'busiest-routes',
    title: ['Busiest routes', '가장 붐비는 노선'],
    phrasings: [
      'What are the busiest routes?',
      'Which five routes are flown most?',
      '가장 붐비는 노선은 어디야?',
      '항공편이 제일 많은 노선 다섯 개는?',
    ],
    sql: `SELECT origin || '-' || destination AS route, COUNT(*) AS flights FROM flights GROUP BY origin || '-' || destination ORDER BY flights DESC, route LIMIT 5`,
  },
  {
    id: 'longest-flights',
    title: ['Longest flights', '가장 먼 항공편'],
    phrasings: [
      'Show the five longest flights by distance',
      'Which five flights covered the most miles?',
      '가장 먼 거리를 난 항공편 다섯 개는?',
      '거리가 제일 긴 비행 5개를 보여줘',
    ],
    sql: `SELECT * FROM flights ORDER BY distance DESC, id LIMIT 5`,
  },
  {
    id: 'shortest-flights',
    title: ['Shortest flights', '가장 가까운 항공편'],
    phrasings: [
      'Show the five shortest flights by distance',
      'Which five flights covered the fewest miles?',
      '가장 가까운 거리를 난 항공편 다섯 개는?',
      '거리가 제일 짧은 비행 5개를 보여줘',
    ],
    sql: `SELECT * FROM flights ORDER BY distance, id LIMIT 5`,
  },
  {
    id: 'lax-to-sfo',
    title: ['Flights from Los Angeles to San Francisco', '로스앤젤레스발 샌프란시스코행 항공편'],
    phrasings: [
      'How many flights from LAX to SFO?',
      'Count flights from Los Angeles to San Francisco',
      'LAX에서 SFO로 가는 항공편은 몇 편이야?',
      '로스앤젤레스에서 샌프란시스코까지 몇 편 있어?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE origin || '-' || destination = 'LAX-SFO'`,
  },
  {
    id: 'sfo-to-lax',
    title: ['Flights from San Francisco to Los Angeles', '샌프란시스코발 로스앤젤레스행 항공편'],
    phrasings: [
      'How many flights from SFO to LAX?',
      'Count flights from San Francisco to Los Angeles',
      'SFO에서 LAX로 가는 항공편은 몇 편이야?',
      '샌프란시스코에서 로스앤젤레스까지 몇 편 있어?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE origin || '-' || destination = 'SFO-LAX'`,
  },
  {
    id: 'delay-lga-to-bos',
    title: ['Average delay from LaGuardia to Boston', '라과디아발 보스턴행 평균 지연'],
    phrasings: [
      'How late are flights from LaGuardia to Boston?',
      'Average delay LGA to BOS',
      '라과디아에서 보스턴 가는 비행은 얼마나 늦어?',
      'LGA-BOS 노선 평균 지연은?',
    ],
    sql: `SELECT ROUND(AVG(delay), 2) AS minutes FROM flights WHERE UPPER(origin) = 'LGA' AND UPPER(destination) = 'BOS'`,
  },
  {
    id: 'delay-bos-to-lga',
    title: ['Average delay from Boston to LaGuardia', '보스턴발 라과디아행 평균 지연'],
    phrasings: [
      'How late are flights from Boston to LaGuardia?',
      'Average delay BOS to LGA',
      '보스턴에서 라과디아 가는 비행은 얼마나 늦어?',
      'BOS-LGA 노선 평균 지연은?',
    ],
    sql: `SELECT ROUND(AVG(delay), 2) AS minutes FROM flights WHERE UPPER(origin) = 'BOS' AND UPPER(destination) = 'LGA'`,
  },
  {
    id: 'number-of-routes',
    title: ['Different routes', '서로 다른 노선 수'],
    phrasings: [
      'How many different routes are there?',
      'Count the distinct routes',
      '서로 다른 노선은 몇 개야?',
      '노선이 모두 몇 개 있어?',
    ],
    sql: `SELECT COUNT(*) AS routes FROM (SELECT DISTINCT origin, destination FROM flights) AS r`,
  },
  {
    id: 'average-distance',
    title: ['Average distance in miles', '평균 비행 거리(마일)'],
    phrasings: [
      'What is the average flight distance?',
      'How far does a flight go on average?',
      '평균 비행 거리는 얼마야?',
      '항공편은 평균 몇 마일을 날아?',
    ],
    sql: `SELECT ROUND(AVG(distance), 1) AS miles FROM flights`,
  },
  {
    id: 'total-distance',
    title: ['Miles flown in all', '총 비행 거리(마일)'],
    phrasings: [
      'How many miles were flown in total?',
      'What is the sum of all distances?',
      '총 비행 거리는 몇 마일이야?',
      '모든 항공편의 거리 합계는?',
    ],
    sql: `SELECT SUM(distance::numeric) AS miles FROM flights`,
  },
  {
    id: 'over-2000-miles',
    title: ['Flights over 2,000 miles', '2,000마일 초과 항공편'],
    phrasings: [
      'How many flights are longer than 2000 miles?',
      'Count flights over 2,000 miles',
      '2000마일보다 긴 항공편은 몇 편이야?',
      '거리가 2천 마일이 넘는 비행 수는?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE distance + 0 > 2000`,
  },
  {
    id: 'under-200-miles',
    title: ['Flights under 200 miles', '200마일 미만 항공편'],
    phrasings: [
      'How many flights are shorter than 200 miles?',
      'Count flights under 200 miles',
      '200마일보다 짧은 항공편은 몇 편이야?',
      '거리가 2백 마일이 안 되는 비행 수는?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE distance + 0 < 200`,
  },
  {
    id: 'delay-by-distance',
    title: ['Average delay by distance in thousands of miles', '거리(천 마일)별 평균 지연'],
    phrasings: [
      'Do longer flights have longer delays?',
      'Show average delay by distance band',
      '먼 거리일수록 더 늦어?',
      '거리 구간별 평균 지연을 보여줘',
    ],
    sql: `SELECT distance / 1000 AS thousand_miles, ROUND(AVG(delay), 2) AS minutes FROM flights GROUP BY distance / 1000 ORDER BY thousand_miles`,
  },
  {
    id: 'destinations-from-denver',
    title: ['Destinations from Denver', '덴버에서 갈 수 있는 목적지 수'],
    phrasings: [
      'How many destinations can I reach from Denver?',
      'Count the destinations served from DEN',
      '덴버에서 갈 수 있는 목적지는 몇 곳이야?',
      'DEN 출발 목적지 수를 알려줘',
    ],
    sql: `SELECT COUNT(DISTINCT destination) AS destinations FROM flights WHERE LOWER(origin) = 'den'`,
  },
  {
    id: 'top-destinations-from-atlanta',
    title: ['Top destinations from Atlanta', '애틀랜타 출발 인기 목적지'],
    phrasings: [
      'Where do most flights from Atlanta go?',
      'Top five destinations from ATL',
      '애틀랜타에서 가장 많이 가는 곳은 어디야?',
      'ATL 출발 인기 목적지 다섯 곳은?',
    ],
    sql: `SELECT destination, COUNT(*) AS flights FROM flights WHERE LOWER(origin) = 'atl' GROUP BY destination ORDER BY flights DESC, destination LIMIT 5`,
  },
  {
    id: 'top-origins-to-atlanta',
    title: ['Top origins of flights to Atlanta', '애틀랜타 도착편의 주요 출발지'],
    phrasings: [
      'Where do most flights to Atlanta come from?',
      'Top five origins of flights into ATL',
      '애틀랜타로 가장 많이 오는 출발지는 어디야?',
      'ATL 도착편의 주요 출발지 다섯 곳은?',
    ],
    sql: `SELECT origin, COUNT(*) AS flights FROM flights WHERE LOWER(destination) = 'atl' GROUP BY origin ORDER BY flights DESC, origin LIMIT 5`,
  },
];
