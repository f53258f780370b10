import type { Intent } from './question-set.ts';

/** Airports, cities and states: the questions that join the two tables, or look one up for every row of the other. */
export const airportQuestions: readonly Intent[] = [
  {
    id: 'busiest-airports',
    title: ['Airports with the most departures', '출발편이 가장 많은 공항'],
    phrasings: [
      'Which airports have the most departures?',
      'Top five airports by departing flights',
      '출발편이 가장 많은 공항은 어디야?',
      '출발 기준 상위 공항 다섯 곳은?',
    ],
    sql: `SELECT origin, COUNT(*) AS flights FROM flights GROUP BY origin ORDER BY flights DESC, origin LIMIT 5`,
  },
  {
    id: 'most-arrivals',
    title: ['Airports with the most arrivals', '도착편이 가장 많은 공항'],
    phrasings: [
      'Which airports have the most arrivals?',
      'Top five airports by arriving flights',
      '도착편이 가장 많은 공항은 어디야?',
      '도착 기준 상위 공항 다섯 곳은?',
    ],
    sql: `SELECT destination, COUNT(*) AS flights FROM flights GROUP BY destination ORDER BY flights DESC, destination LIMIT 5`,
  },
  {
    id: 'from-seattle',
    title: ['Flights from Seattle', '시애틀 출발 항공편 수'],
    phrasings: [
      'How many flights leave Seattle?',
      'Count departures from SEA',
      '시애틀에서 출발하는 항공편은 몇 편이야?',
      'SEA 출발편 수를 알려줘',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE origin IN (SELECT iata FROM airports WHERE city ILIKE 'seattle')`,
  },
  {
    id: 'to-seattle',
    title: ['Flights to Seattle', '시애틀 도착 항공편 수'],
    phrasings: [
      'How many flights arrive in Seattle?',
      'Count arrivals at SEA',
      '시애틀에 도착하는 항공편은 몇 편이야?',
      'SEA 도착편 수를 알려줘',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE destination IN (SELECT iata FROM airports WHERE city ILIKE 'seattle')`,
  },
  {
    id: 'from-california',
    title: ['Flights from California', '캘리포니아 출발 항공편 수'],
    phrasings: [
      'How many flights leave California?',
      'Count departures from airports in CA',
      '캘리포니아에서 출발하는 항공편은 몇 편이야?',
      'CA 주 공항 출발편 수는?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights f JOIN airports a ON a.iata = f.origin WHERE UPPER(a.state) = 'CA'`,
  },
  {
    id: 'to-california',
    title: ['Flights to California', '캘리포니아 도착 항공편 수'],
    phrasings: [
      'How many flights arrive in California?',
      'Count arrivals at airports in CA',
      '캘리포니아에 도착하는 항공편은 몇 편이야?',
      'CA 주 공항 도착편 수는?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights f JOIN airports a ON a.iata = f.destination WHERE UPPER(a.state) = 'CA'`,
  },
  {
    id: 'within-texas',
    title: ['Flights within Texas', '텍사스 내 항공편 수'],
    phrasings: [
      'How many flights stay within Texas?',
      'Count flights from Texas to Texas',
      '텍사스 안에서만 운항한 항공편은 몇 편이야?',
      '텍사스에서 텍사스로 가는 비행 수는?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE origin IN (SELECT iata FROM airports WHERE state = 'TX') AND destination IN (SELECT iata FROM airports WHERE state = 'TX')`,
  },
  {
    id: 'departures-by-state',
    title: ['States with the most departures', '출발편이 가장 많은 주'],
    phrasings: [
      'Which states have the most departures?',
      'Top five states by departing flights',
      '출발편이 가장 많은 주는 어디야?',
      '출발 기준 상위 다섯 개 주는?',
    ],
    sql: `SELECT a.state, COUNT(*) AS flights FROM flights f JOIN airports a ON a.iata = f.origin GROUP BY a.state ORDER BY flights DESC, a.state LIMIT 5`,
  },
  {
    id: 'delay-by-state',
    title: ['States with the worst average delay', '평균 지연이 가장 큰 주'],
    phrasings: [
      'Which states have the worst delays?',
      'Top five states by average delay',
      '지연이 가장 심한 주는 어디야?',
      '평균 지연 기준 상위 다섯 개 주는?',
    ],
    sql: `SELECT a.state, ROUND(AVG(f.delay), 2) AS minutes FROM flights f JOIN airports a ON a.iata = f.origin GROUP BY a.state ORDER BY AVG(f.delay) DESC, a.state LIMIT 5`,
  },
  {
    id: 'departures-in-new-york-city',
    title: ['Departures of the New York airports', '뉴욕 공항별 출발편 수'],
    phrasings: [
      'Compare departures of the New York airports',
      'How many flights leave JFK and LaGuardia?',
      '뉴욕 공항들의 출발편 수를 비교해줘',
      'JFK와 라과디아에서 각각 몇 편이 떠나?',
    ],
    sql: `SELECT a.name, (SELECT COUNT(*) FROM flights f WHERE f.origin = a.iata) AS flights FROM airports a WHERE a.city = 'New York' AND a.iata IN ('JFK', 'LGA') ORDER BY a.iata`,
  },
  {
    id: 'departures-in-washington',
    title: ['Departures of the Washington airports', '워싱턴 공항별 출발편 수'],
    phrasings: [
      'Compare departures of the Washington airports',
      'How many flights leave Dulles and Reagan National?',
      '워싱턴 공항들의 출발편 수를 비교해줘',
      '덜레스와 레이건 공항에서 각각 몇 편이 떠나?',
    ],
    sql: `SELECT a.name, (SELECT COUNT(*) FROM flights f WHERE f.origin = a.iata) AS flights FROM airports a WHERE a.iata = 'IAD' OR a.iata = 'DCA' ORDER BY a.iata`,
  },
  {
    id: 'airports-in-alaska',
    title: ['Airports listed in Alaska', '알래스카의 공항 수'],
    phrasings: [
      'How many airports are in Alaska?',
      'Count the airports of Alaska',
      '알래스카에는 공항이 몇 개야?',
      '알래스카 공항 수를 알려줘',
    ],
    sql: `SELECT COUNT(*) AS airports FROM (SELECT * FROM airports WHERE UPPER(state) = 'AK') AS a`,
  },
  {
    id: 'airports-by-state',
    title: ['States with the most airports', '공항이 가장 많은 주'],
    phrasings: [
      'Which states have the most airports?',
      'Top five states by number of airports',
      '공항이 가장 많은 주는 어디야?',
      '공항 수 기준 상위 다섯 개 주는?',
    ],
    sql: `SELECT state, COUNT(*) AS airports FROM airports GROUP BY state ORDER BY airports DESC, state LIMIT 5`,
  },
  {
    id: 'northernmost-airports',
    title: ['Northernmost airports', '가장 북쪽에 있는 공항'],
    phrasings: [
      'Which airports lie furthest north?',
      'Show the three northernmost airports',
      '가장 북쪽에 있는 공항은 어디야?',
      '최북단 공항 세 곳을 보여줘',
    ],
    sql: `SELECT * FROM airports ORDER BY latitude DESC, iata LIMIT 3`,
  },
  {
    id: 'southernmost-airports',
    title: ['Southernmost airports', '가장 남쪽에 있는 공항'],
    phrasings: [
      'Which airports lie furthest south?',
      'Show the three southernmost airports',
      '가장 남쪽에 있는 공항은 어디야?',
      '최남단 공항 세 곳을 보여줘',
    ],
    sql: `SELECT * FROM airports ORDER BY latitude, iata LIMIT 3`,
  },
  {
    id: 'airports-in-use',
    title: ['Airports with departures', '출발편이 있는 공항 수'],
    phrasings: [
      'How many airports have any departures?',
      'Count the airports in use',
      '출발편이 하나라도 있는 공항은 몇 곳이야?',
      '실제로 쓰이는 공항은 몇 개야?',
    ],
    sql: `SELECT COUNT(*) AS airports FROM airports a WHERE a.iata IN (SELECT origin FROM flights)`,
  },
];
