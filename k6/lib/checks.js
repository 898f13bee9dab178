// What the bodies say, and whether it holds together. Each function says which of the system's invariants (I1 to I7 of the
// README's table) it looks at. What contradicts one is counted as `onsale_broken`; that and anything else that a body of
// a success should not say fails `checks`.
import { check } from 'k6';

import { bodies, broken, seatsAge } from './metrics.js';

const MOST_AGE_MS = 250;
const MOST_COMPLAINTS = 5;
let complaints = 0;

// Collects what is wrong with one body.
class Look {
    constructor(name) {
        this.name = name;
        this.wrong = [];
    }

    // Without an invariant: the answer is not what the reference promises.
    require(holds, what, invariant = '') {
        if (!holds) {
            this.wrong.push(what);
            if (invariant) {
                broken.add(1, { invariant });
            }
        }
        return holds;
    }

    done() {
        bodies.add(1);
        const fine = check(this.wrong, { [`${this.name} says what it should`]: (wrong) => wrong.length === 0 });
        if (!fine) {
            complaints += 1;
            if (complaints <= MOST_COMPLAINTS) {
                console.error(`${this.name}: ${this.wrong.slice(0, 5).join('; ')}`);
            }
        }
        return fine;
    }
}

// A time that is missing is NaN, which is before nothing and after nothing.
const instant = (text) => Date.parse(text);

// A place in line. I1: joining again is the same number. I2 and I4 as for `standing`.
export function placed(client, answer) {
    const look = new Look('token');
    const { token, number } = answer.body;
    look.require(typeof token === 'string' && token.split('.').length === 3, 'no token');
    look.require(client.number === undefined || number === client.number, `number ${client.number} became ${number}`, 'I1');
    client.number = number;
    stands(look, client, answer);
    return look.done();
}

// Where a visitor stands. I2: nobody's position rises, since `serving` never falls. I4: while it is ACTIVE it is in one session.
export function standing(client, answer) {
    const look = new Look('status');
    stands(look, client, answer);
    return look.done();
}

function stands(look, client, answer) {
    const place = answer.body;
    look.require(['WAITING', 'ACTIVE', 'EXPIRED', 'CLOSED'].includes(place.status), `stands ${place.status}`);
    look.require(place.roomId > 0 && place.ageMs >= 0, `room ${place.roomId}, ${place.ageMs} ms old`);
    if (place.status === 'WAITING') {
        waits(look, client, place);
    } else if (place.status === 'ACTIVE' && place.mode !== 'off') {
        isIn(look, client, place, answer);
    }
}

function waits(look, client, place) {
    const remaining = place.remainingQueueCount;
    look.require(Number.isInteger(remaining) && remaining >= 0, `remaining is ${remaining}`);
    look.require(place.pollAfterMs > 0, 'is not told when to ask again');
    const before = client.remaining;
    look.require(before === undefined || remaining <= before, `remaining rose from ${before} to ${remaining}`, 'I2');
    look.require(client.sessionId === undefined, `waits, and was in session ${client.sessionId}`, 'I4');
    client.remaining = remaining;
}

function isIn(look, client, place, answer) {
    const { sessionId, expiresAt } = place;
    look.require(typeof sessionId === 'string' && sessionId !== '', 'has no session');
    // The header has whole seconds.
    look.require(instant(expiresAt) >= instant(answer.header('Date')), `its session ended at ${expiresAt}`);
    const before = client.sessionId;
    look.require(before === undefined || sessionId === before, `session ${before} became ${sessionId}`, 'I4');
    client.sessionId = sessionId;
}

// A room, as everybody sees it. I2: what is called was issued, and `serving` never falls.
export function roomShown(client, answer) {
    const look = new Look('room');
    const { serving, lastNumber } = answer.body;
    look.require(serving <= lastNumber, `serves ${serving} of ${lastNumber}`, 'I2');
    look.require(!(serving < client.serving), `serving fell from ${client.serving} to ${serving}`, 'I2');
    client.serving = serving;
    return look.done();
}

// The schedules are the concert's, and have seats left, as is promised of what is listed.
export function scheduled(run, answer, etag = '') {
    const look = new Look('schedules');
    if (answer.status === 304) {
        isWhatItHas(look, answer, etag);
        return look.done();
    }
    const { concertId, schedules } = answer.body;
    look.require(concertId === run.concertId, `of concert ${concertId}`);
    if (look.require(Array.isArray(schedules), 'no schedules')) {
        for (const schedule of schedules) {
            const known = run.schedules.find((one) => one.scheduleId === schedule.scheduleId);
            look.require(!run.isTold || known, `schedule ${schedule.scheduleId} is not of the concert`);
            look.require(!known || known.seats === schedule.totalSeats, `schedule with ${schedule.totalSeats} seats`);
            const left = schedule.availableSeats;
            look.require(left > 0 && left <= schedule.totalSeats, `${left} of ${schedule.totalSeats} seats left`);
        }
    }
    return look.done();
}

function isWhatItHas(look, answer, etag) {
    const told = answer.header('Etag');
    look.require(etag !== '' && told === etag, `304 with ${told} to who has ${etag}`, 'I7');
}

