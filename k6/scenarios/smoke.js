// Does every call work at all?
//
// A few visitors go through all of the API once, a purchase, a release and a cancellation included, and look at each answer.
// Nothing is measured: run it before anything that is. Where it fails nothing else is worth running.
import { check, sleep } from 'k6';

import * as checks from '../lib/checks.js';
import { prepare, scheduleWith, visitor } from '../lib/data.js';
import { admitted, cancelled, held, joined, released, sold } from '../lib/metrics.js';
import { Stream } from '../lib/random.js';
import { OPEN_ROOM, describe } from '../lib/scenario.js';
import { settings } from '../lib/settings.js';
import { once } from '../lib/shapes.js';
import { choose } from '../lib/visitor.js';

export { handleSummary } from '../lib/summary.js';

const VISITORS = 6;
const set = settings('smoke');

export const options = describe(set, {
    name: 'smoke',
    question: 'Does every call work at all?',
    load: { scenarios: { smoke: once({ vus: 2, count: VISITORS, most: 30 }) }, offered: [] },
    room: OPEN_ROOM,
    seats: [50, 1000],
    watched: ['token', 'status', 'leave', 'room', 'concerts', 'schedules', 'seats', 'seats_after', 'layout', 'hold', 'checkout', 'confirm', 'release', 'sale', 'cancel'],
    proves: ['onsale_joined', 'onsale_admitted', 'onsale_held', 'onsale_sold', 'onsale_released', 'onsale_cancelled'],
    more: { onsale_errors: ['rate==0'] },
});

export function setup() {
    return prepare(set);
}

export default function (run) {
    const client = visitor(set, run);
    enters(client, run);
    const schedule = scheduleWith(run, client.n % 2 === 0 ? 50 : 1000);
    const states = looks(client, run, schedule);
    const first = holds(client, run, schedule, states, 'first');
    if (first) {
        buysAndTakesBack(client, first, client.n % 3 === 0);
    }
    const second = holds(client, run, schedule, states, 'second');
    if (second) {
        checks.becomes('RELEASED', good(client.release(second.holdId)));
        released.add(1);
    }
    good(client.leave());
}

// Whatever is asked here has to succeed.
function good(answer) {
    check(answer, { 'is answered': ({ ok }) => ok });
    return answer;
}

function enters(client, run) {
    const place = good(client.join(run.concertId));
    checks.placed(client, place);
    joined.add(1);
    client.token = place.body.token;
    const again = good(client.join(run.concertId));
    checks.placed(client, again);
    let status = good(client.status());
    for (let poll = 0; poll < 10 && status.body.status === 'WAITING'; poll += 1) {
        sleep(status.body.pollAfterMs / 1000);
        status = good(client.status());
    }
    checks.standing(client, status);
    if (status.body.status === 'ACTIVE') {
        admitted.add(1);
    }
    checks.roomShown(client, good(client.room(set.ROOM_ID)));
}

function looks(client, run, schedule) {
    good(client.concerts());
    checks.scheduled(run, good(client.schedules(run.concertId)));
    const list = good(client.seats(run.concertId, schedule.scheduleId));
    checks.seatsShown(schedule, list);
    const etag = list.header('Etag');
    checks.seatsShown(schedule, good(client.seats(run.concertId, schedule.scheduleId, { etag })), { etag });
    const states = good(client.seats(run.concertId, schedule.scheduleId, { view: 'states' }));
    checks.seatsShown(schedule, states);
    const layout = good(client.layout(states.body.layoutId));
    check(layout, { 'the chart has each seat': ({ body }) => body.totalSeats === schedule.seats });
    return states.body.states;
}

// Six at once choose: whoever loses a seat to another is refused by design.
function holds(client, run, schedule, states, name) {
    const wanted = choose(states, new Stream(name, client.n)) || { bestAvailable: { count: 1 } };
    let answer = client.hold(run.concertId, schedule.scheduleId, wanted, `${client.user}-${name}`);
    let asked = wanted;
    if (answer.refused) {
        asked = { bestAvailable: { count: 1 } };
        answer = client.hold(run.concertId, schedule.scheduleId, asked, `${client.user}-${name}-best`);
    }
    if (!answer.ok) {
        return null;
    }
    checks.holding(schedule, asked, answer);
    held.add(1);
    const after = good(client.seats(run.concertId, schedule.scheduleId, { view: 'states', atLeast: answer.body.version }));
    checks.ownShown(after, checks.seatsOf(answer.body));
    return answer.body;
}

function buysAndTakesBack(client, hold, takesBack) {
    checks.paying(hold, good(client.checkout(hold.holdId)));
    const order = `order-${client.user}`;
    const sale = good(client.confirm(hold.holdId, order));
    checks.selling(hold, sale);
    checks.selling(hold, good(client.confirm(hold.holdId, order)), sale.body);
    sold.add(1);
    checks.becomes('SOLD', good(client.sale(sale.body.saleId)));
    if (takesBack) {
        checks.becomes('CANCELLED', good(client.cancel(sale.body.saleId)));
        cancelled.add(1);
    }
}
