// How does Onsale do in the load test that the original service was given?
//
// The original's one script, as it is: a closed loop of 600, 500, 400, 300 and 200 virtual users over 1, 2, 2, 2 and 3 seconds, half a
// second of thinking, always the same user, p95 below 200 ms, fewer than 1 % failed. It is here to compare, and not to measure:
// half a second of thinking makes about 750 requests a second the most that it can ask for, whatever answers it; whoever is
// slow is asked less; and one user who joins again and again is the cheapest join there is. token.js measures.
import { sleep } from 'k6';

import { Client } from '../lib/api.js';
import { placed } from '../lib/checks.js';
import { tellItBegins } from '../lib/data.js';
import { joined } from '../lib/metrics.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';

export { handleSummary } from '../lib/summary.js';

const THINK = 0.5;
const USER = 1;
const set = settings('original');

export const options = describe(set, {
    name: 'original',
    question: 'How does Onsale do in the load test that the original service was given?',
    load: {
        scenarios: {
            original: {
                executor: 'ramping-vus',
                stages: [
                    { duration: '1s', target: 600 },
                    { duration: '2s', target: 500 },
                    { duration: '2s', target: 400 },
                    { duration: '2s', target: 300 },
                    { duration: '3s', target: 200 },
                ],
                env: { PHASE: 'steady' },
                tags: { phase: 'steady' },
            },
        },
        offered: [],
        phases: [{ name: 'original', at: 0 }, { name: 'end', at: 10 }],
    },
    room: { ...OPEN_ROOM, id: 'site' },
    watched: ['token'],
    proves: ['onsale_joined'],
    more: { 'http_req_duration{name:token}': ['p(95)<200'], 'http_req_failed': ['rate<0.01'] },
});

export function setup() {
    tellItBegins();
}

export default function () {
    const client = new Client(set, USER, 0);
    const answer = client.join();
    if (answer.ok) {
        placed(client, answer);
        joined.add(1);
    }
    sleep(THINK);
}
