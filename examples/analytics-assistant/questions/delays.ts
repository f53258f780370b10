import type { Intent } from './question-set.ts';

/** How late, and how often. A delay below zero is an early arrival. */
export const delayQuestions: readonly Intent[] = [
  {
    id: 'average-delay',
    title: ['Average delay in minutes', '평균 지연 시간(분)'],
    phrasings: [
      'What is the average delay?',
      'How late are flights on average?',
      '평균 지연 시간이 얼마야?',
      '항공편은 평균 몇 분 늦어?',
    ],
    sql: `SELECT ROUND(AVG(delay), 2) AS minutes FROM flights`,
  },
  {
    id: 'longest-delays',
    title: ['Longest delays', '가장 긴 지연'],
    phrasings: [
      'Show the ten longest delays',
      'Which ten flights were the latest?',
      '지연이 가장 긴 항공편 10개를 보여줘',
      '제일 많이 늦은 비행 열 개는?',
    ],
    sql: `SELECT * FROM flights ORDER BY delay DESC, id LIMIT 10`,
  },
  {
    id: 'earliest-arrivals',
    title: ['Earliest arrivals', '가장 일찍 도착한 항공편'],
    phrasings: [
      'Show the ten earliest arrivals',
      'Which ten flights were furthest ahead of time?',
      '가장 일찍 도착한 항공편 10개를 보여줘',
      '예정보다 제일 빨랐던 비행 열 개는?',
    ],
    sql: `SELECT * FROM flights ORDER BY delay, id LIMIT 10`,
  },
  {
    id: 'delayed-over-an-hour',
    title: ['Flights more than an hour late', '한 시간 넘게 지연된 항공편'],
    phrasings: [
      'How many flights were over an hour late?',
      'Count delays above 60 minutes',
      '한 시간 넘게 지연된 항공편은 몇 편이야?',
      '60분 이상 늦은 비행 수를 알려줘',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE delay * 1.0 / 60 > 1`,
  },
  {
    id: 'delayed-over-three-hours',
    title: ['Flights more than three hours late', '세 시간 넘게 지연된 항공편'],
    phrasings: [
      'How many flights were over three hours late?',
      'Count delays above 180 minutes',
      '세 시간 넘게 지연된 항공편은 몇 편이야?',
      '180분 이상 늦은 비행 수를 알려줘',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE delay * 1.0 / 60 > 3`,
  },
  {
    id: 'exactly-on-time',
    title: ['Flights exactly on time', '정시 운항 항공편'],
    phrasings: [
      'How many flights were exactly on time?',
      'Count flights with no delay at all',
      '정확히 정시에 운항한 항공편은 몇 편이야?',
      '지연이 0분인 비행은 몇 번이야?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE delay::text = '0'`,
  },
  {
    id: 'delay-of-42',
    title: ['Flights 42 minutes late', '42분 지연된 항공편'],
    phrasings: [
      'How many flights were exactly 42 minutes late?',
      'Count flights with a delay of 42',
      '정확히 42분 늦은 항공편은 몇 편이야?',
      '지연이 42분인 비행 수는?',
    ],
    sql: `SELECT COUNT(*) AS flights FROM flights WHERE delay::text = '42'`,
  },
  {
    id: 'share-early',
    title: ['Share of early flights in per cent', '일찍 도착한 항공편 비율(%)'],
    phrasings: [
      'What share of flights arrives early?',
      'How many per cent are ahead of schedule?',
      '일찍 도착하는 항공편 비율은?',
      '예정보다 빠른 비행은 몇 퍼센트야?',
    ],
    sql: `SELECT ROUND(100.0 * SUM(CASE WHEN delay < 0 THEN 1 ELSE 0 END) / COUNT(*), 2) AS percent FROM flights`,
  },
  {
    id: 'average-delay-february',
    title: ['Average delay in February', '2월 평균 지연 시간(분)'],
    phrasings: [
      'What was the average delay in February?',
      'How late were flights in February on average?',
      '2월 평균 지연은 몇 분이야?',
      '2월에는 평균 얼마나 늦었어?',
    ],
    sql: `SELECT ROUND(AVG(delay), 2) AS minutes FROM flights WHERE to_char(date, 'YYYY-MM') = '2001-02'`,
  },
  {
    id: 'average-delay-march',
    title: ['Average delay in March', '3월 평균 지연 시간(분)'],
    phrasings: [
      'What was the average delay in March?',
      'How late were flights in March on average?',
      '3월 평균 지연은 몇 분이야?',
      '3월에는 평균 얼마나 늦었어?',
    ],
    sql: `SELECT ROUND(AVG(delay), 2) AS minutes FROM flights WHERE to_char(date, 'YYYY-MM') = '2001-03'`,
  },
  {
    id: 'delay-by-month',
    title: ['Average delay by month', '월별 평균 지연'],
    phrasings: [
      'Show the average delay per month',
      'How does the delay change by month?',
      '월별 평균 지연을 보여줘',
      '달마다 지연이 어떻게 달라?',
    ],
    sql: `SELECT EXTRACT(MONTH FROM date) AS month, ROUND(AVG(delay), 2) AS minutes FROM flights GROUP BY EXTRACT(MONTH FROM date) ORDER BY month`,
  },
  {
    id: 'worst-day',
    title: ['Day with the worst average delay', '평균 지연이 가장 큰 날'],
    phrasings: [
      'Which day had the worst delays?',
      'On which day were flights latest on average?',
      '평균 지연이 가장 컸던 날은 언제야?',
      '제일 많이 지연된 날이 언제였어?',
    ],
    sql: `SELECT date::date::text AS day, ROUND(AVG(delay), 2) AS minutes FROM flights GROUP BY date::date ORDER BY AVG(delay) DESC, day LIMIT 1`,
  },
  {
    id: 'worst-hour',
    title: ['Hour with the worst average delay', '평균 지연이 가장 큰 시간'],
    phrasings: [
      'At which hour are delays worst?',
      'What hour of the day is latest on average?',
      '몇 시 항공편이 제일 많이 늦어?',
      '평균 지연이 가장 큰 시간대는?',
    ],
    sql: `SELECT EXTRACT(HOUR FROM date) AS hour, ROUND(AVG(delay), 2) AS minutes FROM flights GROUP BY EXTRACT(HOUR FROM date) ORDER BY AVG(delay) DESC, hour LIMIT 1`,
  },
  {
    id: 'delay-from-chicago',
    title: ["Average delay from O'Hare (ORD)", '오헤어(ORD) 출발 평균 지연'],
    phrasings: [
      "What is the average delay from Chicago O'Hare?",
      'How late are flights leaving ORD?',
      '시카고 오헤어 출발편의 평균 지연은?',
      'ORD에서 출발하면 평균 몇 분 늦어?',
    ],
    sql: `SELECT ROUND(AVG(delay), 2) AS minutes FROM flights WHERE LOWER(origin) = 'ord'`,
  },
  {
    id: 'delay-into-chicago',
    title: ["Average delay into O'Hare (ORD)", '오헤어(ORD) 도착 평균 지연'],
    phrasings: [
      "What is the average delay into Chicago O'Hare?",
      'How late are flights arriving at ORD?',
      '시카고 오헤어 도착편의 평균 지연은?',
      'ORD에 도착하는 비행은 평균 몇 분 늦어?',
    ],
    sql: `SELECT ROUND(AVG(delay), 2) AS minutes FROM flights WHERE LOWER(destination) = 'ord'`,
  },
  {
    id: 'airports-by-delay',
    title: ['Busy airports with the worst average delay', '평균 지연이 가장 큰 주요 공항'],
    phrasings: [
      'Which busy airports have the worst delays?',
      'Rank large airports by average delay',
      '주요 공항 중 지연이 가장 심한 곳은 어디야?',
      '큰 공항을 평균 지연 순으로 알려줘',
    ],
    sql: `SELECT origin, ROUND(AVG(delay), 2) AS minutes FROM flights GROUP BY origin HAVING COUNT(*) > 1000 ORDER BY AVG(delay) DESC, origin LIMIT 5`,
  },
];
