import type { Intent } from './question-set.ts';

/** How much was flown, and when. */
export const dateQuestions: readonly Intent[] = [
  {
    id: 'flights-total',
    title: ['Flights in the data', '전체 항공편 수'],
    phrasings: [
      'How many flights are there in total?',
      'Total number of flights, please',
      '전체 항공편이 몇 편이야?',
      '총 비행 수를 알려줘',
    ],
    sql: `SELECT COUNT(*) AS flights FROM (SELECT * FROM flights) AS f`,
  },
  {
    id: 'flights-in-february',
    title: ['Flights in February 2001', '2001년 2월 항공편 수'],
    phrasings: [
      'How many flights were there in February?',
      'Count the flights of February 2001',
      '2월에 항공편이 몇 편이었어?',
      '2001년 2월 항공편 수는?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE EXTRACT(MONTH FROM date) = 2`,
  },
  {
    id: 'flights-in-march',
    title: ['Flights in March 2001', '2001년 3월 항공편 수'],
    phrasings: [
      'How many flights were there in March?',
      'Count the flights of March 2001',
      '3월에 항공편이 몇 편이었어?',
      '2001년 3월 항공편 수는?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE EXTRACT(MONTH FROM date) = 3`,
  },
  {
    id: 'flights-by-month',
    title: ['Flights by month', '월별 항공편 수'],
    phrasings: [
      'Show the number of flights per month',
      'How do flights split by month?',
      '월별 항공편 수를 보여줘',
      '매달 몇 편씩 운항했어?',
    ],
    sql: `SELECT to_char(date, 'YYYY-MM') AS month, COUNT(*) AS flights FROM flights GROUP BY to_char(date, 'YYYY-MM') ORDER BY month`,
  },
  {
    id: 'flights-on-february-3',
    title: ['Flights on 3 February 2001', '2001년 2월 3일 항공편 수'],
    phrasings: [
      'How many flights on February 3rd?',
      'Flights on 2001-02-03, how many?',
      '2월 3일에는 몇 편이 떴어?',
      '2001년 2월 3일 항공편 수 알려줘',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE date::date = '2001-02-03'`,
  },
  {
    id: 'flights-on-new-year',
    title: ['Flights on 1 January 2001', '2001년 1월 1일 항공편 수'],
    phrasings: [
      "How many flights on New Year's Day?",
      'Number of flights on January 1st',
      '새해 첫날 항공편은 몇 편이야?',
      '1월 1일에 몇 편이 운항했어?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE date::date = '2001-01-01'`,
  },
  {
    id: 'busiest-day',
    title: ['Busiest day', '가장 바쁜 날'],
    phrasings: [
      'Which day had the most flights?',
      'What was the busiest day?',
      '항공편이 가장 많았던 날은 언제야?',
      '제일 바쁜 날이 언제였어?',
    ],
    sql: `SELECT date::date::text AS day, COUNT(*) AS flights FROM flights GROUP BY date::date ORDER BY flights DESC, day LIMIT 1`,
  },
  {
    id: 'quietest-day',
    title: ['Quietest day', '가장 한산한 날'],
    phrasings: [
      'Which day had the fewest flights?',
      'What was the quietest day?',
      '항공편이 가장 적었던 날은 언제야?',
      '제일 한산한 날이 언제였어?',
    ],
    sql: `SELECT date::date::text AS day, COUNT(*) AS flights FROM flights GROUP BY date::date ORDER BY flights, day LIMIT 1`,
  },
  {
    id: 'flights-on-mondays',
    title: ['Flights on Mondays', '월요일 항공편 수'],
    phrasings: [
      'How many flights leave on Mondays?',
      'Count Monday flights',
      '월요일에 출발하는 항공편은 몇 편이야?',
      '월요일 비행 횟수 알려줘',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE EXTRACT(DOW FROM date) = 1`,
  },
  {
    id: 'flights-at-weekends',
    title: ['Flights at weekends', '주말 항공편 수'],
    phrasings: [
      'How many flights were at weekends?',
      'Count Saturday and Sunday flights',
      '주말 항공편은 몇 편이야?',
      '토요일과 일요일에 몇 편이 떴어?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE EXTRACT(DOW FROM date) = 0 OR EXTRACT(DOW FROM date) = 6`,
  },
  {
    id: 'flights-by-weekday',
    title: ['Flights by day of the week (0 = Sunday)', '요일별 항공편 수 (0 = 일요일)'],
    phrasings: [
      'Show flights by day of the week',
      'How many flights per weekday?',
      '요일별 항공편 수를 알려줘',
      '요일마다 몇 편씩 운항해?',
    ],
    sql: `SELECT EXTRACT(DOW FROM date) AS weekday, COUNT(*) AS flights FROM flights GROUP BY EXTRACT(DOW FROM date) ORDER BY weekday`,
  },
  {
    id: 'flights-before-six',
    title: ['Flights before six in the morning', '오전 6시 이전 항공편 수'],
    phrasings: [
      'How many flights leave before 6 am?',
      'Count the early flights before six',
      '오전 6시 전에 출발한 항공편은 몇 편이야?',
      '새벽 6시 이전 비행 수는?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE EXTRACT(HOUR FROM date) < 6`,
  },
  {
    id: 'flights-after-ten',
    title: ['Flights after ten in the evening', '오후 10시 이후 항공편 수'],
    phrasings: [
      'How many flights leave after 10 pm?',
      'Count the late flights after ten',
      '밤 10시 이후에 출발한 항공편은 몇 편이야?',
      '오후 10시 넘어서 뜬 비행 수는?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE EXTRACT(HOUR FROM date) >= 22`,
  },
  {
    id: 'busiest-hour',
    title: ['Busiest hour of the day', '하루 중 가장 바쁜 시간'],
    phrasings: [
      'What is the busiest hour of the day?',
      'At which hour do most flights leave?',
      '하루 중 가장 바쁜 시간은 몇 시야?',
      '몇 시에 항공편이 제일 많아?',
    ],
    sql: `SELECT EXTRACT(HOUR FROM date) AS hour, COUNT(*) AS flights FROM flights GROUP BY EXTRACT(HOUR FROM date) ORDER BY flights DESC, hour LIMIT 1`,
  },
  {
    id: 'first-flights',
    title: ['First flights in the data', '가장 이른 항공편'],
    phrasings: [
      'Show the first five flights',
      'Which five flights come earliest?',
      '가장 이른 항공편 다섯 개를 보여줘',
      '맨 처음 항공편 5개는 뭐야?',
    ],
    sql: `SELECT * FROM flights ORDER BY date, id LIMIT 5`,
  },
  {
    id: 'last-flights',
    title: ['Last flights in the data', '가장 늦은 항공편'],
    phrasings: [
      'Show the last five flights',
      'Which five flights come latest?',
      '가장 마지막 항공편 다섯 개를 보여줘',
      '맨 나중 항공편 5개는 뭐야?',
    ],
    sql: `SELECT * FROM flights ORDER BY date DESC, id DESC LIMIT 5`,
  },
];
