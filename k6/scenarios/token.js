// How fast can visitors take a place in line, and is each place its visitor's alone?
//
// Every iteration is a new user who joins; one in twenty joins again, as a second tab or a retry does, and has to get the
// same number. Read `http_req_duration{name:token}` beside what was offered and dropped, and `onsale_broken{invariant:I1}`.
import { placed } from '../lib/checks.js';
import { prepare, visitor } from '../lib/data.js';
import { joined } from '../lib/metrics.js';
import { Stream } from '../lib/random.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

const AGAIN = 0.05;
const set = settings('token');

export const options = describe(set, {
    name: 'token',
    question: 'How fast can visitors take a place in line, and is each place its visitor\'s alone?',
    load: load(set, { name: 'token', busy: 0.5 }),
    room: OPEN_ROOM,
    seats: [50],
    calls: ['token'],
    proves: ['onsale_joined'],
});

export function setup() {
    return prepare(set);
}

export default function (run) {
    const client = visitor(set, run);
    if (!join(client, run)) {
        return;
    }
    joined.add(1);
    if (new Stream('again', client.n).chance(AGAIN)) {
        join(client, run);
    }
}

function join(client, run) {
    const answer = client.join(run.concertId);
    if (answer.ok) {
        placed(client, answer);
        client.token = answer.body.token;
    }
    return answer.ok;
}
