// How fast are seats shown, and are they what they are while they are being sold?
//
// Visitors who are in read a schedule with SEATS seats, as VIEW says, with the ETag of the answer before (ETAG=1) or without.
// Meanwhile others hold, sell and give back seats of the same schedule (SELLING=0 for a house that stands still, where nearly
// every answer with an ETag is 304). No answer may be older than 250 ms: `onsale_seats_age` is what they said. What one read costs
// depends on the status: read `http_req_duration{name:seats,status:200}` and `…304}` apart, and how many there were of each.
// Of lists above 100 seats only LOOK_RATIO is looked at seat by seat, since that takes the generator longer than the server; `VIEW=states` is always.
import { seats, sell } from '../lib/calls.js';
import { prepare } from '../lib/data.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { beside, load } from '../lib/shapes.js';

export { handleSummary } from '../lib/summary.js';

const set = settings('seats');
const reading = load(set, { name: 'seats', busy: 0.6 });
if (set.SELLING) {
    reading.scenarios.selling = beside(reading, { exec: 'selling', rate: set.SELLING_RATE, busy: 1 });
}

export const options = describe(set, {
    name: 'seats',
    question: 'How fast are seats shown, and are they what they are while they are being sold?',
    load: reading,
    room: OPEN_ROOM,
    seats: [set.SEATS],
    calls: ['seats'],
    watched: set.SELLING ? ['hold', 'checkout', 'confirm', 'release', 'cancel'] : [],
    proves: set.SELLING ? ['onsale_bodies', 'onsale_sold', 'onsale_released'] : ['onsale_bodies'],
});

export function setup() {
    return prepare(set, { pool: set.POOL });
}

export default function (run) {
    seats(set, run);
}

export function selling(run) {
    sell(set, run, 0.5);
}