// Seats as shown. I7: not older than 250 ms, or refused; 304 only to who has just that version. I5: each seat once.
// With `whole` false only the head of a list is read: a list of a large hall costs the generator more than the server.
export function seatsShown(schedule, answer, { etag = '', whole = true } = {}) {
    const look = new Look('seats');
    if (answer.status === 304) {
        isWhatItHas(look, answer, etag);
        return look.done();
    }
    look.require(etag === '' || answer.header('Etag') !== etag, `200 with ${etag} to who has it`);
    const shown = whole ? answer.body : head(answer.response.body);
    look.require(shown.totalSeats === schedule.seats, `${shown.totalSeats} seats`);
    look.require(shown.scheduleId === schedule.scheduleId, `of schedule ${shown.scheduleId}`);
    look.require(typeof shown.version === 'string' && shown.version !== '', 'no version');
    look.require(shown.ageMs <= MOST_AGE_MS, `${shown.ageMs} ms old`, 'I7');
    seatsAge.add(shown.ageMs);
    if (whole) {
        (shown.states === undefined ? listed : charted)(look, shown);
    }
    return look.done();
}

// The members before the list, which is the last.
function head(text) {
    try {
        return JSON.parse(`${text.slice(0, text.indexOf(',"seats":'))}}`);
    } catch {
        return {};
    }
}

function listed(look, shown) {
    if (!look.require(Array.isArray(shown.seats), 'no seats')) {
        return;
    }
    let before = 0;
    for (const seat of shown.seats) {
        look.require(seat.status === 'AVAILABLE', `seat ${seat.seatId} is ${seat.status}`);
        look.require(seat.seatPrice > 0, `seat ${seat.seatId} costs ${seat.seatPrice}`);
        look.require(seat.seatId > before, `seat ${seat.seatId} after ${before}`, 'I5');
        before = seat.seatId;
    }
    look.require(before <= shown.totalSeats, `seat ${before} of ${shown.totalSeats}`);
}

function charted(look, shown) {
    look.require(shown.states.length === shown.totalSeats, `${shown.states.length} states`);
    look.require(/^[AHSB]*$/.test(shown.states), 'states that there are none of');
    const free = shown.states.split('A').length - 1;
    look.require(shown.availableSeats === free, `${shown.availableSeats} free, and ${free} shown so`);
}

// The seats after a write, read with the version that the write told. I7: who holds a seat is not shown it as free.
export function ownShown(answer, mine) {
    const look = new Look('seats after a hold');
    const free = mine.filter((seat) => answer.body.states[seat - 1] === 'A');
    look.require(free.length === 0, `seats ${free} are held, and shown free to who holds them`, 'I7');
    return look.done();
}

export const seatsOf = (body) => (body.seats || []).map((seat) => seat.seatId);

const same = (one, other) => one.length === other.length && one.every((seat) => other.includes(seat));

// A hold. I5: just the seats that were asked for. I6: its end is to come, by the clock that decides.
export function holding(schedule, wanted, answer) {
    const look = new Look('hold');
    const hold = answer.body;
    const seats = seatsOf(hold);
    look.require(hold.scheduleId === schedule.scheduleId && hold.state === 'HELD', `${hold.state} of ${hold.scheduleId}`);
    const asked = wanted.seatIds ? same(seats, wanted.seatIds) : new Set(seats).size === wanted.bestAvailable.count;
    look.require(asked, `holds ${seats}, and ${JSON.stringify(wanted)} was asked for`, 'I5');
    look.require(instant(hold.endsAt) > instant(hold.serverTime), `ends at ${hold.endsAt}`, 'I6');
    look.require(hold.amount > 0, `costs ${hold.amount}`);
    return look.done();
}

// Payment has begun. I6 as for `holding`; I5: of the same seats.
export function paying(hold, answer) {
    const look = new Look('checkout');
    look.require(answer.body.state === 'PAYING', `is ${answer.body.state}`);
    look.require(same(seatsOf(answer.body), seatsOf(hold)), `of seats ${seatsOf(answer.body)}`, 'I5');
    look.require(instant(answer.body.endsAt) > instant(answer.body.serverTime), `ends at ${answer.body.endsAt}`, 'I6');
    return look.done();
}

// A sale. I5: of the seats that were held, at the price of that moment; one order is one sale, however often it is asked for.
export function selling(hold, answer, earlier) {
    const look = new Look('confirm');
    const sale = answer.body;
    look.require(sale.state === 'SOLD' && sale.holdId === hold.holdId, `${sale.state} of hold ${sale.holdId}`);
    look.require(same(seatsOf(sale), seatsOf(hold)), `sells ${seatsOf(sale)}, and ${seatsOf(hold)} were held`, 'I5');
    look.require(sale.amount === hold.amount, `costs ${sale.amount}, and ${hold.amount} was said`);
    look.require(!earlier || earlier.saleId === sale.saleId, 'one order became two sales', 'I5');
    return look.done();
}

// What was given back or taken back is.
export function becomes(state, answer) {
    const look = new Look(answer.name);
    look.require(answer.body.state === state, `is ${answer.body.state}, and should be ${state}`);
    return look.done();
}
