// Does each check see what it is there to see?
//
// Hands every function of checks.js an answer that is sound, which it has to pass, and the same one with a single thing wrong,
// which it has not. `k6 run k6/lib/checks.test.js` fails where a check would let something through. Needs no gateway.
import { check } from 'k6';
import { Rate } from 'k6/metrics';

import * as checks from './checks.js';

const seen = new Rate('seen');

export const options = { thresholds: { seen: ['rate==1'] }, iterations: 1 };

const answer = (body, { status = 200, headers = {}, name = 'test' } = {}) => ({
    name,
    status,
    body,
    response: { body: JSON.stringify(body) },
    header: (key) => ({ Date: 'Sun, 22 Nov 2026 12:00:00 GMT', ...headers })[key],
});

const waiting = { status: 'WAITING', roomId: 7, ageMs: 3, mode: 'open', number: 9, remainingQueueCount: 5, pollAfterMs: 900 };
const active = { status: 'ACTIVE', roomId: 7, ageMs: 3, mode: 'open', number: 9, sessionId: 's', expiresAt: '2026-11-22T12:09:00.123456Z' };
const schedule = { scheduleId: 71, seats: 3 };
const run = { concertId: 1, isTold: true, schedules: [schedule] };
const row = { concertId: 1, schedules: [{ scheduleId: 71, totalSeats: 3, availableSeats: 2 }] };
const seat = (seatId) => ({ seatId, status: 'AVAILABLE', seatPrice: 10 });
const shown = { ageMs: 250, concertId: 1, scheduleId: 71, totalSeats: 3, version: 'v', seats: [seat(1), seat(3)] };
const states = { ageMs: 0, concertId: 1, scheduleId: 71, totalSeats: 3, version: 'v', availableSeats: 2, states: 'AHA' };
const hold = { holdId: 'h', scheduleId: 71, state: 'HELD', seats: [{ seatId: 2 }, { seatId: 3 }], amount: 20, serverTime: '2026-11-22T12:00:00Z', endsAt: '2026-11-22T12:10:00Z' };
const paying = { ...hold, state: 'PAYING' };
const sale = { saleId: 'x', holdId: 'h', state: 'SOLD', seats: hold.seats, amount: 20 };
const wanted = { seatIds: [2, 3] };

// Each with who looks, what is sound, and what is not: parts that are laid over the sound one.
const TABLE = [
    ['token', (body, known = {}) => checks.placed({ ...known }, answer(body)), { ...waiting, token: 'a.b.c' }, [
        [{ token: undefined }], [{ status: 'AWAY' }], [{ pollAfterMs: 0 }], [{}, { number: 8 }],
    ]],
    ['waiting', (body, known = {}) => checks.standing({ ...known }, answer(body)), waiting, [
        [{ remainingQueueCount: -1 }], [{ remainingQueueCount: undefined }], [{ roomId: 0 }], [{}, { remaining: 4 }], [{}, { sessionId: 's' }],
    ]],
    ['active', (body, known = {}) => checks.standing({ ...known }, answer(body)), active, [
        [{ sessionId: undefined }], [{ expiresAt: undefined }], [{ expiresAt: '2026-11-22T11:59:59Z' }], [{}, { sessionId: 'other' }],
    ]],
    ['room', (body, known = {}) => checks.roomShown({ ...known }, answer(body)), { serving: 4, lastNumber: 9 }, [
        [{ serving: 10 }], [{ lastNumber: undefined }], [{}, { serving: 5 }],
    ]],
    ['schedules', (body) => checks.scheduled(run, answer(body)), row, [
        [{ concertId: 2 }], [{ schedules: undefined }], [{ schedules: [{ ...row.schedules[0], scheduleId: 72 }] }],
        [{ schedules: [{ ...row.schedules[0], availableSeats: 0 }] }], [{ schedules: [{ ...row.schedules[0], totalSeats: 4 }] }],
    ]],
    ['seats', (body) => checks.seatsShown(schedule, answer(body)), shown, [
        [{ totalSeats: 4 }], [{ ageMs: 251 }], [{ ageMs: undefined }], [{ version: '' }], [{ scheduleId: 72 }], [{ seats: undefined }],
        [{ seats: [seat(1), seat(1)] }], [{ seats: [seat(4)] }], [{ seats: [{ ...seat(1), status: 'HELD' }] }], [{ seats: [{ ...seat(1), seatPrice: 0 }] }],
    ]],
    ['head of seats', (body) => checks.seatsShown(schedule, answer(body), { whole: false }), shown, [
        [{ totalSeats: 4 }], [{ ageMs: 251 }], [{ version: undefined }],
    ]],
    ['states', (body) => checks.seatsShown(schedule, answer(body)), states, [
        [{ states: 'AH' }], [{ states: 'AXA' }], [{ availableSeats: 3 }], [{ ageMs: 300 }],
    ]],
    ['own seats', (body) => checks.ownShown(answer(body), [2]), states, [[{ states: 'AAA' }]]],
    ['hold', (body) => checks.holding(schedule, wanted, answer(body)), hold, [
        [{ seats: [{ seatId: 2 }] }], [{ seats: [{ seatId: 2 }, { seatId: 4 }] }], [{ endsAt: hold.serverTime }], [{ endsAt: undefined }],
        [{ state: 'ENDED' }], [{ scheduleId: 72 }], [{ amount: 0 }],
    ]],
    ['best available', (body) => checks.holding(schedule, { bestAvailable: { count: 2 } }, answer(body)), hold, [
        [{ seats: [{ seatId: 2 }] }], [{ seats: [{ seatId: 2 }, { seatId: 2 }] }],
    ]],
    ['checkout', (body) => checks.paying(hold, answer(body)), paying, [[{ state: 'HELD' }], [{ seats: [] }], [{ endsAt: '2026-11-22T11:00:00Z' }]]],
    ['confirm', (body, earlier) => checks.selling(hold, answer(body), earlier), sale, [
        [{ seats: [{ seatId: 2 }] }], [{ amount: 21 }], [{ holdId: 'g' }], [{ state: 'CANCELLED' }], [{}, { saleId: 'y' }],
    ]],
    ['release', (body) => checks.becomes('RELEASED', answer(body)), { state: 'RELEASED' }, [[{ state: 'HELD' }], [{ state: undefined }]]],
];

function tell(what, holds) {
    seen.add(check(holds, { [what]: (is) => is }));
}

export default function () {
    for (const [what, look, sound, wrongs] of TABLE) {
        tell(`${what}: sound`, look(sound) === true);
        for (const [wrong, known] of wrongs) {
            tell(`${what}: ${JSON.stringify(wrong)} ${JSON.stringify(known)}`, look({ ...sound, ...wrong }, known) === false);
        }
        tell(`${what}: nothing`, look({}) === false);
    }
    for (const [status, told, etag, holds] of [[304, 'W/"a"', 'W/"a"', true], [304, 'W/"b"', 'W/"a"', false], [304, 'W/"a"', '', false], [200, 'W/"a"', 'W/"a"', false]]) {
        const looked = checks.seatsShown(schedule, answer(shown, { status, headers: { Etag: told } }), { etag });
        tell(`seats: ${status} with ${told} to who has ${etag}`, looked === holds);
    }
}
