// How fast can visitors take a place in line, and is each place its visitor's alone?
//
// Every iteration is a new user who joins; one in twenty joins again, as a second tab or a retry does, and has to get the
// same number. Read `http_req_duration{name:token}` beside what was offered and dropped, and `onsale_broken{invariant:I1}`.
import { token } from '../lib/calls.js';
import { prepare } from '../lib/data.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

// As on a night: the first are let in, and everybody else stands in line.
const HOUSE = 1000;
const set = settings('token');

export const options = describe(set, {
    name: 'token',
    question: 'How fast can visitors take a place in line, and is each place its visitor\'s alone?',
    load: load(set, { name: 'token', busy: 0.6 }),
    room: { ...OPEN_ROOM, capacity: HOUSE, ratePerSecond: HOUSE, burst: HOUSE },
    seats: [50],
    calls: ['token'],
    proves: ['onsale_joined'],
});

export function setup() {
    return prepare(set);
}

export default function (run) {
    token(set, run);
}
