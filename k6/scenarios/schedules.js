// How fast is a visitor shown what it can book?
//
// Visitors who are in read the concert's schedules. `ETAG=1` sends back the ETag of the answer before, as a browser does; without
// it each answer is a whole one. Statuses are apart: `http_reqs{name:schedules,status:304}`.
import { schedules } from '../lib/calls.js';
import { prepare } from '../lib/data.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

const set = settings('schedules');

export const options = describe(set, {
    name: 'schedules',
    question: 'How fast is a visitor shown what it can book?',
    load: load(set, { name: 'schedules', busy: 0.6 }),
    room: OPEN_ROOM,
    seats: [50, 1000, 15000],
    calls: ['schedules'],
    proves: ['onsale_bodies'],
});

export function setup() {
    return prepare(set, { pool: set.POOL });
}

export default function (run) {
    schedules(set, run);
}
