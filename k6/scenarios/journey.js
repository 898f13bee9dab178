// How does the whole of it do, mixed as visitors mix it?
//
// Visitors arrive at RATE and go through a visit: a place in line, polls as they are told and one when they are in, schedules,
// seats, a hold; then of ten seven buy, one gives the seats back, one vanishes, and one buys and takes it back. Between the steps
// they think, THINK on average. So each call has its natural share, and a slow step holds up nobody but its visitor. `onsale_wait`
// is how long it took to be let in, `onsale_shown_free_refused` how often somebody was quicker.
import { prepare, visitor } from '../lib/data.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { load } from '../lib/shapes.js';
import { JOURNEY_CALLS, JOURNEY_PROVES, Visitor, visitSeconds } from '../lib/visitor.js';

export { handleSummary } from '../lib/summary.js';

const set = settings('journey');

export const options = describe(set, {
    name: 'journey',
    question: 'How does the whole of it do, mixed as visitors mix it?',
    load: load(set, { name: 'journey', busy: visitSeconds(set) }),
    room: OPEN_ROOM,
    seats: new Array(set.SCHEDULE_COUNT).fill(set.SEATS),
    calls: JOURNEY_CALLS,
    watched: ['release', 'cancel', 'leave'],
    proves: [...JOURNEY_PROVES, 'onsale_released', 'onsale_cancelled'],
});

export function setup() {
    return prepare(set);
}

export default function (run) {
    new Visitor(set, run, visitor(set, run)).visit();
}
